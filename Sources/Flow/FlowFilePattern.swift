/// File name pattern of a sequence's flow files: `backward_[%d]_{%d}.flo`. [ ] holds the number of the frame where the
/// flow starts, { } that of the frame to which it points, both counted from 1. A width such as `%04d` pads with zeros.
public struct FlowFilePattern: Sendable, Equatable {
    private enum Piece: Equatable {
        case text(String)
        case from(width: Int)
        case to(width: Int)
    }

    /// An invalid pattern, with the reason and an example.
    public struct Malformed: Error, Equatable, CustomStringConvertible {
        /// As the user wrote it.
        public let pattern: String
        /// What is wrong, to follow the pattern.
        public let reason: String
        /// One line that ends with an example of a valid pattern.
        public var description: String {
            "flow pattern \"\(pattern)\": \(reason); write for example backward_[%d]_{%04d}.flo"
        }
    }

    private let pieces: [Piece]

    /// - Throws: ``Malformed`` unless there is exactly one [%d] and one {%d}, each with an optional width of at most 9.
    public init(_ pattern: String) throws(Malformed) {
        var pieces: [Piece] = []
        var text = ""
        var rest = pattern[...]
        while let next = rest.popFirst() {
            guard next == "[" || next == "{" else {
                text.append(next)
                continue
            }
            let closing: Character = next == "[" ? "]" : "}"
            guard let end = rest.firstIndex(of: closing) else {
                throw Malformed(pattern: pattern, reason: "\(next) is not closed by \(closing)")
            }
            guard let width = FlowFilePattern.width(of: rest[..<end]) else {
                throw Malformed(
                    pattern: pattern, reason: "between \(next) and \(closing) stands \"\(rest[..<end])\" instead of %d")
            }
            if !text.isEmpty { pieces.append(.text(text)) }
            text = ""
            pieces.append(next == "[" ? .from(width: width) : .to(width: width))
            rest = rest[rest.index(after: end)...]
        }
        if !text.isEmpty { pieces.append(.text(text)) }
        let starts = pieces.count { if case .from = $0 { true } else { false } }
        let ends = pieces.count { if case .to = $0 { true } else { false } }
        guard starts == 1, ends == 1 else {
            throw Malformed(
                pattern: pattern,
                reason:
                    "it needs one [%d] for the frame where the flow starts and one {%d} for the frame where it points")
        }
        self.pieces = pieces
    }

    /// Path of the flow file from frame `from` to frame `to`, both counted from 1.
    public func path(from: Int, to: Int) -> String {
        pieces.reduce(into: "") { path, piece in
            switch piece {
            case .text(let text): path += text
            case .from(let width): path += FlowFilePattern.padded(from, to: width)
            case .to(let width): path += FlowFilePattern.padded(to, to: width)
            }
        }
    }

    /// The width in `%d`, `%4d` or `%04d`; nil for anything else.
    private static func width(of conversion: Substring) -> Int? {
        guard conversion.first == "%", conversion.last == "d", conversion.count >= 2 else { return nil }
        let digits = conversion.dropFirst().dropLast()
        if digits.isEmpty { return 0 }
        guard digits.allSatisfy({ "0"..."9" ~= $0 }), let width = Int(digits), width <= 9 else { return nil }
        return width
    }

    private static func padded(_ number: Int, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }
}
