import CGStreamer
import GStreamerKit
import Imaging

/// Where a frame is painted, and how strongly: 0 (the frame's pixels stay) to 255, as `maskcombine` attaches it. Any element
/// or application may attach one.
///
/// The Swift view of `PentimentoMaskMeta`; its C header describes the layout for other languages.
package enum MaskMeta {
    private static let type: MetaType<PentimentoMaskMeta> = MetaType(
        apiName: PENTIMENTO_MASK_META_API,
        free: { meta, _ in MetaType<PentimentoMaskMeta>.release(meta, payloads: \.mask) },
        transform: { target, meta, _, kind, data in
            type.copy(meta, to: target, kind, data, payloads: \.mask) == nil ? 0 : 1
        })

    /// A payload of `width * height` bytes, row by row; the caller owns it.
    package static func payload(_ mask: Plane<UInt8>) -> UnsafeMutablePointer<GstBuffer>? {
        mask.values.withUnsafeBytes { gst_buffer_new_memdup($0.baseAddress, gsize($0.count)) }
    }

    /// Attaches a mask to a writable buffer, in place of those that it has.
    ///
    /// - Parameter payload: `width * height` bytes; many frames may share it.
    package static func attach(
        _ payload: UnsafeMutablePointer<GstBuffer>?, width: Int, height: Int,
        to buffer: UnsafeMutablePointer<GstBuffer>
    ) {
        type.removeAll(from: buffer)
        guard let payload, let meta = type.attach(to: buffer) else { return }
        meta.pointee.width = guint(clamping: width)
        meta.pointee.height = guint(clamping: height)
        meta.pointee.mask = retained(payload)
    }

    /// A buffer's mask; nil if it has none.
    ///
    /// - Parameter warn: called for invalid metas, which are ignored.
    package static func find(
        in buffer: UnsafeMutablePointer<GstBuffer>, warn: MetaWarning = { _, _ in }
    ) -> Plane<UInt8>? {
        guard let meta = type.all(of: buffer).first?.pointee else { return nil }
        guard let count = MetaLimits.pixelCount(meta.width, meta.height), let payload = meta.mask,
            gst_buffer_get_size(payload) == gsize(count)
        else {
            warn("a mask", "it has no payload of \(meta.width)x\(meta.height) bytes")
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: count)
        guard gst_buffer_extract(payload, 0, &bytes, gsize(count)) == gsize(count) else { return nil }
        return Plane(width: Int(meta.width), height: Int(meta.height), values: bytes)
    }
}
