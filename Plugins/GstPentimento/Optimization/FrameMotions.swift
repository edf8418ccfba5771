import CGStreamer
import Flow
import GStreamerKit
import Imaging
import Style

/// What the metas of a frame say about where it was in earlier ones.
struct FrameMotions {
    /// The flows that there are certainties for, the closest first; none for a frame that nothing leads to.
    private let motions: [(flow: FlowPair, certainty: CertaintyMeta)]
    /// The frame's number in `opticalflow`'s count; nil without one.
    let number: UInt64?
    /// Whether `opticalflow` says that nothing leads to the frame.
    let beginsScene: Bool

    init(_ buffer: UnsafeMutablePointer<GstBuffer>, complain: MetaComplaint) {
        let flows = FlowMeta.all(of: buffer, complain: complain)
        let certainties = CertaintyMeta.all(of: buffer, complain: complain)
        number = flows.first?.frame
        beginsScene = flows.contains(where: \.isDiscontinuity)
        motions = flows.sorted { $0.distance < $1.distance }.compactMap { meta in
            guard let flow = meta.flow, meta.distance >= 1,
                let certainty = certainties.first(where: { $0.distance == meta.distance }),
                certainty.backward.width == flow.backward.width, certainty.backward.height == flow.backward.height
            else { return nil }
            return (flow, certainty)
        }
    }

    /// Which elements upstream are missing; nil where none is.
    var missing: String? {
        if number == nil { return "opticalflow ! occlusioncheck" }
        return motions.isEmpty && !beginsScene ? "occlusioncheck" : nil
    }

    /// To earlier frames, the closest first.
    var references: [Reference] {
        motions.map {
            Reference(
                distance: $0.certainty.distance, flow: $0.flow.backward, certainty: $0.certainty.backward,
                longTermCertainty: $0.certainty.longTerm)
        }
    }

    /// Both ways between the frame and the one before it; nil where they are not known.
    var toPrevious: MotionToPrevious? {
        motions.first { $0.certainty.distance == 1 }.map { MotionToPrevious(flow: $0.flow, certainty: $0.certainty) }
    }
}

/// Flow between a frame and the one before it, and how far it can be trusted, both ways.
struct MotionToPrevious {
    let flow: FlowPair
    let certainty: CertaintyMeta

    /// The planes one after the other, all of the flow's size: backward flow, forward flow, certainty of both.
    var planes: [[Float]] {
        [
            flow.backward.u, flow.backward.v, flow.forward.u, flow.forward.v, certainty.backward.values,
            certainty.forward.values,
        ]
    }

    static let planeCount = 6

    init(flow: FlowPair, certainty: CertaintyMeta) {
        self.flow = flow
        self.certainty = certainty
    }

    /// - Precondition: `planes` are as ``planes`` gives them.
    init(planes: [[Float]], width: Int, height: Int) {
        func field(_ first: Int) -> FlowField {
            FlowField(width: width, height: height, u: planes[first], v: planes[first + 1])
        }
        func plane(_ index: Int) -> Plane<Float> { Plane(width: width, height: height, values: planes[index]) }
        self.init(
            flow: FlowPair(backward: field(0), forward: field(2)),
            certainty: CertaintyMeta(distance: 1, backward: plane(4), forward: plane(5)))
    }
}

extension Reference {
    /// The bytes that tell one reference from another.
    var bytes: [UInt8] {
        ([[Float(distance), Float(flow.width)], flow.u, flow.v, certainty.values, longTermCertainty.values]).bytes
    }
}

extension [[Float]] {
    /// The bytes of all values, one after the other.
    var bytes: [UInt8] {
        reduce(into: []) { bytes, values in values.withUnsafeBytes { bytes.append(contentsOf: $0) } }
    }
}
