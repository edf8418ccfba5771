import CGStreamer
import GStreamerKit
import Imaging

/// What an element says of its own accord, such as how far it is.
public struct ElementMessage {
    private let structure: UnsafePointer<GstStructure>
    private var reader: StructureReader { StructureReader(structure) }

    /// - Returns: nil where the message is of another name.
    init?(_ message: UnsafeMutablePointer<GstMessage>, name: String) {
        guard let structure = gst_message_get_structure(message), gst_structure_has_name(structure, name) != 0 else {
            return nil
        }
        self.structure = structure
    }

    public func integer(_ field: String) -> Int? { reader.integer(field) }

    public func double(_ field: String) -> Double? { reader.double(field) }

    public func boolean(_ field: String) -> Bool? {
        var value: gboolean = 0
        return gst_structure_get_boolean(structure, field, &value) != 0 ? value != 0 : nil
    }

    /// A picture, in picture space; a copy, made when it is asked for.
    public func picture(_ field: String) -> Image? {
        guard let value = gst_structure_get_value(structure, field), value.pointee.g_type == gst_sample_get_type(),
            let sample = g_value_get_boxed(value)
        else { return nil }
        return Sample(OpaquePointer(sample)).image()
    }
}
