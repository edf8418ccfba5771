import CGStreamer
import GStreamerKit
import Imaging

/// An element message, such as a progress report.
public struct ElementMessage {
    private let structure: UnsafePointer<GstStructure>
    private var reader: StructureReader { StructureReader(structure) }

    /// Nil if the message has another name.
    package init?(_ message: UnsafeMutablePointer<GstMessage>, name: String) {
        guard let structure = gst_message_get_structure(message), gst_structure_has_name(structure, name) != 0 else {
            return nil
        }
        self.structure = structure
    }

    /// A field of type gint; nil if it is missing or of another type, as for the following functions.
    public func integer(_ field: String) -> Int? { reader.integer(field) }

    /// A field of type gdouble.
    public func double(_ field: String) -> Double? { reader.double(field) }

    /// A field of type gboolean.
    public func boolean(_ field: String) -> Bool? {
        var value: gboolean = 0
        return gst_structure_get_boolean(structure, field, &value) != 0 ? value != 0 : nil
    }

    /// A field of type GstSample, copied to an image in picture space.
    public func image(_ field: String) -> Image? {
        guard let value = gst_structure_get_value(structure, field), value.pointee.g_type == gst_sample_get_type(),
            let sample = g_value_get_boxed(value)
        else { return nil }
        return Sample(OpaquePointer(sample)).image()
    }
}
