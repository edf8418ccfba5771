import Conversions
import MediaIO
import Shots
import Style
import Support

/// All settings that the pixels of a painting depend on, so that parts of different settings are not joined.
struct PixelSettings {
    private var values: [(name: String, value: String)]

    /// Those of a conversion that ``Detector`` does not have.
    init(_ settings: Conversion.Settings) {
        values = [("version", Pentimento.configuration.version), ("bit-depth", "\(settings.bitDepth)")]
    }

    mutating func add(_ name: String, _ value: some CustomStringConvertible) {
        values.append((name, value.description))
    }

    /// Adds what cuts depend on, as frames do, too.
    mutating func add(_ detector: Detector) {
        for (name, value) in detector.fields { add("cuts-\(name)", value) }
    }

    /// Adds the content of a file, by its SHA-256.
    mutating func add(_ name: String, file path: String) throws {
        guard let digest = try Files.digest(of: path, goesOn: { Interrupt.received == nil }) else {
            throw MediaError("\(path): interrupted while it was read")
        }
        add(Self.content + name, digest.sha256)
    }

    /// Adds a style: the content of its model's file, and its name in it.
    mutating func add(_ name: String, style: String) throws {
        let (path, style) = try ModelLibrary.standard.file(of: style)
        try add(name, file: path)
        add("\(name)-name", style ?? "")
    }

    private static let content = "content of "

    /// Names and values, a line each: equal for equal settings.
    var text: String { values.map { "\($0.name)=\($0.value)" }.sorted().joined(separator: "\n") }

    /// In what a ``text`` differs from another, as `strength is 1, not 0.5`: the first three settings.
    static func difference(of text: String, from other: String) -> String {
        let (mine, its) = (fields(text), fields(other))
        let names = Set(mine.keys).union(its.keys).filter { mine[$0] != its[$0] }.sorted()
        let differences = names.prefix(3).map { name in
            guard !name.hasPrefix(content) else { return "the \(name) is another" }
            return "\(name) is \(mine[name] ?? "left out"), not \(its[name] ?? "left out")"
        }
        let more = names.count > 3 ? ["and \(names.count - 3) others"] : []
        return (differences + more).joined(separator: ", ")
    }

    private static func fields(_ text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = words.count > 1 ? String(words[1]) : ""
            fields[String(words[0])] = value.isEmpty ? "\"\"" : value
        }
        return fields
    }
}
