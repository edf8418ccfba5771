/// A file that cannot be used for training.
public struct SkippedFile: Sendable, Equatable, CustomStringConvertible {
    /// Path within its folder; empty if the file was given directly.
    public let file: String
    /// Why it was skipped.
    public let reason: String

    package init(file: String, reason: String) {
        self.file = file
        self.reason = reason
    }

    /// One line: path, colon, reason; the reason alone without a path.
    public var description: String { file.isEmpty ? reason : "\(file): \(reason)" }
}
