/// The initializers of an ONNX model, which are its weights by name. The graph itself is not read.
///
/// Field numbers are those of onnx.proto: ModelProto.graph 7; GraphProto.initializer 5; TensorProto dims 1, data_type
/// 2, float_data 4, name 8, raw_data 9, data_location 14.
package struct ONNXWeights {
    /// In the order of the file.
    package let tensors: [TensorReference]

    /// - Throws: an error that says what is wrong with the bytes, and where.
    package init(bytes: [UInt8]) throws(ModelError) {
        var tensors: [TensorReference] = []
        var hasGraph = false
        var model = WireReader(bytes[...])
        while let (field, value) = try model.next() {
            guard field == 7, case .bytes(let message) = value else { continue }
            hasGraph = true
            var graph = WireReader(message)
            while let (field, value) = try graph.next() {
                guard field == 5, case .bytes(let message) = value else { continue }
                tensors.append(try Initializer(message).reference)
            }
        }
        guard hasGraph else { throw ModelError("is not an ONNX model: it has no graph") }
        self.tensors = tensors
    }

    private struct Initializer {
        var name = ""
        var shape: [Int] = []
        /// TensorProto.DataType: 1 is float, 10 is float16.
        var type: UInt64 = 0
        var isExternal = false
        var raw: ArraySlice<UInt8>?
        /// float_data: each element is a packed run or a single value.
        var floats: [ArraySlice<UInt8>] = []
        var singles: [UInt32] = []

        static let maximumRank = 8

        init(_ message: ArraySlice<UInt8>) throws(ModelError) {
            var reader = WireReader(message)
            while let (field, value) = try reader.next() {
                switch (field, value) {
                case (1, .integer(let size)): try add(dimension: size)
                case (1, .bytes(let packed)):
                    var sizes = WireReader(packed)
                    while !sizes.isAtEnd { try add(dimension: try sizes.varint()) }
                case (2, .integer(let number)): type = number
                case (4, .bytes(let packed)): floats.append(packed)
                case (4, .fixed32(let bits)): singles.append(bits)
                case (8, .bytes(let text)): name = String(decoding: text, as: UTF8.self)
                case (9, .bytes(let data)): raw = data
                case (14, .integer(let location)): isExternal = location == 1
                default: break
                }
            }
        }

        private mutating func add(dimension size: UInt64) throws(ModelError) {
            let count = shape.reduce(1, *)
            guard shape.count < Self.maximumRank, size <= UInt64(SafeTensors.maximumFileLength),
                count * Int(size) <= SafeTensors.maximumFileLength
            else { throw ModelError("an initializer has an invalid shape; the file is damaged") }
            shape.append(Int(size))
        }

        var reference: TensorReference {
            TensorReference(name: name, shape: shape) { () throws(ModelError) in try values() }
        }

        private func values() throws(ModelError) -> [Float] {
            guard !isExternal else {
                throw ModelError(
                    "the weights of \"\(name)\" are in another file; save the model as one: "
                        + "onnx.save(onnx.load(FILE), NEW, save_as_external_data=False)")
            }
            guard type == 1 || type == 10 else {
                throw ModelError(
                    "\"\(name)\" has the ONNX data type \(type), and only float (1) and float16 (10) are supported; "
                        + "get the network before it was quantised")
            }
            let count = shape.reduce(1, *)
            let size = type == 1 ? 4 : 2
            let data = raw ?? (type == 1 ? unpacked : [])
            guard data.count == count * size else {
                throw ModelError(
                    "\"\(name)\" of shape \(shape) needs \(count * size) bytes and has \(data.count); the file is damaged"
                )
            }
            return data.withUnsafeBytes { data in
                guard type == 10 else {
                    return (0..<count).map {
                        Float(
                            bitPattern: UInt32(
                                littleEndian: data.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
                    }
                }
                return (0..<count).map {
                    let bits = data.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self)
                    return Float(Float16(bitPattern: UInt16(littleEndian: bits)))
                }
            }
        }

        private var unpacked: ArraySlice<UInt8> {
            var bytes = Array(floats.joined())
            for bits in singles { withUnsafeBytes(of: bits.littleEndian) { bytes.append(contentsOf: $0) } }
            return bytes[...]
        }
    }
}

/// A tensor of a foreign file whose values are read on demand.
package struct TensorReference {
    package let name: String
    package let shape: [Int]
    /// Reads the values; their number is the product of `shape`.
    package let values: () throws(ModelError) -> [Float]

    package init(name: String, shape: [Int], values: @escaping () throws(ModelError) -> [Float]) {
        self.name = name
        self.shape = shape
        self.values = values
    }
}
