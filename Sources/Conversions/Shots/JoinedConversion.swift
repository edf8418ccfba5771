import CGStreamer
import MediaIO

extension Conversion {
    /// Encodes the frames of parts instead of the input's. The input gives everything else.
    ///
    /// - Parameter settings: sounds, subtitles, quality and the like. Those that change frames have no effect.
    /// - Throws: if the output is no video, cannot be written, or the parts cannot be read.
    public convenience init(
        joining parts: PartSequence, of input: MediaInput, to path: String, settings: Settings
    ) throws(MediaError) {
        guard let kind = parts.frameKind() else { throw MediaError("\(path): the parts have frames of no known kind") }
        guard try MediaOutput(path, as: settings.format).isVideo else {
            throw MediaError("\(path): parts are joined to a video; write .mp4, .mov, .mkv, .webm or .y4m")
        }
        var settings = settings
        settings.size = nil
        settings.keepsAlpha = false
        settings.outputSize = (kind.width, kind.height)
        settings.bitDepth = kind.bitDepth
        try self.init(input, to: path, filter: nil, parts: parts, settings)
    }
}

extension Pipeline {
    /// The caps of what comes to an element, as text; nil before the first frame.
    func caps(before name: String) -> String? {
        let text = child(name) { element -> String? in
            guard let pad = gst_element_get_static_pad(element, "sink") else { return nil }
            defer { gst_object_unref(pad) }
            guard let caps = gst_pad_get_current_caps(pad) else { return nil }
            defer { gst_caps_unref(caps) }
            guard let text = gst_caps_to_string(caps) else { return nil }
            defer { g_free(text) }
            return String(cString: text)
        }
        return text ?? nil
    }
}
