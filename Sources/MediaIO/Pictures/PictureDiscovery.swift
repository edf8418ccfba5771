import CGStreamer

/// What GStreamer's discoverer says of a picture.
struct PictureDiscovery {
    private(set) var width = 0
    private(set) var height = 0
    /// Whether it is known as a picture; JPEG 2000 may be a video, too.
    private(set) var isStill = false

    /// - Throws: if the file holds nothing to see, or a decoder is missing.
    init(_ path: String) throws(MediaError) {
        guard let uri = gst_filename_to_uri(path, nil), let discoverer = gst_discoverer_new(30_000_000_000, nil) else {
            throw .notMedia(path)
        }
        defer {
            g_free(uri)
            g_object_unref(discoverer)
        }
        var failure: UnsafeMutablePointer<GError>?
        let info = gst_discoverer_discover_uri(discoverer, uri, &failure)
        defer {
            g_clear_error(&failure)
            if let info { g_object_unref(UnsafeMutableRawPointer(info)) }
        }
        let words = failure.map { String(cString: $0.pointee.message) }
        guard let info else { throw .notMedia(path, words) }
        if gst_discoverer_info_get_result(info) == GST_DISCOVERER_MISSING_PLUGINS,
            let details = gst_discoverer_info_get_missing_elements_installer_details(info), let first = details[0]
        {
            throw MissingPlugin.error(installerDetail: String(cString: first), input: path)
        }
        guard gst_discoverer_info_get_result(info) == GST_DISCOVERER_OK else {
            let isLate = gst_discoverer_info_get_result(info) == GST_DISCOVERER_TIMEOUT
            throw .notMedia(path, words ?? (isLate ? "nothing is found in 30 seconds" : "it has no frame"))
        }
        try readStream(info, path)
    }

    private mutating func readStream(_ info: OpaquePointer, _ path: String) throws(MediaError) {
        let videos = gst_discoverer_info_get_video_streams(info)
        defer { gst_discoverer_stream_info_list_free(videos) }
        guard let video = videos?.pointee.data.map({ OpaquePointer($0) }) else {
            throw MediaError("\(path): has no picture, only sound; name a video or a picture")
        }
        width = Int(gst_discoverer_video_info_get_width(video))
        height = Int(gst_discoverer_video_info_get_height(video))
        isStill = gst_discoverer_video_info_is_image(video) != 0
        guard width > 0 && height > 0 else { throw .notMedia(path, "its frames have no size") }
        if Self.liesOnItsSide(video) {
            swap(&width, &height)
        }
    }

    /// Whether the stream's orientation tag rotates it by 90 or 270 degrees.
    private static func liesOnItsSide(_ stream: OpaquePointer) -> Bool {
        guard let tags = gst_discoverer_stream_info_get_tags(stream) else { return false }
        var text: UnsafeMutablePointer<gchar>?
        guard gst_tag_list_get_string(tags, "image-orientation", &text) != 0, let text else { return false }
        defer { g_free(text) }
        return String(cString: text).contains("90") || String(cString: text).contains("270")
    }
}
