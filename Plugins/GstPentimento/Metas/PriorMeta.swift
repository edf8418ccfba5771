import CGStreamer
import GStreamerKit
import Imaging
import Style

/// Held by a frame's prior until it reaches the stylizer. When the last reference is released without an answer, the
/// frame is lost, whichever element dropped it.
public final class FeedbackToken: Sendable {
    private let whenGone: @Sendable () -> Void

    /// - Parameter whenGone: called on any thread, possibly more than once.
    init(whenGone: @escaping @Sendable () -> Void) { self.whenGone = whenGone }

    deinit { whenGone() }

    /// Reports that no answer will come, even if references to the token remain.
    func end() { whenGone() }

    /// A buffer that holds a reference to the token; the caller owns the buffer.
    func carrier() -> UnsafeMutablePointer<GstBuffer>? { makeCarrier(of: self) }
}

/// The prior of a frame: the previous stylized frame warped to it, as attached by `flowwarp`.
///
/// The Swift view of `PentimentoPriorMeta`; its C header describes the layout for other languages.
public struct PriorMeta: Sendable {
    /// The frame's number as counted by `flowwarp`; the stylizer's answer refers to it.
    public var frame: UInt64
    /// Id of the stylizer that the prior is for; 0 for none.
    public var owner: UInt64
    /// Nil for an empty prior.
    public var content: Prior?
    var token: FeedbackToken?

    private static let type: MetaType<PentimentoPriorMeta> = MetaType(
        apiName: PENTIMENTO_PRIOR_META_API,
        free: { meta, _ in
            MetaType<PentimentoPriorMeta>.release(meta, payloads: \.image, \.certainty)
            let token = MetaType<PentimentoPriorMeta>.content(of: meta)?.pointee.token
            if let token { Unmanaged<FeedbackToken>.fromOpaque(token).release() }
        },
        transform: { target, meta, _, kind, data in
            guard let copy = type.copy(meta, to: target, kind, data, payloads: \.image, \.certainty) else { return 0 }
            if let token = copy.pointee.token { _ = Unmanaged<FeedbackToken>.fromOpaque(token).retain() }
            return 1
        })

    /// Attaches the meta to a writable buffer.
    func attach(to buffer: UnsafeMutablePointer<GstBuffer>) {
        guard let meta = Self.type.attach(to: buffer) else { return }
        meta.pointee.frame = guint64(frame)
        meta.pointee.owner = guint64(owner)
        meta.pointee.token = token.map { Unmanaged.passRetained($0).toOpaque() }
        guard let content else { return }
        meta.pointee.width = guint(clamping: content.image.width)
        meta.pointee.height = guint(clamping: content.image.height)
        meta.pointee.image = FloatPayload.make([content.image.samples])
        meta.pointee.certainty = FloatPayload.make([content.certainty.values])
    }

    /// A buffer's prior, the last one if there are several; nil if there is none.
    ///
    /// - Parameter warn: called for invalid content; the prior is then empty.
    public static func find(
        in buffer: UnsafeMutablePointer<GstBuffer>, warn: MetaWarning = { _, _ in }
    ) -> PriorMeta? {
        type.all(of: buffer).last.map { PriorMeta($0.pointee, warn) }
    }

    /// Removes all prior metas from a writable buffer.
    public static func removeAll(from buffer: UnsafeMutablePointer<GstBuffer>) { type.removeAll(from: buffer) }

    init(frame: UInt64, owner: UInt64, content: Prior?, token: FeedbackToken?) {
        self.frame = frame
        self.owner = owner
        self.content = content
        self.token = token
    }

    private init(_ meta: PentimentoPriorMeta, _ warn: MetaWarning) {
        frame = UInt64(meta.frame)
        owner = UInt64(meta.owner)
        if let image = Image(meta.image, width: Int(meta.width), height: Int(meta.height)),
            let certainty = Plane(certainty: meta.certainty, meta.width, meta.height)
        {
            content = Prior(image: image, certainty: certainty)
        } else if meta.image != nil || meta.certainty != nil || meta.width != 0 || meta.height != 0 {
            warn(
                "a prior", "it has no picture of \(meta.width)x\(meta.height) pixels, or no certainty of it from 0 to 1"
            )
        }
        token = meta.token.map { Unmanaged<FeedbackToken>.fromOpaque($0).takeUnretainedValue() }
    }
}

extension Image {
    /// A three-channel image from a payload; nil if there is none or its size differs.
    init?(_ payload: UnsafeMutablePointer<GstBuffer>?, width: Int, height: Int) {
        guard let count = MetaLimits.pixelCount(guint(clamping: width), guint(clamping: height)),
            let samples = FloatPayload.read(payload, count: 1, length: 3 * count)
        else { return nil }
        self.init(width: width, height: height, samples: samples[0])
    }
}
