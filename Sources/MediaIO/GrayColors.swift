import CGStreamer

extension Pipeline {
    /// Gives grey frames that pass an element a color matrix where their caps have none. Without one, `videoconvert` 1.22
    /// turns them pink and teal.
    ///
    /// - Parameter name: of an element with one sink pad.
    func mendGrayColors(at name: String) {
        _ = child(name) { element in
            guard let pad = gst_element_get_static_pad(element, "sink") else { return }
            defer { gst_object_unref(pad) }
            gst_pad_add_probe(
                pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
                { _, info, _ in
                    guard let info, let event = info.pointee.data?.assumingMemoryBound(to: GstEvent.self),
                        event.pointee.type == GST_EVENT_CAPS, let mended = withMatrix(event)
                    else { return GST_PAD_PROBE_OK }
                    gst_event_unref(event)
                    info.pointee.data = UnsafeMutableRawPointer(mended)
                    return GST_PAD_PROBE_OK
                }, nil, nil)
        }
    }
}

/// The caps event with a matrix; nil if it has one, or its frames are not grey.
private func withMatrix(_ event: UnsafeMutablePointer<GstEvent>) -> UnsafeMutablePointer<GstEvent>? {
    var caps: UnsafeMutablePointer<GstCaps>?
    gst_event_parse_caps(event, &caps)
    guard let caps, let structure = gst_caps_get_structure(caps, 0),
        let format = gst_structure_get_string(structure, "format"), String(cString: format).hasPrefix("GRAY"),
        let text = gst_structure_get_string(structure, "colorimetry")
    else { return nil }
    var colors = GstVideoColorimetry()
    guard gst_video_colorimetry_from_string(&colors, text) != 0, colors.matrix == GST_VIDEO_COLOR_MATRIX_UNKNOWN else {
        return nil
    }
    colors.matrix = GST_VIDEO_COLOR_MATRIX_BT601
    guard let changed = gst_video_colorimetry_to_string(&colors), let copy = gst_caps_copy(caps) else { return nil }
    defer {
        g_free(changed)
        gst_caps_unref(copy)
    }
    var value = GValue()
    g_value_init(&value, GType(16 << 2))
    g_value_set_string(&value, changed)
    gst_caps_set_value(copy, "colorimetry", &value)
    g_value_unset(&value)
    return gst_event_new_caps(copy)
}
