import FoundationEssentials

/// JSON with errors of one line.
package enum StudioJSON {
    /// A key of any name.
    struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// - Throws: ``StudioError``: where and what is wrong.
    package static func decode<T: Decodable>(_ type: T.Type, from json: [UInt8]) throws(StudioError) -> T {
        do { return try JSONDecoder().decode(type, from: Data(json)) } catch let error as StudioError {
            throw error
        } catch DecodingError.keyNotFound(let key, let context) {
            throw StudioError("\(place(context.codingPath))\(shown(key.stringValue)) is missing")
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
            throw StudioError("\(place(context.codingPath))this value is of another kind")
        } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
            throw StudioError("\(place(context.codingPath))this value cannot be used")
        } catch { throw StudioError("this is not valid JSON") }
    }

    /// On one line, with sorted keys.
    package static func encode(_ value: some Encodable, isPretty: Bool = false) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
        // Fails for numbers that are not finite alone.
        return (try? encoder.encode(value)).map(Array.init) ?? Array("null".utf8)
    }

    /// Where in a text something is wrong, to precede what; entries count from 1.
    static func place(_ path: [any CodingKey]) -> String {
        path.map { key in key.intValue.map { "entry \($0 + 1): " } ?? "\(shown(key.stringValue)): " }.joined()
    }
}

/// A number without a needless fraction.
func text(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : "\(number)"
}
