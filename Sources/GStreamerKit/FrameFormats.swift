import CGStreamer
import Imaging

/// Pixel formats that an element takes.
public struct FrameFormats: Sendable, Equatable {
    /// Names of GStreamer's formats.
    public let names: [String]

    /// The packed RGB family.
    public static let packed = FrameFormats(names: PixelLayout.all.map(\.name))
    /// Luma and chroma, as cameras, decoders and encoders have them, and the packed RGB family.
    ///
    /// The first one is chosen where both neighbours take any.
    public static let all = FrameFormats(
        names: [
            "I420", "NV12", "YV12", "NV21", "YUY2", "UYVY", "YVYU", "Y42B", "Y444", "I420_10LE", "P010_10LE",
            "I422_10LE", "Y444_10LE",
        ] + packed.names)

    /// Caps of the formats at any size; the caller owns them.
    public func makeCaps() -> UnsafeMutablePointer<GstCaps>? {
        gst_caps_from_string(
            """
            video/x-raw, format=(string){ \(names.joined(separator: ", ")) }, width=(int)[ 1, max ], \
            height=(int)[ 1, max ], framerate=(fraction)[ 0/1, max ]
            """)
    }
}
