/// Writes the initializers of an ONNX model (field numbers of onnx.proto).
public struct ONNXWriter {
    public struct Initializer {
        public var name: String
        public var shape: [Int]
        public var values: [Float]
        /// TensorProto.DataType in which `values` are written; 1 is float.
        public var type = 1
        /// Whether values are written as float_data, one field each, instead of raw_data.
        public var isPacked = false
        public var isExternal = false

        public init(_ name: String, _ shape: [Int], _ values: [Float]) {
            self.name = name
            self.shape = shape
            self.values = values
        }
    }

    /// The bytes of a model with only these initializers.
    public static func model(_ initializers: [Initializer]) -> [UInt8] {
        let graph = initializers.flatMap { field(5, tensor($0)) }
        return field(1, integer: 8) + field(7, field(2, Array("graph".utf8)) + graph)
    }

    private static func tensor(_ initializer: Initializer) -> [UInt8] {
        var bytes = initializer.shape.flatMap { field(1, integer: $0) }
        bytes += field(2, integer: initializer.type)
        bytes += field(8, Array(initializer.name.utf8))
        let data = initializer.values.withUnsafeBytes { Array($0) }
        bytes += initializer.isExternal ? field(14, integer: 1) : field(initializer.isPacked ? 4 : 9, data)
        return bytes
    }

    public static func field(_ number: Int, integer: Int) -> [UInt8] {
        varint(number << 3) + varint(integer)
    }

    public static func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
        varint(number << 3 | 2) + varint(bytes.count) + bytes
    }

    public static func varint(_ value: Int) -> [UInt8] {
        var rest = UInt64(value)
        var bytes: [UInt8] = []
        repeat {
            bytes.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
            rest >>= 7
        } while rest > 0
        return bytes
    }
}
