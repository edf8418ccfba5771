import CAVFormat
import MediaIO

/// Which of an input's sounds, or of its subtitles, are taken.
public enum StreamChoice: Sendable, Equatable, CustomStringConvertible {
    case all
    case none
    /// Numbers from 1 on, among the streams of the kind, and languages such as `deu`.
    case some([String])

    /// The choice of `all`, `none`, or numbers and languages separated by commas; nil for an empty part.
    public init?(_ text: String) {
        switch text {
        case "all": self = .all
        case "none": self = .none
        default:
            let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.lowercased() }
            guard parts.allSatisfy({ !$0.isEmpty }) else { return nil }
            self = .some(parts)
        }
    }

    /// The text of which ``init(_:)`` makes it.
    public var description: String {
        switch self {
        case .all: "all"
        case .none: "none"
        case .some(let parts): parts.joined(separator: ",")
        }
    }

    /// The chosen streams.
    ///
    /// - Parameters:
    ///   - streams: those of the kind, in the order of the file.
    ///   - kind: in errors, such as `sound`.
    ///   - path: of the input.
    /// - Throws: if a part names none of them.
    func chosen(
        of streams: [UnsafeMutablePointer<AVStream>], kind: String, path: String
    ) throws(MediaError) -> [UnsafeMutablePointer<AVStream>] {
        let parts: [String]
        switch self {
        case .all: return streams
        case .none: return []
        case .some(let given): parts = given
        }
        let languages = streams.map(Self.language)
        func names(_ part: String, _ index: Int) -> Bool { part == String(index + 1) || part == languages[index] }
        for part in parts where !streams.indices.contains(where: { names(part, $0) }) {
            let known = streams.indices.map { "\($0 + 1) (\(languages[$0] ?? "no language"))" }
            throw MediaError(
                "\(path): has no \(kind) “\(part)”; "
                    + (known.isEmpty ? "it has none at all" : "it has \(known.joined(separator: ", "))"))
        }
        return streams.indices.filter { index in parts.contains { names($0, index) } }.map { streams[$0] }
    }

    private static func language(_ stream: UnsafeMutablePointer<AVStream>) -> String? {
        av_dict_get(stream.pointee.metadata, "language", nil, 0)?.pointee.value.map { String(cString: $0).lowercased() }
    }
}
