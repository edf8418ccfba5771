import CGStreamer

/// Reads the fields of a GstStructure without owning it. Each field is nil if it is missing or of another type.
public struct StructureReader {
    private let structure: UnsafePointer<GstStructure>

    /// - Parameter structure: must outlive the reader.
    public init(_ structure: UnsafePointer<GstStructure>) { self.structure = structure }

    /// A field of type guint64.
    public func number(_ field: String) -> UInt64? {
        var value: guint64 = 0
        return gst_structure_get_uint64(structure, field, &value) != 0 ? UInt64(value) : nil
    }

    /// A field of type gint.
    public func integer(_ field: String) -> Int? {
        var value: gint = 0
        return gst_structure_get_int(structure, field, &value) != 0 ? Int(value) : nil
    }

    /// A field of type gdouble.
    public func double(_ field: String) -> Double? {
        var value: gdouble = 0
        return gst_structure_get_double(structure, field, &value) != 0 ? value : nil
    }

    /// A field of type gchararray.
    public func text(_ field: String) -> String? {
        gst_structure_get_string(structure, field).map { String(cString: $0) }
    }

    /// A field that holds a GstBuffer; the structure keeps its reference.
    public func buffer(_ field: String) -> UnsafeMutablePointer<GstBuffer>? {
        guard let value = gst_structure_get_value(structure, field), value.pointee.g_type == gst_buffer_get_type(),
            let content = g_value_get_boxed(value)
        else { return nil }
        return content.assumingMemoryBound(to: GstBuffer.self)
    }
}

/// Sets the fields of a GstStructure.
public struct StructureWriter {
    private let structure: UnsafeMutablePointer<GstStructure>

    /// Creates a structure; nil for an invalid name.
    public init?(_ name: String) {
        guard let structure = gst_structure_new_empty(name) else { return nil }
        self.structure = structure
    }

    /// - Parameter structure: must be writable and outlive the writer; the caller still owns it.
    public init(_ structure: UnsafeMutablePointer<GstStructure>) { self.structure = structure }

    /// The structure; the caller takes ownership.
    public func take() -> UnsafeMutablePointer<GstStructure> { structure }

    /// Sets a gint; clamped to 32 bits.
    public func set(_ field: String, _ content: Int) {
        set(field, FundamentalType.int) { g_value_set_int($0, gint(clamping: content)) }
    }

    /// Sets a GstIntRange, as in caps.
    public func set(_ field: String, _ content: ClosedRange<Int>) {
        set(field, gst_int_range_get_type()) {
            gst_value_set_int_range($0, gint(clamping: content.lowerBound), gint(clamping: content.upperBound))
        }
    }

    /// Sets a guint64.
    public func set(_ field: String, _ content: UInt64) {
        set(field, FundamentalType.unsigned64) { g_value_set_uint64($0, guint64(content)) }
    }

    /// Sets a gdouble.
    public func set(_ field: String, _ content: Double) {
        set(field, FundamentalType.double) { g_value_set_double($0, content) }
    }

    /// Sets a gboolean.
    public func set(_ field: String, _ content: Bool) {
        set(field, FundamentalType.boolean) { g_value_set_boolean($0, content ? 1 : 0) }
    }

    /// Sets a gchararray; the structure keeps a copy.
    public func set(_ field: String, _ content: String) {
        set(field, FundamentalType.string) { g_value_set_string($0, content) }
    }

    /// Sets a buffer and takes ownership of the reference.
    public func set(_ field: String, taking content: UnsafeMutablePointer<GstBuffer>?) {
        set(field, gst_buffer_get_type()) { g_value_take_boxed($0, content) }
    }

    /// Sets a GstSample and takes ownership of the reference.
    public func set(_ field: String, taking content: OpaquePointer?) {
        set(field, gst_sample_get_type()) { g_value_take_boxed($0, UnsafeRawPointer(content)) }
    }

    private func set(_ field: String, _ type: GType, _ fill: (UnsafeMutablePointer<GValue>) -> Void) {
        var value = GValue()
        g_value_init(&value, type)
        fill(&value)
        gst_structure_take_value(structure, field, &value)
    }
}
