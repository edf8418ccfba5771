import Support

/// An error of a file or stream: one line with the place, the cause and, if possible, a remedy.
public struct MediaError: Error, CustomStringConvertible, Sendable, Equatable {
    /// The message, in one line.
    public let description: String

    /// Line breaks in the description are replaced by spaces.
    public init(_ description: String) {
        self.description = description.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    init(_ error: FileError) { self.init(error.description) }

    /// Runs `body` and converts its errors.
    package static func wrapping<Result>(_ body: () throws(FileError) -> Result) throws(MediaError) -> Result {
        do { return try body() } catch { throw MediaError(error) }
    }

    package static func missingFile(_ path: String) -> MediaError {
        MediaError("\(path): no such file")
    }

    package static func notMedia(_ path: String, _ detail: String? = nil) -> MediaError {
        let detail = detail.map { " (\($0))" } ?? ""
        return MediaError("\(path): neither a video nor a picture that can be decoded\(detail)")
    }

    /// The error for `errno` of an operation on `path`, with advice if there is any.
    package static func system(_ errorNumber: Int32, _ doing: String, _ path: String) -> MediaError {
        MediaError(FileError(errorNumber, doing, path))
    }
}
