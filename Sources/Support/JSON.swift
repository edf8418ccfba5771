/// A JSON value, without numbers that are no integers. Foundation's decoder would make the statically linked plugin
/// several megabytes larger.
package enum JSON: Equatable {
    case object([String: JSON])
    case array([JSON])
    case string(String)
    case integer(Int)
    /// A non-integer number, true, false or null: accepted, but the value is not kept.
    case other

    /// - Throws: the first syntax error.
    package init(parsing bytes: ArraySlice<UInt8>) throws(JSONError) {
        var parser = JSONParser(bytes: bytes, position: bytes.startIndex)
        self = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.position == bytes.endIndex else { throw parser.error("more text after the end of the value") }
    }
}

extension JSON {
    /// The string as a JSON literal, quoted and escaped.
    package static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// The first syntax error of a JSON text.
package struct JSONError: Error, Equatable, CustomStringConvertible {
    /// In bytes from the start of the text.
    package let offset: Int
    package let reason: String

    /// To follow the name of the text.
    package var description: String { "is not valid JSON at byte \(offset): \(reason)" }
}

private struct JSONParser {
    let bytes: ArraySlice<UInt8>
    var position: Int

    /// Deeper than real texts nest, so that a damaged one cannot exhaust the stack.
    static let maximumDepth = 16

    func error(_ what: String) -> JSONError { JSONError(offset: position - bytes.startIndex, reason: what) }

    var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    mutating func expect(_ character: Unicode.Scalar) throws(JSONError) {
        skipSpace()
        guard next == UInt8(ascii: character) else { throw error("\"\(character)\" is missing") }
        position += 1
    }

    mutating func value(depth: Int) throws(JSONError) -> JSON {
        guard depth <= Self.maximumDepth else { throw error("nested too deeply") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case .some: return try word()
        case nil: throw error("the text ends early")
        }
    }

    mutating func object(depth: Int) throws(JSONError) -> JSON {
        try expect("{")
        var members: [String: JSON] = [:]
        skipSpace()
        if next == UInt8(ascii: "}") {
            position += 1
            return .object(members)
        }
        while true {
            skipSpace()
            let key = try string()
            try expect(":")
            let member = try value(depth: depth + 1)
            guard members.updateValue(member, forKey: key) == nil else { throw error("the key \"\(key)\" is repeated") }
            skipSpace()
            guard next == UInt8(ascii: ",") else { break }
            position += 1
        }
        try expect("}")
        return .object(members)
    }

    mutating func array(depth: Int) throws(JSONError) -> JSON {
        try expect("[")
        var elements: [JSON] = []
        skipSpace()
        if next == UInt8(ascii: "]") {
            position += 1
            return .array(elements)
        }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            guard next == UInt8(ascii: ",") else { break }
            position += 1
        }
        try expect("]")
        return .array(elements)
    }

    /// A number, true, false or null.
    mutating func word() throws(JSONError) -> JSON {
        let start = position
        while let byte = next, byte.isWordByte { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if let integer = Int(text) { return .integer(integer) }
        guard text == "true" || text == "false" || text == "null" || Double(text) != nil else {
            position = start
            throw error("a value is missing")
        }
        return .other
    }

    mutating func string() throws(JSONError) -> String {
        guard next == UInt8(ascii: "\"") else { throw error("a string is missing") }
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw error("a string is not UTF-8") }
                return string
            case UInt8(ascii: "\\"):
                text.append(contentsOf: try escaped())
            case 0..<0x20:
                throw error("a string has an unescaped control character")
            default:
                text.append(byte)
            }
        }
        throw error("a string is not terminated")
    }

    mutating func escaped() throws(JSONError) -> [UInt8] {
        guard let byte = next else { throw error("a string is not terminated") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            var unit = try hexadecimalUnit()
            if 0xD800..<0xDC00 ~= unit {
                guard next == UInt8(ascii: "\\") else { throw error("half of a surrogate pair is missing") }
                position += 1
                guard next == UInt8(ascii: "u") else { throw error("half of a surrogate pair is missing") }
                position += 1
                let low = try hexadecimalUnit()
                guard 0xDC00..<0xE000 ~= low else { throw error("half of a surrogate pair is missing") }
                unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(unit) else { throw error("an escape is not a valid character") }
            return Array(String(Character(scalar)).utf8)
        default:
            throw error("an unknown escape")
        }
    }

    mutating func hexadecimalUnit() throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw error("an escape needs four hexadecimal digits")
            }
            position += 1
            unit = unit << 4 + UInt32(digit)
        }
        return unit
    }
}

extension UInt8 {
    fileprivate var isWordByte: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
