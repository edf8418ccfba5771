import CAVFormat

/// A pixel format that decoded frames have in memory: one of those that our elements take.
struct FramePixelFormat {
    /// libavutil's name.
    let format: AVPixelFormat
    /// GStreamer's name.
    let name: String
    /// Whether it has all of 0...255 by definition.
    var isFullRange = false

    private static let known: [FramePixelFormat] = [
        .init(format: AV_PIX_FMT_YUV420P, name: "I420"), .init(format: AV_PIX_FMT_NV12, name: "NV12"),
        .init(format: AV_PIX_FMT_NV21, name: "NV21"), .init(format: AV_PIX_FMT_YUYV422, name: "YUY2"),
        .init(format: AV_PIX_FMT_UYVY422, name: "UYVY"), .init(format: AV_PIX_FMT_YVYU422, name: "YVYU"),
        .init(format: AV_PIX_FMT_YUV422P, name: "Y42B"), .init(format: AV_PIX_FMT_YUV444P, name: "Y444"),
        .init(format: AV_PIX_FMT_YUV420P10LE, name: "I420_10LE"), .init(format: AV_PIX_FMT_P010LE, name: "P010_10LE"),
        .init(format: AV_PIX_FMT_YUV422P10LE, name: "I422_10LE"),
        .init(format: AV_PIX_FMT_YUV444P10LE, name: "Y444_10LE"),
        .init(format: AV_PIX_FMT_RGB24, name: "RGB"), .init(format: AV_PIX_FMT_BGR24, name: "BGR"),
        .init(format: AV_PIX_FMT_RGBA, name: "RGBA"), .init(format: AV_PIX_FMT_BGRA, name: "BGRA"),
        .init(format: AV_PIX_FMT_ARGB, name: "ARGB"), .init(format: AV_PIX_FMT_ABGR, name: "ABGR"),
        .init(format: AV_PIX_FMT_RGB0, name: "RGBx"), .init(format: AV_PIX_FMT_BGR0, name: "BGRx"),
        .init(format: AV_PIX_FMT_0RGB, name: "xRGB"), .init(format: AV_PIX_FMT_0BGR, name: "xBGR"),
        .init(format: AV_PIX_FMT_YUVJ420P, name: "I420", isFullRange: true),
        .init(format: AV_PIX_FMT_YUVJ422P, name: "Y42B", isFullRange: true),
        .init(format: AV_PIX_FMT_YUVJ444P, name: "Y444", isFullRange: true),
    ]

    static let gray = FramePixelFormat(format: AV_PIX_FMT_GRAY8, name: "GRAY8")
    static let rgba = FramePixelFormat(format: AV_PIX_FMT_RGBA, name: "RGBA")

    /// Whether it is packed RGB.
    var isRGB: Bool { (av_pix_fmt_desc_get(format)?.pointee.flags ?? 0) & UInt64(AV_PIX_FMT_FLAG_RGB) != 0 }

    /// The format; nil if it is none of ours.
    init?(_ format: AVPixelFormat) {
        guard let known = Self.known.first(where: { $0.format == format }) else { return nil }
        self = known
    }

    private init(format: AVPixelFormat, name: String, isFullRange: Bool = false) {
        self.format = format
        self.name = name
        self.isFullRange = isFullRange
    }

    /// The format that loses the least of another one; RGBA for all that have alpha, and RGB for other RGB.
    static func nearest(to other: AVPixelFormat) -> FramePixelFormat {
        let fallback = rgba
        guard let flags = av_pix_fmt_desc_get(other)?.pointee.flags else { return fallback }
        if flags & UInt64(AV_PIX_FMT_FLAG_ALPHA) != 0 { return fallback }
        if flags & UInt64(AV_PIX_FMT_FLAG_RGB) != 0 { return FramePixelFormat(format: AV_PIX_FMT_RGB24, name: "RGB") }
        let candidates = known.filter { !$0.isFullRange }.map(\.format) + [AV_PIX_FMT_NONE]
        var loss: Int32 = 0
        return FramePixelFormat(avcodec_find_best_pix_fmt_of_list(candidates, other, 0, &loss)) ?? fallback
    }
}
