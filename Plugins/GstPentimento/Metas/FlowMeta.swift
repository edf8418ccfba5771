import CGStreamer
import Flow
import GStreamerKit

/// Optical flow between a frame and an earlier one, as attached by `opticalflow`.
///
/// The Swift view of `PentimentoFlowMeta`; its C header describes the layout for other languages.
public struct FlowMeta: Sendable {
    /// Frames back to the reference, 1 for the previous frame.
    public var distance: Int
    /// Number of the frame in its stream, from 0. A step larger than 1 shows that frames were dropped.
    public var frame: UInt64
    /// Both directions, covering the whole frame at a resolution of their own; nil at a discontinuity.
    public var flow: FlowPair?

    /// Whether no flow connects the frame with earlier ones: the first frame, a scene cut, a seek or a gap.
    public var isDiscontinuity: Bool { flow == nil }

    /// - Parameter flow: nil for a discontinuity.
    public init(distance: Int, frame: UInt64, flow: FlowPair?) {
        self.distance = distance
        self.frame = frame
        self.flow = flow
    }

    private static let type: MetaType<PentimentoFlowMeta> = MetaType(
        apiName: PENTIMENTO_FLOW_META_API,
        free: { meta, _ in MetaType<PentimentoFlowMeta>.release(meta, payloads: \.backward, \.forward) },
        transform: { target, meta, _, kind, data in
            type.copy(meta, to: target, kind, data, payloads: \.backward, \.forward) == nil ? 0 : 1
        })

    /// Attaches the meta to a writable buffer.
    public func attach(to buffer: UnsafeMutablePointer<GstBuffer>) {
        guard let meta = Self.type.attach(to: buffer) else { return }
        meta.pointee.distance = guint(clamping: distance)
        meta.pointee.frame = guint64(frame)
        meta.pointee.discontinuity = isDiscontinuity ? 1 : 0
        guard let flow else { return }
        meta.pointee.width = guint(clamping: flow.backward.width)
        meta.pointee.height = guint(clamping: flow.backward.height)
        meta.pointee.backward = FloatPayload.make([flow.backward.u, flow.backward.v])
        meta.pointee.forward = FloatPayload.make([flow.forward.u, flow.forward.v])
    }

    /// A buffer's flows, one per reference distance.
    ///
    /// - Parameter warn: called for invalid metas, which are left out.
    public static func all(
        of buffer: UnsafeMutablePointer<GstBuffer>, warn: MetaWarning = { _, _ in }
    ) -> [FlowMeta] {
        type.all(of: buffer).compactMap { FlowMeta($0.pointee, warn) }
    }

    /// The flow to the frame `distance` frames earlier; nil if there is none.
    ///
    /// - Parameter warn: called for invalid metas of that distance, which are ignored.
    public static func find(
        in buffer: UnsafeMutablePointer<GstBuffer>, distance: Int = 1, warn: MetaWarning = { _, _ in }
    ) -> FlowMeta? {
        for meta in type.all(of: buffer) where meta.pointee.distance == distance {
            if let found = FlowMeta(meta.pointee, warn) { return found }
        }
        return nil
    }

    /// Removes all flow metas from a writable buffer.
    public static func removeAll(from buffer: UnsafeMutablePointer<GstBuffer>) { type.removeAll(from: buffer) }

    private init?(_ meta: PentimentoFlowMeta, _ warn: MetaWarning) {
        distance = Int(meta.distance)
        frame = UInt64(meta.frame)
        guard MetaLimits.distances.contains(meta.distance) else {
            warn("optical flow", "its distance is \(meta.distance) frames")
            return nil
        }
        if meta.discontinuity != 0 { return }
        guard let backward = FlowField(meta.backward, meta), let forward = FlowField(meta.forward, meta) else {
            warn("optical flow", "it has no two payloads of \(meta.width)x\(meta.height) vectors")
            return nil
        }
        flow = FlowPair(backward: backward, forward: forward)
    }
}

extension FlowField {
    fileprivate init?(_ payload: UnsafeMutablePointer<GstBuffer>?, _ meta: PentimentoFlowMeta) {
        guard let count = MetaLimits.pixelCount(meta.width, meta.height),
            let planes = FloatPayload.read(payload, count: 2, length: count)
        else { return nil }
        self.init(width: Int(meta.width), height: Int(meta.height), u: planes[0], v: planes[1])
    }
}
