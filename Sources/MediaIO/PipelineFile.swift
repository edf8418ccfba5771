import Imaging
import Support

/// A pipeline as text with places to fill in, as in `Pipelines/`.
///
/// Lines whose first character is `#` are comments; the rest is one pipeline in the syntax of `gst-launch-1.0`. `${key}` stands
/// for the value that the user gives, `${key=default}` for that or else the default, which may hold places of its own, and `$$`
/// for a dollar sign. Values are put in as they are, so they may be elements; between quotation marks their own quotation
/// marks and backslashes are escaped, so there they may be any file name.
public struct PipelineFile: Sendable {
    /// A place to fill in; the default is nil where the user must say it.
    public struct Key: Sendable, Equatable {
        public let name: String
        public let defaultValue: String?
    }

    private indirect enum Piece: Sendable {
        case text(String)
        case place(key: String, fallback: [Piece]?, isQuoted: Bool)
    }

    /// What messages call it.
    public let name: String
    private let pieces: [Piece]
    /// By key, the first default that is given for it.
    private let fallbacks: [String: [Piece]]
    /// The keys in the order in which they come, each once.
    public let keys: [Key]

    /// - Throws: if there is no such file, or its places are malformed.
    public init(contentsOf path: String) throws {
        try MediaInput.checkReadable(path)
        try self.init(parsing: String(decoding: Files.read(path, limit: 1 << 20), as: UTF8.self), name: path)
    }

    /// - Throws: if a place is malformed.
    public init(parsing text: String, name: String) throws(MediaError) {
        self.name = name
        let lines = text.split(whereSeparator: \.isNewline).filter { $0.first { !$0.isWhitespace } != "#" }
        var rest = Substring(lines.map { $0.drop(while: \.isWhitespace) }.joined(separator: " "))
        var isQuoted = false
        pieces = try Self.parse(&rest, isQuoted: &isQuoted, isInside: false, name)
        var keys: [Key] = []
        var fallbacks: [String: [Piece]] = [:]
        Self.collect(pieces, &keys, &fallbacks)
        self.keys = keys.map { Key(name: $0.name, defaultValue: fallbacks[$0.name].map(Self.text)) }
        self.fallbacks = fallbacks
    }

    // MARK: Reading

    /// Reads to the end, or to the brace that closes the place whose default this is.
    private static func parse(
        _ rest: inout Substring, isQuoted: inout Bool, isInside: Bool, _ file: String
    ) throws(MediaError) -> [Piece] {
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
                pieces.append(try place(&rest, isQuoted: &isQuoted, file))
            } else if character == "}", isInside {
                return pieces + [.text(run)]
            } else {
                if character == "\"" { isQuoted.toggle() }
                run.append(character)
            }
        }
        if isInside { throw MediaError("\(file): a place ${...} has no closing brace") }
        return pieces + [.text(run)]
    }

    private static func place(
        _ rest: inout Substring, isQuoted: inout Bool, _ file: String
    ) throws(MediaError) -> Piece {
        let begin = rest.prefix(24)
        rest.removeFirst()
        let key = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
        rest = rest.dropFirst(key.count)
        let wasQuoted = isQuoted
        switch (key.isEmpty, rest.popFirst()) {
        case (false, "}"): return .place(key: key, fallback: nil, isQuoted: wasQuoted)
        case (false, "="):
            let fallback = try parse(&rest, isQuoted: &isQuoted, isInside: true, file)
            return .place(key: key, fallback: fallback, isQuoted: wasQuoted)
        default: throw MediaError("\(file): “$\(begin)” is no place to fill in; write ${key} or ${key=default}")
        }
    }

    private static func collect(_ pieces: [Piece], _ keys: inout [Key], _ fallbacks: inout [String: [Piece]]) {
        for case .place(let key, let fallback, _) in pieces {
            if !keys.contains(where: { $0.name == key }) { keys.append(Key(name: key, defaultValue: nil)) }
            if let fallback {
                if fallbacks[key] == nil { fallbacks[key] = fallback }
                collect(fallback, &keys, &fallbacks)
            }
        }
    }

    private static func text(_ pieces: [Piece]) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .place(let key, let fallback, _): fallback.map { "${\(key)=\(text($0))}" } ?? "${\(key)}"
            }
        }.joined()
    }

    // MARK: Filling in

    /// The pipeline's text with `values` filled in.
    ///
    /// - Throws: if a key without a default is missing, or a value is for a key that is not there; the message lists the keys.
    public func filled(with values: [String: String]) throws(MediaError) -> String {
        let list = keys.map { key in key.name + (key.defaultValue.map { $0.isEmpty ? " (nothing)" : "=\($0)" } ?? "=?")
        }
        let known = "its keys: \(list.isEmpty ? "none" : list.joined(separator: ", "))"
        if let unknown = values.keys.sorted().first(where: { name in !keys.contains { $0.name == name } }) {
            throw MediaError("\(name): has no key “\(unknown)”; \(known)")
        }
        var missing: [String] = []
        let text = fill(pieces, values, &missing)
        if !missing.isEmpty { throw MediaError("\(name): say \(missing.joined(separator: " ")); \(known)") }
        return text
    }

    private func fill(_ pieces: [Piece], _ values: [String: String], _ missing: inout [String]) -> String {
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let run): text += run
            case .place(let key, let fallback, let isQuoted):
                if let value = values[key] {
                    text += isQuoted ? String(value.flatMap { "\\\"".contains($0) ? ["\\", $0] : [$0] }) : value
                } else if let fallback = fallback ?? fallbacks[key] {
                    text += fill(fallback, values, &missing)
                } else if !missing.contains("\(key)=...") {
                    missing.append("\(key)=...")
                }
            }
        }
        return text
    }
}
