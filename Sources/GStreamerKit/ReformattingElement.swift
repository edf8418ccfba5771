import CGStreamer
import Imaging

/// A ``ConvertingElement`` whose output frames have the input's size, and any of its formats. Where both sides take the
/// same format, frames pass unchanged.
open class ReformattingElement: ConvertingElement, @unchecked Sendable {
    /// The colorimetry of output frames, as in caps.
    ///
    /// Called when caps are negotiated, on any thread.
    /// - Parameters:
    ///   - input: the format of input frames.
    ///   - name: that of output frames, such as `RGB`.
    /// - Returns: nil: GStreamer's default for the format and size.
    open func colorimetry(from input: VideoFormat, to name: String) -> String? { nil }
}

private func reformattingSide<Instance>(_ instance: UnsafeMutablePointer<Instance>?) -> ReformattingElement? {
    swiftSide(instance) as? ReformattingElement
}

/// Sets the class functions that differ from those of elements that change the size.
func fillReformattingClass(_ type: UnsafeMutablePointer<GstBaseTransformClass>) {
    type.pointee.transform_caps = { instance, direction, caps, filter in
        guard let side = reformattingSide(instance), let caps else { return caps.flatMap { gst_caps_copy($0) } }
        // The input's own format first, so that nothing is converted where that is possible.
        let result = gst_caps_merge(gst_caps_copy(caps), side.anyFormat(caps))
        guard let result, let filter else { return result }
        defer { gst_mini_object_unref(miniObject(result)) }
        return gst_caps_intersect_full(filter, result, GST_CAPS_INTERSECT_FIRST)
    }
    type.pointee.fixate_caps = { instance, direction, caps, other in
        guard let side = reformattingSide(instance), direction == GST_PAD_SINK, let caps, let other,
            let format = VideoFormat(caps)
        else { return other.flatMap { gst_caps_fixate($0) } }
        guard let fixed = gst_caps_fixate(side.nearest(to: format, in: other)) else { return nil }
        return side.withColorimetry(fixed, from: format)
    }
    type.pointee.set_caps = { instance, input, output in
        guard let side = reformattingSide(instance), let instance, let input, let output else { return 0 }
        gst_base_transform_set_passthrough(instance, gst_caps_is_equal(input, output))
        guard let inputFormat = VideoFormat(input), let outputFormat = VideoFormat(output) else { return 0 }
        side.begin(inputFormat, outputFormat)
        return side.succeeds { try side.formatChanged(from: inputFormat, to: outputFormat) } ? 1 : 0
    }
}

extension ReformattingElement {
    /// A copy of caps with all formats of the element.
    fileprivate func anyFormat(_ caps: UnsafeMutablePointer<GstCaps>) -> UnsafeMutablePointer<GstCaps>? {
        let result = gst_caps_copy(caps)
        guard let result, let formats = gst_caps_from_string("x, format=(string){ \(names) }"),
            let list = gst_caps_get_structure(formats, 0).flatMap({ gst_structure_get_value($0, "format") })
        else { return result }
        defer { gst_mini_object_unref(miniObject(formats)) }
        for index in 0..<gst_caps_get_size(result) {
            guard let structure = gst_caps_get_structure(result, index) else { continue }
            gst_structure_set_value(structure, "format", list)
            for field in ["colorimetry", "chroma-site"] { gst_structure_remove_field(structure, field) }
        }
        return result
    }

    private var names: String { Self.description.formats.names.joined(separator: ", ") }

    /// Those of the caps whose format is most like the input's: alpha where the input has it, RGB or luma and chroma, bits.
    /// Takes the caps, and gives new ones.
    fileprivate func nearest(
        to input: VideoFormat, in caps: UnsafeMutablePointer<GstCaps>
    ) -> UnsafeMutablePointer<GstCaps> {
        func distance(_ name: String) -> Int {
            let layout = PixelLayout(name: name)
            return (layout?.alpha != nil) == (input.layout?.alpha != nil)
                ? ((layout != nil) == (input.layout != nil)
                    ? (name.hasSuffix("10LE") == input.name.hasSuffix("10LE") ? 0 : 1) : 2)
                : 4
        }
        let names = Self.description.formats.names
        let ranked = [input.name] + (0...4).flatMap { rank in names.filter { distance($0) == rank } }
        for name in ranked {
            guard let wanted = gst_caps_from_string("video/x-raw, format=(string)\(name)") else { continue }
            defer { gst_mini_object_unref(miniObject(wanted)) }
            guard gst_caps_can_intersect(caps, wanted) != 0, let found = gst_caps_intersect(caps, wanted) else {
                continue
            }
            gst_mini_object_unref(miniObject(caps))
            return found
        }
        return caps
    }

    /// Fixed caps with a colorimetry, if they have none.
    fileprivate func withColorimetry(
        _ caps: UnsafeMutablePointer<GstCaps>, from input: VideoFormat
    ) -> UnsafeMutablePointer<GstCaps> {
        guard let structure = gst_caps_get_structure(caps, 0), StructureReader(structure).text("colorimetry") == nil,
            let name = StructureReader(structure).text("format"), let colors = colorimetry(from: input, to: name)
        else { return caps }
        let changed = gst_mini_object_make_writable(miniObject(caps))
        guard let changed else { return caps }
        let result = UnsafeMutableRawPointer(changed).assumingMemoryBound(to: GstCaps.self)
        if let target = gst_caps_get_structure(result, 0) { StructureWriter(target).set("colorimetry", colors) }
        return result
    }
}
