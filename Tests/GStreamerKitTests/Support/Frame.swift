import CGStreamer
import GStreamerKit
import Imaging

/// A frame's buffer, released with this object.
final class Frame {
    let buffer: UnsafeMutablePointer<GstBuffer>

    init(taking buffer: UnsafeMutablePointer<GstBuffer>) { self.buffer = buffer }
    deinit { gst_mini_object_unref(miniObject(buffer)) }

    /// All bytes, padding included.
    var bytes: [UInt8] {
        let size = gst_buffer_get_size(buffer)
        return [UInt8](unsafeUninitializedCapacity: Int(size)) { bytes, count in
            count = Int(gst_buffer_extract(buffer, 0, bytes.baseAddress, size))
        }
    }

    /// A new reference, for a function that takes ownership.
    var retained: UnsafeMutablePointer<GstBuffer> {
        gst_mini_object_ref(miniObject(buffer))
        return buffer
    }

    static func caps(_ width: Int, _ height: Int, _ layout: PixelLayout = .rgb) -> String {
        "video/x-raw, format=(string)\(layout.name), width=(int)\(width), height=(int)\(height), framerate=25/1"
    }

    static func format(_ width: Int, _ height: Int, _ layout: PixelLayout = .rgb) -> VideoFormat? {
        guard TestElements.areRegistered, let caps = gst_caps_from_string(caps(width, height, layout)) else {
            return nil
        }
        defer { gst_mini_object_unref(miniObject(caps)) }
        return VideoFormat(caps)
    }

    /// A buffer of the bytes; the caller owns it.
    static func make(_ bytes: [UInt8], index: Int = 0) -> UnsafeMutablePointer<GstBuffer>? {
        guard TestElements.areRegistered, let buffer = gst_buffer_new_memdup(bytes, gsize(bytes.count)) else {
            return nil
        }
        buffer.pointee.pts = GstClockTime(index) * 40_000_000
        buffer.pointee.duration = 40_000_000
        return buffer
    }

    /// A frame with GStreamer's default stride for `width` RGB pixels; the caller owns it.
    static func make(_ width: Int, _ height: Int, index: Int = 0) -> UnsafeMutablePointer<GstBuffer>? {
        make(pattern((3 * width + 3) / 4 * 4 * height), index: index)
    }

    /// Bytes of which neighbours differ.
    static func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 / 251) } }

    /// Adds a GstVideoMeta of one plane.
    static func describe(
        _ buffer: UnsafeMutablePointer<GstBuffer>, _ width: Int, _ height: Int, _ layout: PixelLayout, stride: Int,
        offset: Int = 0
    ) {
        var (offsets, strides): ([gsize], [gint]) = ([gsize(offset), 0, 0, 0], [gint(stride), 0, 0, 0])
        gst_buffer_add_video_meta_full(
            buffer, GST_VIDEO_FRAME_FLAG_NONE, .named(layout.name), guint(width), guint(height), 1, &offsets, &strides)
    }
}
