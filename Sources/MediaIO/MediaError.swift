import Glibc

/// What went wrong with a file or a stream: one line that says what, where, and what to do about it.
public struct MediaError: Error, CustomStringConvertible, Sendable, Equatable {
    public let description: String

    public init(_ description: String) {
        self.description = description.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    static func missingFile(_ path: String) -> MediaError {
        MediaError("\(path): no such file")
    }

    static func notMedia(_ path: String, _ detail: String? = nil) -> MediaError {
        let detail = detail.map { " (\($0))" } ?? ""
        return MediaError("\(path): neither a video nor a picture that can be decoded\(detail)")
    }

    /// The C library's words for `errno` while doing something to `path`, with advice where there is some.
    static func system(_ errorNumber: Int32, _ doing: String, _ path: String) -> MediaError {
        let advice =
            switch errorNumber {
            case ENOSPC, EDQUOT, EFBIG: "; free some space or write elsewhere"
            case EACCES, EPERM, EROFS: "; write to a folder that is yours"
            case ENOENT: "; the folder does not exist"
            case EEXIST: "; --force replaces it"
            default: ""
            }
        return MediaError("\(path): cannot \(doing): \(String(cString: strerror(errorNumber)))\(advice)")
    }
}
