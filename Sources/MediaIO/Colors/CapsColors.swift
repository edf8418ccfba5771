import CGStreamer
import GStreamerKit

extension Pipeline {
    /// Changes the colorimetry in the caps of frames that pass an element.
    ///
    /// - Parameters:
    ///   - name: of an element with one sink pad; nothing is done if there is none.
    private func changeColors(
        at name: String, _ change: @escaping @Sendable (inout GstVideoColorimetry) -> Void
    ) {
        _ = child(name) { element in
            guard let pad = gst_element_get_static_pad(element, "sink") else { return }
            defer { gst_object_unref(pad) }
            gst_pad_add_probe(
                pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
                { _, info, data in
                    guard let info, let data, let event = info.pointee.data?.assumingMemoryBound(to: GstEvent.self),
                        event.pointee.type == GST_EVENT_CAPS,
                        let changed = Unmanaged<ColorChange>.fromOpaque(data).takeUnretainedValue().applied(to: event)
                    else { return GST_PAD_PROBE_OK }
                    gst_event_unref(event)
                    info.pointee.data = UnsafeMutableRawPointer(changed)
                    return GST_PAD_PROBE_OK
                }, Unmanaged.passRetained(ColorChange(change)).toOpaque(),
                { data in if let data { Unmanaged<ColorChange>.fromOpaque(data).release() } })
        }
    }

    /// Marks HDR frames that pass an element as SDR, which ``ToneMappingElement`` has made of them.
    func markToneMappedColors(at name: String) {
        changeColors(at: name) { colors in
            guard colors.hdrTransfer != nil else { return }
            colors.transfer = GST_VIDEO_TRANSFER_BT709
            colors.primaries = GST_VIDEO_COLOR_PRIMARIES_BT709
            if colors.matrix != GST_VIDEO_COLOR_MATRIX_RGB { colors.matrix = GST_VIDEO_COLOR_MATRIX_BT709 }
        }
    }
}

private final class ColorChange: Sendable {
    private let change: @Sendable (inout GstVideoColorimetry) -> Void

    init(_ change: @escaping @Sendable (inout GstVideoColorimetry) -> Void) { self.change = change }

    /// The caps event with other colors; nil if they stay.
    func applied(to event: UnsafeMutablePointer<GstEvent>) -> UnsafeMutablePointer<GstEvent>? {
        var caps: UnsafeMutablePointer<GstCaps>?
        gst_event_parse_caps(event, &caps)
        guard let caps, let structure = gst_caps_get_structure(caps, 0) else { return nil }
        let fields = StructureReader(structure)
        var colors = GstVideoColorimetry()
        guard let text = fields.text("colorimetry"), gst_video_colorimetry_from_string(&colors, text) != 0 else {
            return nil
        }
        let before = colors
        change(&colors)
        guard gst_video_colorimetry_is_equal([before], &colors) == 0,
            let changed = gst_video_colorimetry_to_string(&colors)
        else { return nil }
        defer { g_free(changed) }
        guard let copy = gst_caps_copy(caps), let target = gst_caps_get_structure(copy, 0) else { return nil }
        defer { gst_caps_unref(copy) }
        StructureWriter(target).set("colorimetry", String(cString: changed))
        return gst_event_new_caps(copy)
    }
}
