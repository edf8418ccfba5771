import CGStreamer

extension GstVideoFormat {
    /// The format of a name such as `I420`; unknown where there is none.
    ///
    /// In place of `gst_video_format_from_string`, which is declared to read no memory, so that a compiler may call it when
    /// the name is gone.
    public static func named(_ name: String) -> GstVideoFormat { known[name] ?? GST_VIDEO_FORMAT_UNKNOWN }

    private static let known: [String: GstVideoFormat] = {
        var count: guint = 0
        guard let formats = gst_video_formats_raw(&count) else { return [:] }
        let named = (0..<Int(count)).map { (String(glib: gst_video_format_to_string(formats[$0])), formats[$0]) }
        return Dictionary(named) { first, _ in first }
    }()
}
