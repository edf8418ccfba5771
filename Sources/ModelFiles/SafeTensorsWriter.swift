import Support

extension SafeTensors {
    /// The bytes of a `.safetensors` file. The tensors keep their order; the `checksum` of their bytes is added to the
    /// metadata. Tensors of bytes belong at the end: others must begin at a multiple of four.
    public static func encode(
        _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String]
    ) -> [UInt8] {
        var data: [UInt8] = []
        data.reserveCapacity(tensors.reduce(0) { $0 + $1.tensor.values.count * 4 })
        var entries: [String] = []
        for (name, tensor) in tensors {
            let begin = data.count
            switch tensor.storage {
            case .float32:
                for value in tensor.values {
                    withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
                }
            case .uint8: data += tensor.values.map { UInt8(max(0, min($0.rounded(), 255))) }
            }
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            entries.append(
                "\(JSON.quoted(name)):{\"dtype\":\"\(tensor.storage == .uint8 ? "U8" : "F32")\",\"shape\":[\(shape)],\"data_offsets\":[\(begin),\(data.count)]}"
            )
        }
        var metadata = metadata
        metadata["checksum"] = sha256(data[...])
        let pairs = metadata.sorted { $0.key < $1.key }.map { "\(JSON.quoted($0.key)):\(JSON.quoted($0.value))" }
        entries.insert("\"__metadata__\":{\(pairs.joined(separator: ","))}", at: 0)
        var header = Array("{\(entries.joined(separator: ","))}".utf8)
        while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
        return withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init) + header + data
    }

    /// Writes a file atomically.
    ///
    /// - Throws: an error with the path and the cause.
    public static func write(
        _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String], to path: String
    ) throws(ModelError) {
        do { try Files.write(encode(tensors, metadata: metadata), to: path) } catch { throw ModelError("\(error)") }
    }
}
