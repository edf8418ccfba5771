/// Reads packets of Open Sound Control 1.0: a message, or a bundle of messages and bundles.
///
/// Own code, since the format is a page long: liblo would bring threads and callbacks with variable arguments for the
/// hundred lines that it saves, and does not bound how deep bundles nest.
package enum OSCPacket {
    /// Bytes of the largest packet that UDP carries.
    package static let largestSize = 65_507
    /// Messages of a packet.
    package static let mostMessages = 1000
    /// Bundles within bundles.
    package static let deepestBundle = 8
    /// Arguments of a message.
    package static let mostArguments = 64

    /// The messages of a packet in their order. The times of bundles are not heeded.
    ///
    /// - Throws: ``OSCError`` if anything in the packet is damaged or beyond the limits; then none of it counts.
    package static func messages(of bytes: [UInt8]) throws(OSCError) -> [OSCMessage] {
        guard bytes.count <= largestSize else { throw OSCError("the packet has more than \(largestSize) bytes") }
        var messages: [OSCMessage] = []
        try read(bytes[...], depth: 0, into: &messages)
        return messages
    }

    private static let bundle = Array("#bundle\0".utf8)

    private static func read(
        _ bytes: ArraySlice<UInt8>, depth: Int, into messages: inout [OSCMessage]
    ) throws(OSCError) {
        guard bytes.starts(with: bundle) else {
            guard messages.count < mostMessages else { throw OSCError("the packet has too many messages") }
            messages.append(try OSCReader(bytes).message())
            return
        }
        guard depth < deepestBundle else { throw OSCError("bundles nest too deep") }
        var reader = OSCReader(bytes.dropFirst(bundle.count))
        _ = try reader.bytes(8)
        while !reader.isAtEnd {
            let size = Int(try reader.word())
            try read(try reader.bytes(size), depth: depth + 1, into: &messages)
        }
    }
}

/// Reads the parts of a message, which are multiples of four bytes.
private struct OSCReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func bytes(_ count: Int) throws(OSCError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= rest.count else { throw OSCError("the packet is cut short") }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func word() throws(OSCError) -> UInt32 {
        try bytes(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    private mutating func longWord() throws(OSCError) -> UInt64 {
        try bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Text up to a zero byte, filled up with zeros.
    private mutating func text() throws(OSCError) -> String {
        guard let end = rest.firstIndex(of: 0) else { throw OSCError("a text has no end") }
        let length = end - rest.startIndex
        let whole = try bytes(length / 4 * 4 + 4)
        guard let text = String(validating: whole.prefix(length), as: UTF8.self) else {
            throw OSCError("a text is not UTF-8")
        }
        return text
    }

    private mutating func skipBlob() throws(OSCError) {
        let size = Int(try word())
        _ = try bytes(size)
        _ = try bytes((4 - size % 4) % 4)
    }

    consuming func message() throws(OSCError) -> OSCMessage {
        let address = try text()
        guard address.first == "/" else { throw OSCError("an address begins with /") }
        // Some old senders leave the types out where there are no arguments.
        guard !isAtEnd else { return OSCMessage(address) }
        let types = try text()
        guard types.first == "," else { throw OSCError("the types of the arguments begin with a comma") }
        guard types.utf8.count - 1 <= OSCPacket.mostArguments else {
            throw OSCError("a message has too many arguments")
        }
        var arguments: [OSCArgument] = []
        for type in types.dropFirst() { arguments.append(try argument(type)) }
        guard isAtEnd else { throw OSCError("a message is longer than its arguments") }
        return OSCMessage(address, arguments)
    }

    private mutating func argument(_ type: Character) throws(OSCError) -> OSCArgument {
        switch type {
        case "i": return .number(Double(Int32(bitPattern: try word())))
        case "f": return .number(Double(Float(bitPattern: try word())))
        case "h": return .number(Double(Int64(bitPattern: try longWord())))
        case "d": return .number(Double(bitPattern: try longWord()))
        case "s", "S": return .text(try text())
        case "T": return .flag(true)
        case "F": return .flag(false)
        case "N", "I", "[", "]": return .other
        case "c", "r", "m": _ = try word()
        case "t": _ = try longWord()
        case "b": try skipBlob()
        default: throw OSCError("there is no type of arguments “\(type)”")
        }
        return .other
    }
}
