import CGStreamer
import GStreamerKit
import Imaging
import MediaIO

/// A frame on its way from one pipeline to others. Its pixels are not changed as long as others may see it.
final class LiveFrame: @unchecked Sendable {
    private let buffer: UnsafeMutablePointer<GstBuffer>
    /// What it is, as text.
    let caps: String
    /// When it came from the input, by the monotonic clock.
    let time: GstClockTime

    private init(taking buffer: UnsafeMutablePointer<GstBuffer>, caps: String, time: GstClockTime) {
        (self.buffer, self.caps, self.time) = (buffer, caps, time)
    }

    deinit { gst_buffer_unref(buffer) }

    /// Nil if the sample is without a frame.
    ///
    /// - Parameter time: given the buffer's running time.
    convenience init?(_ sample: OpaquePointer, time: (GstClockTime) -> GstClockTime) {
        guard let buffer = gst_sample_get_buffer(sample), let caps = gst_sample_get_caps(sample),
            let text = gst_caps_to_string(caps)
        else { return nil }
        defer { g_free(text) }
        self.init(taking: gst_buffer_ref(buffer), caps: String(cString: text), time: time(buffer.pointee.pts))
    }

    /// The same frame at another time.
    func shown(at time: GstClockTime) -> LiveFrame {
        LiveFrame(taking: gst_buffer_ref(buffer), caps: caps, time: time)
    }

    /// Its buffer for a pipeline; a copy that shares the pixels if others have the frame.
    ///
    /// - Parameter runningTime: in that pipeline.
    static func buffer(of frame: consuming LiveFrame, at runningTime: GstClockTime) -> UnsafeMutablePointer<GstBuffer>?
    {
        // Cameras have few buffers, which they get back only if nobody has a copy.
        var frame = consume frame
        let isAlone = isKnownUniquelyReferenced(&frame)
        guard let buffer = isAlone ? gst_buffer_ref(frame.buffer) : frame.copied() else { return nil }
        _ = consume frame
        let object = UnsafeMutableRawPointer(buffer).assumingMemoryBound(to: GstMiniObject.self)
        guard let writable = gst_mini_object_make_writable(object) else { return nil }
        let result = UnsafeMutableRawPointer(writable).assumingMemoryBound(to: GstBuffer.self)
        result.pointee.pts = runningTime
        result.pointee.dts = GstClockTime.max
        return result
    }

    private func copied() -> UnsafeMutablePointer<GstBuffer>? {
        gst_buffer_copy(buffer)
    }

    /// Size, pixel format and frame rate; nil if the format is none that is painted.
    var format: VideoFormat? {
        guard let caps = gst_caps_from_string(caps) else { return nil }
        defer { gst_caps_unref(caps) }
        return VideoFormat(caps)
    }

    /// Maps the pixels for reading while `body` runs.
    ///
    /// - Throws: if they cannot be mapped, and errors of `body`.
    func withPixels<Result>(_ body: (FramePixels) throws -> Result) throws -> Result {
        guard let format else { throw MediaError("a frame cannot be read: it is \(caps)") }
        return try format.withFrame(of: buffer, writing: false, body)
    }
}
