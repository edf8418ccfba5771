import Support

/// What went wrong with a file or a stream: one line that says what, where, and what to do about it.
public struct MediaError: Error, CustomStringConvertible, Sendable, Equatable {
    public let description: String

    public init(_ description: String) {
        self.description = description.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    public init(_ error: FileError) { self.init(error.description) }

    /// What `body` gives; its errors become media errors.
    static func wrapping<Result>(_ body: () throws(FileError) -> Result) throws(MediaError) -> Result {
        do { return try body() } catch { throw MediaError(error) }
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
        MediaError(FileError(errorNumber, doing, path))
    }
}
