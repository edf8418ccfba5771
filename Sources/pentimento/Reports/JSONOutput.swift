import FoundationEssentials

/// Indented JSON with sorted keys.
func jsonText(_ value: some Encodable) throws -> String { try text(value, .prettyPrinted) }

/// JSON with sorted keys in one line.
func jsonLine(_ value: some Encodable) throws -> String { try text(value, []) }

/// Prints ``jsonText(_:)`` to standard output.
func printJSON(_ value: some Encodable) throws {
    Terminal.write(try jsonText(value), to: .output)
}

private func text(_ value: some Encodable, _ format: JSONEncoder.OutputFormatting) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [format, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}
