import CGStreamer
import GStreamerKit

extension Pipeline {
    /// Gives frames that pass an element a color matrix where their caps say that it is unknown, as those of grey video and
    /// of many full-range files do: BT.709 above 576 rows, else BT.601, as players take it. `videoconvert` 1.22 would turn
    /// the former pink and teal, and shift the levels of the latter.
    ///
    /// - Parameter name: of an element with one sink pad.
    func mendUnknownColors(at name: String) {
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

/// The caps event with a matrix; nil if it has one.
private func withMatrix(_ event: UnsafeMutablePointer<GstEvent>) -> UnsafeMutablePointer<GstEvent>? {
    var caps: UnsafeMutablePointer<GstCaps>?
    gst_event_parse_caps(event, &caps)
    guard let caps, let structure = gst_caps_get_structure(caps, 0),
        let text = gst_structure_get_string(structure, "colorimetry")
    else { return nil }
    var colors = GstVideoColorimetry()
    guard gst_video_colorimetry_from_string(&colors, text) != 0, colors.matrix == GST_VIDEO_COLOR_MATRIX_UNKNOWN else {
        return nil
    }
    var height: gint = 0
    gst_structure_get_int(structure, "height", &height)
    colors.matrix = height > 576 ? GST_VIDEO_COLOR_MATRIX_BT709 : GST_VIDEO_COLOR_MATRIX_BT601
    guard let changed = gst_video_colorimetry_to_string(&colors), let copy = gst_caps_copy(caps) else { return nil }
    defer {
        g_free(changed)
        gst_caps_unref(copy)
    }
    if let structure = gst_caps_get_structure(copy, 0) {
        StructureWriter(structure).set("colorimetry", String(cString: changed))
    }
    return gst_event_new_caps(copy)
}
