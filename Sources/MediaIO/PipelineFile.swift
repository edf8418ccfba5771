import Imaging
import Support

/// A text pipeline with placeholders, as in `Pipelines/`.
///
/// Lines that start with `#` are comments; the rest is one pipeline in `gst-launch-1.0` syntax. `${key}` is replaced by
/// the value of the key, `${key=default}` by the value or else the default, which may contain placeholders, and `$$` by
/// a dollar sign. Values are inserted verbatim, so they may be elements. Within quotation marks, quotation marks and
/// backslashes in values are escaped, so there values may be any file name.
public struct PipelineFile: Sendable {
    /// A key; the default is nil if a value is required.
    public struct Key: Sendable, Equatable {
        /// As in `${name}`.
        public let name: String
        /// The first default in the file, as written there; nil: a value is required.
        public let defaultValue: String?
    }

    private indirect enum Piece: Sendable {
        case text(String)
        case placeholder(key: String, fallback: [Piece]?, isQuoted: Bool)
    }

    /// Name in messages.
    public let name: String
    private let pieces: [Piece]
    /// The first default of each key.
    private let fallbacks: [String: [Piece]]
    /// The keys in order of their first occurrence.
    public let keys: [Key]

    /// - Throws: if the file cannot be read or its placeholders are malformed.
    public init(contentsOf path: String) throws {
        try MediaInput.checkReadable(path)
        try self.init(parsing: String(decoding: Files.read(path, limit: 1 << 20), as: UTF8.self), name: path)
    }

    /// Limits of the time and memory that a file can require, far above those of real pipelines.
    private static let maximumLength = 1 << 20
    private static let maximumDepth = 32
    private static let maximumKeys = 1000
    private static let maximumPlaceholders = 100_000

    /// - Throws: if a placeholder is malformed, defaults are nested too deep, or there are too many keys.
    public init(parsing text: String, name: String) throws(MediaError) {
        self.name = name
        let lines = text.split(whereSeparator: \.isNewline).filter { $0.first { !$0.isWhitespace } != "#" }
        var rest = Substring(lines.map { $0.drop(while: \.isWhitespace) }.joined(separator: " "))
        var isQuoted = false
        pieces = try Self.parse(&rest, isQuoted: &isQuoted, depth: 0, name)
        var names: [String] = []
        var known: Set<String> = []
        var fallbacks: [String: [Piece]] = [:]
        Self.collect(pieces, &names, &known, &fallbacks)
        guard names.count <= Self.maximumKeys else {
            throw MediaError("\(name): has \(names.count) keys; at most \(Self.maximumKeys) are supported")
        }
        keys = names.map { Key(name: $0, defaultValue: fallbacks[$0].map(Self.text)) }
        self.fallbacks = fallbacks
    }

    // MARK: Parsing

    /// Parses to the end of the text or, in a default, to the closing brace.
    private static func parse(
        _ rest: inout Substring, isQuoted: inout Bool, depth: Int, _ file: String
    ) throws(MediaError) -> [Piece] {
        guard depth <= maximumDepth else {
            throw MediaError("\(file): defaults are nested more than \(maximumDepth) deep")
        }
        let isInside = depth > 0
        var pieces: [Piece] = []
        var run = ""
        while let character = rest.popFirst() {
            if character == "\\", let next = rest.popFirst() {
                run += "\\\(next)"
            } else if character == "$", rest.first == "$" {
                rest.removeFirst()
                run += "$"
            } else if character == "$", rest.first == "{" {
                pieces.append(.text(run))
                run = ""
                pieces.append(try placeholder(&rest, isQuoted: &isQuoted, depth: depth, file))
            } else if character == "}", isInside {
                return pieces + [.text(run)]
            } else {
                if character == "\"" { isQuoted.toggle() }
                run.append(character)
            }
        }
        if isInside { throw MediaError("\(file): a placeholder ${...} has no closing brace") }
        return pieces + [.text(run)]
    }

    private static func placeholder(
        _ rest: inout Substring, isQuoted: inout Bool, depth: Int, _ file: String
    ) throws(MediaError) -> Piece {
        let begin = rest.prefix(24)
        rest.removeFirst()
        let key = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
        rest = rest.dropFirst(key.count)
        let wasQuoted = isQuoted
        switch (key.isEmpty, rest.popFirst()) {
        case (false, "}"): return .placeholder(key: key, fallback: nil, isQuoted: wasQuoted)
        case (false, "="):
            let fallback = try parse(&rest, isQuoted: &isQuoted, depth: depth + 1, file)
            return .placeholder(key: key, fallback: fallback, isQuoted: wasQuoted)
        default: throw MediaError("\(file): “$\(begin)” is no placeholder; write ${key} or ${key=default}")
        }
    }

    private static func collect(
        _ pieces: [Piece], _ names: inout [String], _ known: inout Set<String>, _ fallbacks: inout [String: [Piece]]
    ) {
        for case .placeholder(let key, let fallback, _) in pieces {
            if known.insert(key).inserted { names.append(key) }
            if let fallback {
                if fallbacks[key] == nil { fallbacks[key] = fallback }
                collect(fallback, &names, &known, &fallbacks)
            }
        }
    }

    private static func text(_ pieces: [Piece]) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .placeholder(let key, let fallback, _): fallback.map { "${\(key)=\(text($0))}" } ?? "${\(key)}"
            }
        }.joined()
    }

    // MARK: Substitution

    /// The pipeline description with `values` inserted.
    ///
    /// - Throws: if a required value is missing or a key is unknown, with a list of the keys; or if defaults are
    ///   circular or too long.
    public func filled(with values: [String: String]) throws(MediaError) -> String {
        let list = keys.map { key in key.name + (key.defaultValue.map { $0.isEmpty ? " (nothing)" : "=\($0)" } ?? "=?")
        }
        let known = "its keys: \(list.isEmpty ? "none" : list.joined(separator: ", "))"
        if let unknown = values.keys.sorted().first(where: { name in !keys.contains { $0.name == name } }) {
            throw MediaError("\(name): has no key “\(unknown)”; \(known)")
        }
        var filling = Filling(values: values)
        try fill(pieces, &filling)
        let missing = filling.missing
        if !missing.isEmpty { throw MediaError("\(name): say \(missing.joined(separator: " ")); \(known)") }
        return filling.text
    }

    /// State of the substitution.
    private struct Filling {
        let values: [String: String]
        var text = ""
        /// Keys whose defaults are being expanded, outermost first.
        var open: [String] = []
        var placeholderCount = 0
        var missing: [String] = []
    }

    private func fill(_ pieces: [Piece], _ filling: inout Filling) throws(MediaError) {
        for piece in pieces {
            switch piece {
            case .text(let run): filling.text += run
            case .placeholder(let key, let fallback, let isQuoted):
                filling.placeholderCount += 1
                if let value = filling.values[key] {
                    filling.text +=
                        isQuoted ? String(value.flatMap { "\\\"".contains($0) ? ["\\", $0] : [$0] }) : value
                } else if let fallback = fallback ?? fallbacks[key] {
                    guard !filling.open.contains(key) else {
                        let cycle = (filling.open.drop { $0 != key } + [key]).map { "${\($0)}" }
                        throw MediaError(
                            "\(name): the default of \(cycle[0]) needs itself: \(cycle.joined(separator: ", "))")
                    }
                    filling.open.append(key)
                    try fill(fallback, &filling)
                    filling.open.removeLast()
                } else if !filling.missing.contains("\(key)=...") {
                    filling.missing.append("\(key)=...")
                }
            }
            guard filling.text.utf8.count <= Self.maximumLength,
                filling.placeholderCount <= Self.maximumPlaceholders
            else {
                throw MediaError(
                    "\(name): the defaults make it longer than \(Self.maximumLength) bytes or \(Self.maximumPlaceholders) placeholders"
                )
            }
        }
    }
}
