import CGStreamer
import GStreamerKit
import Imaging

/// The certainty of the flow between a frame and one reference, 0 or 1 per pixel, as `occlusioncheck` attaches it. It
/// belongs to the flow meta with the same distance.
///
/// The Swift view of `PentimentoCertaintyMeta`; its C header describes the layout for other languages.
public struct CertaintyMeta: Sendable {
    /// Frames back to the reference, 1 for the previous frame.
    public var distance: Int
    /// c of the backward flow: 0 where this frame's pixel is not visible in the reference.
    public var backward: Plane<Float>
    /// c of the forward flow: 0 where the reference's pixel is not visible in this frame; nil if it was not asked for.
    public var forward: Plane<Float>?
    /// c_long of paper equation 12: c without the pixels that a nearer reference covers; nil with one reference.
    public var longTerm: Plane<Float>?

    /// - Precondition: all planes have the same size.
    public init(distance: Int, backward: Plane<Float>, forward: Plane<Float>?, longTerm: Plane<Float>? = nil) {
        self.distance = distance
        self.backward = backward
        self.forward = forward
        self.longTerm = longTerm
    }

    private static let type: MetaType<PentimentoCertaintyMeta> = MetaType(
        apiName: PENTIMENTO_CERTAINTY_META_API,
        free: { meta, _ in
            MetaType<PentimentoCertaintyMeta>.release(meta, payloads: \.backward, \.forward, \.long_term)
        },
        transform: { target, meta, _, kind, data in
            type.copy(meta, to: target, kind, data, payloads: \.backward, \.forward, \.long_term) == nil ? 0 : 1
        })

    /// Attaches the meta to a writable buffer.
    public func attach(to buffer: UnsafeMutablePointer<GstBuffer>) {
        guard let meta = Self.type.attach(to: buffer) else { return }
        meta.pointee.distance = guint(clamping: distance)
        meta.pointee.width = guint(clamping: backward.width)
        meta.pointee.height = guint(clamping: backward.height)
        meta.pointee.backward = FloatPayload.make([backward.values])
        if let forward { meta.pointee.forward = FloatPayload.make([forward.values]) }
        if let longTerm { meta.pointee.long_term = FloatPayload.make([longTerm.values]) }
    }

    /// A buffer's certainties, one per reference distance.
    ///
    /// - Parameter warn: called for invalid metas, which are left out.
    public static func all(
        of buffer: UnsafeMutablePointer<GstBuffer>, warn: MetaWarning = { _, _ in }
    ) -> [CertaintyMeta] {
        type.all(of: buffer).compactMap { CertaintyMeta($0.pointee, warn) }
    }

    /// The certainty of the flow to the frame `distance` frames earlier; nil if there is none.
    ///
    /// - Parameter warn: called for invalid metas of that distance, which are ignored.
    public static func find(
        in buffer: UnsafeMutablePointer<GstBuffer>, distance: Int = 1, warn: MetaWarning = { _, _ in }
    ) -> CertaintyMeta? {
        for meta in type.all(of: buffer) where meta.pointee.distance == distance {
            if let found = CertaintyMeta(meta.pointee, warn) { return found }
        }
        return nil
    }

    /// Removes all certainty metas from a writable buffer.
    public static func removeAll(from buffer: UnsafeMutablePointer<GstBuffer>) { type.removeAll(from: buffer) }

    private init?(_ meta: PentimentoCertaintyMeta, _ warn: MetaWarning) {
        guard MetaLimits.distances.contains(meta.distance) else {
            warn("a certainty", "its distance is \(meta.distance) frames")
            return nil
        }
        let forward = Plane(certainty: meta.forward, meta.width, meta.height)
        let longTerm = Plane(certainty: meta.long_term, meta.width, meta.height)
        guard let backward = Plane(certainty: meta.backward, meta.width, meta.height),
            meta.forward == nil || forward != nil, meta.long_term == nil || longTerm != nil
        else {
            warn("a certainty", "it has no payloads of \(meta.width)x\(meta.height) values from 0 to 1")
            return nil
        }
        self.init(distance: Int(meta.distance), backward: backward, forward: forward, longTerm: longTerm)
    }
}

extension Plane where Value == Float {
    /// A plane of certainties from a meta's payload; nil if there is none, its size differs or a value is not in 0...1.
    init?(certainty payload: UnsafeMutablePointer<GstBuffer>?, _ width: guint, _ height: guint) {
        guard let count = MetaLimits.pixelCount(width, height),
            let planes = FloatPayload.read(payload, count: 1, length: count),
            planes[0].allSatisfy({ $0 >= 0 && $0 <= 1 })
        else { return nil }
        self.init(width: Int(width), height: Int(height), values: planes[0])
    }
}
