import CGStreamer
import GStreamerKit
import Imaging

#if canImport(Glibc)
    import Glibc
#endif

/// A frame of an image that moves by (1.5, 0.75) pixels per frame, in any packed format.
struct TestFrame {
    let width: Int
    let height: Int
    let layout: PixelLayout
    /// Index in the stream, at 25 frames per second.
    let index: Int
    /// Stride in bytes; nil for GStreamer's default.
    var stride: Int?
    /// Number of the scene; each scene is an unrelated image.
    var scene = 0
    /// Index that determines the timestamp, if it differs from `index`.
    var timeIndex: Int?

    static let duration: GstClockTime = 40_000_000

    static func sequence(
        _ count: Int, width: Int = 64, height: Int = 48, layout: PixelLayout = .rgb, stride: Int? = nil
    ) -> [TestFrame] {
        (0..<count).map { TestFrame(width: width, height: height, layout: layout, index: $0, stride: stride) }
    }

    var caps: String {
        "video/x-raw, format=(string)\(layout.name), width=(int)\(width), height=(int)\(height), framerate=(fraction)25/1"
    }

    /// Bytes per row and stride.
    private var rowBytes: Int { width * layout.bytesPerPixel }
    private var rowStride: Int { stride ?? (rowBytes + 3) / 4 * 4 }

    /// The pixels with their stride; alpha and padding bytes have distinct values.
    func makeBytes() -> [UInt8] {
        var bytes = [UInt8](repeating: 0xA5, count: rowStride * height)
        let time = Float(index)
        for y in 0..<height {
            for x in 0..<width {
                let (u, v) = (Float(x) - 1.5 * time, Float(y) - 0.75 * time)
                let pixel = y * rowStride + x * layout.bytesPerPixel
                for byte in 0..<layout.bytesPerPixel {
                    bytes[pixel + byte] = UInt8(truncatingIfNeeded: 7 * x + 3 * y + byte)
                }
                if scene > 0 {
                    // Blocks of random brightness, uncorrelated with the waves.
                    let block = UInt32(truncatingIfNeeded: (x / 3) * 7919 + (y / 3) * 104_729 + scene * 31)
                    let value = UInt8(truncatingIfNeeded: (block &* 2_654_435_761) >> 24)
                    for offset in [layout.red, layout.green, layout.blue] { bytes[pixel + offset] = value }
                    continue
                }
                let tone =
                    sin(u * 0.31) + sin(v * 0.27) + 0.7 * sin((u + v) * 0.13) + 0.6
                    * sin((u - 2 * v) * 0.17)
                bytes[pixel + layout.red] = UInt8(128 + 36 * tone)
                bytes[pixel + layout.green] = UInt8(128 - 30 * tone)
                bytes[pixel + layout.blue] = UInt8(128 + 20 * sin(u * 0.4 + v * 0.2))
            }
        }
        return bytes
    }

    /// A buffer with the pixels and timestamp; the caller owns it.
    func makeBuffer() -> UnsafeMutablePointer<GstBuffer>? {
        let bytes = makeBytes()
        guard let buffer = gst_buffer_new_allocate(nil, gsize(bytes.count), nil) else { return nil }
        gst_buffer_fill(buffer, 0, bytes, gsize(bytes.count))
        buffer.pointee.pts = GstClockTime(timeIndex ?? index) * Self.duration
        buffer.pointee.duration = Self.duration
        if stride != nil {
            var offsets: [gsize] = [0, 0, 0, 0]
            var strides: [gint] = [gint(rowStride), 0, 0, 0]
            gst_buffer_add_video_meta_full(
                buffer, GST_VIDEO_FRAME_FLAG_NONE, .named(layout.name), guint(width),
                guint(height), 1, &offsets, &strides)
        }
        return buffer
    }
}
