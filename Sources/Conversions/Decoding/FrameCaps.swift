import CAVFormat
import CGStreamer

/// The caps of decoded frames.
struct FrameCaps {
    let text: String

    init(_ picture: VideoDecoder.Picture, of input: InputContainer, isInterlaced: Bool) {
        let frame = picture.frame.pointee
        var fields = [
            "video/x-raw", "format=\(picture.format.name)", "width=\(frame.width)", "height=\(frame.height)",
            "interlace-mode=\(isInterlaced ? "mixed" : "progressive")",
        ]
        let aspect = input.pixelAspectRatio(of: picture.frame)
        fields.append("pixel-aspect-ratio=\(aspect.num)/\(aspect.den)")
        let rate = input.frameRate
        fields.append("framerate=\(rate.num > 0 && rate.den > 0 ? "\(rate.num)/\(rate.den)" : "0/1")")
        if let colors = Self.colorimetry(frame, picture.format) { fields.append("colorimetry=\(colors)") }
        if let site = Self.chromaSite(frame, picture.format) { fields.append("chroma-site=\(site)") }
        text = fields.joined(separator: ",")
    }

    /// Nil for RGB that says nothing. Caps of YUV without colorimetry would get one at some elements and not at others,
    /// and a conversion between the two.
    private static func colorimetry(_ frame: AVFrame, _ format: FramePixelFormat) -> String? {
        let isRGB = format.isRGB
        let isFull = format.isFullRange || frame.color_range == AVCOL_RANGE_JPEG
        if isUntagged(frame) && isRGB { return nil }
        var colors = GstVideoColorimetry()
        colors.range = isRGB || isFull ? GST_VIDEO_COLOR_RANGE_0_255 : GST_VIDEO_COLOR_RANGE_16_235
        colors.matrix =
            isRGB ? GST_VIDEO_COLOR_MATRIX_RGB : gst_video_color_matrix_from_iso(guint(frame.colorspace.rawValue))
        // As players take it.
        if colors.matrix == GST_VIDEO_COLOR_MATRIX_UNKNOWN {
            colors.matrix = frame.height > 576 ? GST_VIDEO_COLOR_MATRIX_BT709 : GST_VIDEO_COLOR_MATRIX_BT601
        }
        colors.transfer = gst_video_transfer_function_from_iso(guint(frame.color_trc.rawValue))
        colors.primaries = gst_video_color_primaries_from_iso(guint(frame.color_primaries.rawValue))
        guard let text = gst_video_colorimetry_to_string(&colors) else { return nil }
        defer { g_free(text) }
        return String(cString: text)
    }

    private static func isUntagged(_ frame: AVFrame) -> Bool {
        frame.colorspace == AVCOL_SPC_UNSPECIFIED && frame.color_primaries == AVCOL_PRI_UNSPECIFIED
            && frame.color_trc == AVCOL_TRC_UNSPECIFIED
    }

    private static func chromaSite(_ frame: AVFrame, _ format: FramePixelFormat) -> String? {
        switch frame.chroma_location {
        // GStreamer's default, which it has for caps without colorimetry only.
        case AVCHROMA_LOC_UNSPECIFIED where isUntagged(frame) && !format.isRGB && !format.name.hasPrefix("GRAY"):
            frame.height > 576 ? "mpeg2" : "jpeg"
        case AVCHROMA_LOC_LEFT: "mpeg2"
        case AVCHROMA_LOC_CENTER: "jpeg"
        case AVCHROMA_LOC_TOPLEFT: "cosited"
        default: nil
        }
    }
}
