import Imaging

/// A pipeline as text with places to fill in, as in `Pipelines/`.
///
/// Lines whose first character is `#` are comments; the rest is one pipeline in the syntax of `gst-launch-1.0`. `${key}` stands
/// for the value that the user gives, `${key=default}` for that or else the default, which ends at the next `}`, and `$$` for
/// a dollar sign. Values are put in as they are, so they may be elements; between quotation marks their own quotation marks
/// and backslashes are escaped, so there they may be any file name.
public struct PipelineFile: Sendable, Equatable {
    /// A place to fill in; the default is nil where the user must say it.
    public struct Key: Sendable, Equatable {
        public let name: String
        public let defaultValue: String?
    }

    private enum Piece: Equatable {
        case text(String)
        case key(Key, isQuoted: Bool)
    }

    /// What messages call it.
    public let name: String
    private let pieces: [Piece]

    /// - Throws: if there is no such file, or its placeholders are malformed.
    public init(contentsOf path: String) throws {
        try MediaInput.checkReadable(path)
        try self.init(parsing: String(decoding: Files.read(path, limit: 1 << 20), as: UTF8.self), name: path)
    }

    public init(parsing text: String, name: String) throws(MediaError) {
        self.name = name
        let lines = text.split(whereSeparator: \.isNewline).filter { $0.first { !$0.isWhitespace } != "#" }
        var rest = Substring(lines.joined(separator: " "))
        var pieces: [Piece] = []
        var run = ""
        var isQuoted = false
        while let character = rest.popFirst() {
            if character == "\\", let next = rest.popFirst() {
                run += "\\\(next)"
            } else if character == "$", rest.first == "$" {
                rest.removeFirst()
                run += "$"
            } else if character == "$", rest.first == "{" {
                guard let end = rest.firstIndex(of: "}") else {
                    throw MediaError("\(name): “\(character)\(rest.prefix(20))” has no closing brace")
                }
                pieces.append(.text(run))
                run = ""
                pieces.append(.key(try Self.key(rest[..<end].dropFirst(), name), isQuoted: isQuoted))
                rest = rest[rest.index(after: end)...]
            } else {
                if character == "\"" { isQuoted.toggle() }
                run.append(character)
            }
        }
        pieces.append(.text(run))
        self.pieces = pieces
    }

    private static func key(_ text: Substring, _ file: String) throws(MediaError) -> Key {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty,
            name.allSatisfy({ $0.isLetter || $0.isNumber || "-_".contains($0) })
        else {
            throw MediaError("\(file): ${\(text)} is no placeholder; write ${key} or ${key=default}")
        }
        return Key(name: String(name), defaultValue: parts.count > 1 ? String(parts[1]) : nil)
    }

    /// The keys in the order in which they come, each once, with the first default that is given for it.
    public var keys: [Key] {
        var keys: [Key] = []
        for case .key(let key, _) in pieces {
            if let index = keys.firstIndex(where: { $0.name == key.name }) {
                if keys[index].defaultValue == nil { keys[index] = key }
            } else {
                keys.append(key)
            }
        }
        return keys
    }

    /// The pipeline's text with `values` filled in.
    ///
    /// - Throws: if a key without a default is missing, or a value is for a key that is not there; the message lists the keys.
    public func filled(with values: [String: String]) throws(MediaError) -> String {
        let keys = keys
        let list = keys.map { key in key.name + (key.defaultValue.map { $0.isEmpty ? "= (nothing)" : "=\($0)" } ?? "=?")
        }
        let known = "keys: \(list.isEmpty ? "none" : list.joined(separator: ", "))"
        let missing = keys.filter { $0.defaultValue == nil && values[$0.name] == nil }.map { "\($0.name)=" }
        if !missing.isEmpty { throw MediaError("\(name): say \(missing.joined(separator: " ")); \(known)") }
        if let unknown = values.keys.sorted().first(where: { name in !keys.contains { $0.name == name } }) {
            throw MediaError("\(name): has no key “\(unknown)”; \(known)")
        }
        return pieces.map { piece in
            switch piece {
            case .text(let text): return text
            case .key(let key, let isQuoted):
                let value = values[key.name] ?? keys.first { $0.name == key.name }?.defaultValue ?? ""
                return isQuoted ? String(value.flatMap { "\\\"".contains($0) ? ["\\", $0] : [$0] }) : value
            }
        }.joined()
    }
}
