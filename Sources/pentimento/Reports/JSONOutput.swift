import FoundationEssentials

/// Indented JSON with sorted keys.
func jsonText(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// Prints ``jsonText(_:)`` to standard output.
func printJSON(_ value: some Encodable) throws {
    Terminal.write(try jsonText(value), to: .output)
}
