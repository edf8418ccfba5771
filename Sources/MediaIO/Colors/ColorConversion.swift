import CGStreamer
import GStreamerKit
import Imaging

/// Converts frames between RGB and luma and chroma of 8 or 10 bits, rounded to the nearest value. `videoconvert` 1.22 is up to
/// five levels darker where both have 8 bits.
///
/// Matrix and range are those of the caps. Transfer and primaries stay as they are; those of RGB without them are sRGB's.
final class ColorConversion: ReformattingElement, @unchecked Sendable {
    fileprivate static let name = "pentimentocolors"

    override class var description: ElementDescription { elementDescription }
    private static let elementDescription = ElementDescription(
        name: name, typeName: "PentimentoColors", longName: "Color conversion",
        classification: "Filter/Converter/Video", about: "Converts frames between RGB and luma and chroma",
        author: "Pentimento", formats: .all, properties: [])

    /// Makes the element known to this process; no other one sees it.
    static let isRegistered = register(plugin: nil)

    override func colorimetry(from input: VideoFormat, to name: String) -> String? {
        var colors = input.colorimetry
        let isRGB = FrameFormats.packed.names.contains(name)
        if isRGB {
            colors.matrix = GST_VIDEO_COLOR_MATRIX_RGB
            colors.range = GST_VIDEO_COLOR_RANGE_0_255
        } else if input.layout != nil {
            if colors.primaries == GST_VIDEO_COLOR_PRIMARIES_UNKNOWN {
                colors.primaries = GST_VIDEO_COLOR_PRIMARIES_BT709
            }
            if colors.transfer == GST_VIDEO_TRANSFER_UNKNOWN { colors.transfer = GST_VIDEO_TRANSFER_SRGB }
            colors.matrix =
                switch colors.primaries {
                case GST_VIDEO_COLOR_PRIMARIES_BT2020: GST_VIDEO_COLOR_MATRIX_BT2020
                default: input.height > 576 ? GST_VIDEO_COLOR_MATRIX_BT709 : GST_VIDEO_COLOR_MATRIX_BT601
                }
            colors.range = GST_VIDEO_COLOR_RANGE_16_235
        }
        guard let text = gst_video_colorimetry_to_string(&colors) else { return nil }
        defer { g_free(text) }
        return String(cString: text)
    }

    override func convert(
        _ input: UnsafeMutablePointer<GstBuffer>, _ inputFormat: VideoFormat,
        to output: UnsafeMutablePointer<GstBuffer>, _ outputFormat: VideoFormat
    ) throws {
        // Painting mixes with the old values, whose rounding would depend on what the memory held.
        gst_buffer_memset(output, 0, 0, gst_buffer_get_size(output))
        try inputFormat.withFrame(of: input, writing: false) { frame in
            let image = frame.networkImage()
            try outputFormat.withFrame(of: output, writing: true) {
                $0.store(image)
                $0.packed?.storeAlpha(of: frame.packed)
            }
        }
    }
}

extension Pipeline {
    /// Elements that convert frames of any format to one that the elements behind them take.
    package static var colorConversion: String { "videoconvert ! \(ColorConversion.name)" }
}
