import CGStreamer

extension GstVideoFormat {
    /// The format with a name such as `I420`; `GST_VIDEO_FORMAT_UNKNOWN` if there is none.
    ///
    /// Replaces `gst_video_format_from_string`, which is declared const, so that a compiler may call it after the name
    /// is freed.
    public static func named(_ name: String) -> GstVideoFormat { known[name] ?? GST_VIDEO_FORMAT_UNKNOWN }

    private static let known: [String: GstVideoFormat] = {
        var count: guint = 0
        guard let formats = gst_video_formats_raw(&count) else { return [:] }
        let named = (0..<Int(count)).map { (String(glib: gst_video_format_to_string(formats[$0])), formats[$0]) }
        return Dictionary(named) { first, _ in first }
    }()
}
