/// A request of HTTP/1.1.
struct HTTPRequest: Sendable {
    var method: String
    /// Percent-decoded parts between the slashes.
    var path: [String]
    var query: [String: String] = [:]
    /// By lowercase name.
    var headers: [String: String] = [:]
    var body: [UInt8] = []

    /// Why a request cannot be answered.
    struct Problem: Error, Equatable {
        let status: Int
        let reason: String
    }

    /// Longest head and body in bytes.
    static let largestHead = 16 << 10
    static let largestBody = 64 << 10

    /// The length of the body that follows the head.
    var bodyLength: Int { headers["content-length"].flatMap { Int($0) } ?? 0 }

    /// Whether another request may follow on the connection.
    var keepsAlive: Bool { headers["connection"]?.lowercased().contains("close") != true }

    /// - Parameter head: all before the empty line, without its line end.
    /// - Throws: ``Problem`` for anything that HTTP does not allow.
    init(head: some Collection<UInt8>) throws(Problem) {
        guard let text = String(validating: head, as: UTF8.self) else { throw Self.bad("the head is not UTF-8") }
        // "\r\n" is one Character.
        let lines = text.split(separator: "\r\n" as Character, omittingEmptySubsequences: false)
        let words = (lines.first ?? "").split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, !words[0].isEmpty, words[0].utf8.allSatisfy(\.isTokenByte), words[0].utf8.count <= 16
        else { throw Self.bad("the first line is no request") }
        guard words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0" else {
            throw Problem(status: 505, reason: "this server speaks HTTP/1.1")
        }
        method = String(words[0])
        let target = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = try Self.path(target[0])
        if target.count == 2 { query = try Self.query(target[1]) }
        if lines.count > 100 { throw Problem(status: 431, reason: "too many headers") }
        for line in lines.dropFirst() { try addHeader(line) }
        if words[2] == "HTTP/1.0" { headers["connection"] = "close" }
        guard headers["transfer-encoding"] == nil else {
            throw Problem(status: 411, reason: "send the body with a Content-Length")
        }
        if let length = headers["content-length"] {
            guard let number = Int(length), number >= 0, length.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
                throw Self.bad("the Content-Length is no number")
            }
            guard number <= Self.largestBody else {
                throw Problem(status: 413, reason: "the body is longer than \(Self.largestBody) bytes")
            }
        }
    }

    private mutating func addHeader(_ line: Substring) throws(Problem) {
        guard let colon = line.firstIndex(of: ":"), colon != line.startIndex,
            line[..<colon].utf8.allSatisfy(\.isTokenByte)
        else { throw Self.bad("a header has no name") }
        let value = line[line.index(after: colon)...]
        // A lone carriage return or line feed would let one header pass for two.
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw Self.bad("a header has a control character")
        }
        let name = line[..<colon].lowercased()
        let single: Set = ["host", "content-length", "transfer-encoding", "origin", "authorization"]
        if let earlier = headers[name] {
            guard !single.contains(name) else { throw Self.bad("the header \(name) is repeated") }
            headers[name] = earlier + (name == "cookie" ? "; " : ", ") + value.trimmed
        } else {
            headers[name] = value.trimmed
        }
    }

    private static func path(_ text: Substring) throws(Problem) -> [String] {
        guard text.first == "/" else { throw bad("the path does not begin with a slash") }
        var parts: [String] = []
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            parts.append(try decoded(part))
        }
        return parts
    }

    private static func query(_ text: Substring) throws(Problem) -> [String: String] {
        var items: [String: String] = [:]
        for item in text.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            items[try decoded(parts[0])] = parts.count == 2 ? try decoded(parts[1]) : ""
        }
        return items
    }

    /// Without percent-encoding.
    private static func decoded(_ text: Substring) throws(Problem) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
            guard digits.count == 2, digits != [0, 0] else { throw bad("the address is not percent-encoded") }
            bytes.append(UInt8(digits[0] << 4 | digits[1]))
            rest = rest.dropFirst(2)
        }
        guard let result = String(validating: bytes, as: UTF8.self) else { throw bad("the address is not UTF-8") }
        return result
    }

    private static func bad(_ reason: String) -> Problem { Problem(status: 400, reason: reason) }
}

extension UInt8 {
    /// Whether the byte may be part of a method or the name of a header (RFC 9110, 5.6.2).
    fileprivate var isTokenByte: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: Array("!#$%&'*+-.^_`|~".utf8).contains(self)
        }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }
        var text = drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return String(text)
    }
}
