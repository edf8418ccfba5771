import CGStreamer
import Support

/// The element that reads the orientation tag of JPEG files.
enum JPEGParser {
    static let name = "jpegparse"

    /// Whether the element is installed.
    static var exists: Bool {
        guard let factory = gst_element_factory_find(name) else { return false }
        gst_object_unref(UnsafeMutableRawPointer(factory))
        return true
    }

    /// Whether a file starts with the JPEG signature.
    static func isFor(_ path: String) -> Bool {
        (try? Files.start(of: path, count: 2))?.bytes == [0xFF, 0xD8]
    }

    /// Whether the orientation tag of a JPEG file rotates the image by 90 or 270 degrees.
    static func findsLyingOnItsSide(_ path: String) -> Bool {
        guard exists,
            let pipeline = try? Pipeline(
                parsing: "filesrc name=source ! \(name) ! fakesink name=sink sync=false", input: path)
        else { return false }
        pipeline.set("location", of: "source", to: path)
        // Prerolls: the first image has reached the sink, and its tags before it.
        gst_element_set_state(pipeline.element, GST_STATE_PAUSED)
        guard gst_element_get_state(pipeline.element, nil, nil, GstClockTime.max) == GST_STATE_CHANGE_SUCCESS,
            let pad = pipeline.child("sink", { gst_element_get_static_pad($0, "sink") }) ?? nil
        else { return false }
        defer { gst_object_unref(pad) }
        var index: guint = 0
        while let event = gst_pad_get_sticky_event(pad, GST_EVENT_TAG, index) {
            defer { gst_mini_object_unref(UnsafeMutableRawPointer(event).assumingMemoryBound(to: GstMiniObject.self)) }
            var tags: UnsafeMutablePointer<GstTagList>?
            gst_event_parse_tag(event, &tags)
            if let tags, Orientation.liesOnItsSide(tags) { return true }
            index += 1
        }
        return false
    }
}

/// The orientation tag.
enum Orientation {
    /// Whether the tag rotates the image by 90 or 270 degrees.
    static func liesOnItsSide(_ tags: UnsafePointer<GstTagList>) -> Bool {
        var text: UnsafeMutablePointer<gchar>?
        guard gst_tag_list_get_string(tags, "image-orientation", &text) != 0, let text else { return false }
        defer { g_free(text) }
        return String(cString: text).contains("90") || String(cString: text).contains("270")
    }
}
