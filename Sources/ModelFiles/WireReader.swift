/// Reads the fields of one protobuf message in order.
///
/// Weights need only nine fields of three ONNX message types. A protobuf library with generated code would be a hundred
/// times larger, would copy every tensor, and would still need limits against malicious lengths. Here a message is a
/// range of the file's bytes, and lengths are checked before anything is copied.
struct WireReader {
    /// The value of a field.
    enum Value {
        case integer(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        /// A string, a message or packed numbers.
        case bytes(ArraySlice<UInt8>)
    }

    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    var isAtEnd: Bool { position == bytes.endIndex }

    /// - Returns: the next field; nil at the message's end.
    /// - Throws: an error with the byte offset of the first invalid field.
    mutating func next() throws(ModelError) -> (field: Int, value: Value)? {
        if isAtEnd { return nil }
        let start = position
        let tag = try varint()
        guard tag >> 3 > 0, tag >> 3 < 1 << 29 else { throw damage(at: start, "a field has no number") }
        let field = Int(tag >> 3)
        switch tag & 7 {
        case 0: return (field, .integer(try varint()))
        case 1: return (field, .fixed64(try fixed(8)))
        case 2:
            let length = try varint()
            guard length <= UInt64(bytes.endIndex - position) else {
                throw damage(
                    at: start, "a field would be \(length) bytes long, where \(bytes.endIndex - position) are left")
            }
            let end = position + Int(length)
            defer { position = end }
            return (field, .bytes(bytes[position..<end]))
        case 5: return (field, .fixed32(UInt32(truncatingIfNeeded: try fixed(4))))
        default: throw damage(at: start, "a field is of no known type")
        }
    }

    /// A varint: an integer of one to ten bytes with seven bits each, the lowest first.
    mutating func varint() throws(ModelError) -> UInt64 {
        var result: UInt64 = 0
        for shift in stride(from: 0, to: 70, by: 7) {
            guard position < bytes.endIndex else { throw damage(at: position, "it ends within a number") }
            let byte = bytes[position]
            position += 1
            result |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return result }
        }
        throw damage(at: position, "a number has more than ten bytes")
    }

    private mutating func fixed(_ count: Int) throws(ModelError) -> UInt64 {
        guard bytes.endIndex - position >= count else { throw damage(at: position, "it ends within a number") }
        defer { position += count }
        return (0..<count).reduce(0) { $0 | UInt64(bytes[position + $1]) << UInt64(8 * $1) }
    }

    private func damage(at position: Int, _ what: String) -> ModelError {
        ModelError("the file is cut off or not ONNX: at byte \(position), \(what)")
    }
}
