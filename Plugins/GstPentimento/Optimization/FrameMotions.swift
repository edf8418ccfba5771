import CGStreamer
import Flow
import GStreamerKit
import Imaging
import Style

/// The flows and certainties in a frame's metas.
struct FrameMotions {
    /// Flows with their certainties, nearest reference first; empty at a discontinuity. Flows without certainty are
    /// left out.
    private let motions: [(flow: FlowPair, certainty: CertaintyMeta)]
    /// The frame's number as counted by `opticalflow`; nil without flow metas.
    let number: UInt64?
    /// Whether `opticalflow` marked the frame as a discontinuity.
    let beginsScene: Bool

    init(_ buffer: UnsafeMutablePointer<GstBuffer>, warn: MetaWarning) {
        let flows = FlowMeta.all(of: buffer, warn: warn)
        let certainties = CertaintyMeta.all(of: buffer, warn: warn)
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

    /// The elements that are missing upstream; nil if none is.
    var missing: String? {
        if number == nil { return "opticalflow ! occlusioncheck" }
        return motions.isEmpty && !beginsScene ? "occlusioncheck" : nil
    }

    /// References to earlier frames, nearest first.
    var references: [Reference] {
        motions.map {
            Reference(
                distance: $0.certainty.distance, flow: $0.flow.backward, certainty: $0.certainty.backward,
                longTermCertainty: $0.certainty.longTerm)
        }
    }

    /// The motion between the frame and the one before, in both directions; nil if unknown.
    var toPrevious: MotionToPrevious? {
        motions.first { $0.certainty.distance == 1 }.flatMap {
            MotionToPrevious(flow: $0.flow, certainty: $0.certainty)
        }
    }
}

/// Flow and certainty between a frame and the one before, in both directions.
struct MotionToPrevious {
    let flow: FlowPair
    let certainty: CertaintyMeta
    /// Of the forward flow.
    let forwardCertainty: Plane<Float>

    /// The planes, all of the flow's size: u and v of the backward and of the forward flow, and the certainty of both.
    var planes: [[Float]] {
        [
            flow.backward.u, flow.backward.v, flow.forward.u, flow.forward.v, certainty.backward.values,
            forwardCertainty.values,
        ]
    }

    static let planeCount = 6

    /// Nil if the forward flow was not checked.
    init?(flow: FlowPair, certainty: CertaintyMeta) {
        guard let forward = certainty.forward else { return nil }
        self.flow = flow
        self.certainty = certainty
        forwardCertainty = forward
    }

    /// - Precondition: `planes` are in the order of ``planes``.
    init?(planes: [[Float]], width: Int, height: Int) {
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
    /// The bytes of the reference's content, for hashing.
    var bytes: [UInt8] {
        ([[Float(distance), Float(flow.width)], flow.u, flow.v, certainty.values, longTermCertainty.values]).bytes
    }
}

extension [[Float]] {
    /// The bytes of all values, concatenated.
    var bytes: [UInt8] {
        reduce(into: []) { bytes, values in values.withUnsafeBytes { bytes.append(contentsOf: $0) } }
    }
}
