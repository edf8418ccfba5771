import CGStreamer

/// Arrays of floats that are shared with a GstBuffer, without a copy in either direction.
private final class SharedValues {
    let arrays: [[Float]]
    init(_ arrays: [[Float]]) { self.arrays = arrays }

    static let quark = g_quark_from_static_string(staticCString("pentimento-values"))
}

/// Concatenated arrays of floats in GstBuffers, as payloads of metas and feedback events.
public enum FloatPayload {
    /// A read-only buffer of the arrays; the caller owns it.
    public static func make(_ arrays: [[Float]]) -> UnsafeMutablePointer<GstBuffer>? {
        guard let buffer = gst_buffer_new() else { return nil }
        let values = SharedValues(arrays)
        for array in values.arrays {
            // The array's storage does not move: `values` retains it, and it is never written.
            array.withUnsafeBytes { bytes in
                guard let start = bytes.baseAddress, bytes.count > 0 else { return }
                let memory = gst_memory_new_wrapped(
                    GST_MEMORY_FLAG_READONLY, UnsafeMutableRawPointer(mutating: start), gsize(bytes.count), 0,
                    gsize(bytes.count), Unmanaged.passRetained(values).toOpaque()
                ) { owner in
                    if let owner { Unmanaged<SharedValues>.fromOpaque(owner).release() }
                }
                gst_buffer_append_memory(buffer, memory)
            }
        }
        gst_mini_object_set_qdata(
            miniObject(buffer), SharedValues.quark, Unmanaged.passRetained(values).toOpaque()
        ) { owner in
            if let owner { Unmanaged<SharedValues>.fromOpaque(owner).release() }
        }
        return buffer
    }

    /// Reads `count` arrays of `length` floats, both above 0; nil if the buffer has another size, or was made elsewhere
    /// and has values that are not finite.
    public static func read(
        _ buffer: UnsafeMutablePointer<GstBuffer>?, count: Int, length: Int
    ) -> [[Float]]? {
        guard let buffer, count > 0, length > 0, length <= 1 << 48, count <= 1 << 8 else { return nil }
        if let owner = gst_mini_object_get_qdata(miniObject(buffer), SharedValues.quark) {
            let arrays = Unmanaged<SharedValues>.fromOpaque(owner).takeUnretainedValue().arrays
            return arrays.count == count && arrays.allSatisfy { $0.count == length } ? arrays : nil
        }
        // A copy, or a buffer that was made elsewhere.
        let size = length * MemoryLayout<Float>.size
        guard gst_buffer_get_size(buffer) == gsize(size * count) else { return nil }
        var isWhole = true
        let arrays = (0..<count).map { index in
            [Float](unsafeUninitializedCapacity: length) { storage, filled in
                let copied = gst_buffer_extract(buffer, gsize(index * size), storage.baseAddress, gsize(size))
                isWhole = isWhole && copied == gsize(size) && storage[..<length].allSatisfy(\.isFinite)
                filled = isWhole ? length : 0
            }
        }
        return isWhole ? arrays : nil
    }
}

/// An empty buffer that retains an object until the buffer is freed; the caller owns the buffer.
public func makeCarrier(of object: AnyObject) -> UnsafeMutablePointer<GstBuffer>? {
    guard let buffer = gst_buffer_new() else { return nil }
    gst_mini_object_set_qdata(
        miniObject(buffer), carriedQuark, Unmanaged.passRetained(object).toOpaque()
    ) { owner in
        if let owner { Unmanaged<AnyObject>.fromOpaque(owner).release() }
    }
    return buffer
}

private let carriedQuark = g_quark_from_static_string(staticCString("pentimento-carried"))

/// A buffer, event, query or caps as a GstMiniObject.
public func miniObject<Object>(_ object: UnsafeMutablePointer<Object>) -> UnsafeMutablePointer<GstMiniObject> {
    UnsafeMutableRawPointer(object).assumingMemoryBound(to: GstMiniObject.self)
}
