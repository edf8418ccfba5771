/// A file that is no use for training.
public struct SkippedFile: Sendable, Equatable, CustomStringConvertible {
    /// Within its folder; empty where the file was named itself.
    public let file: String
    public let reason: String

    public init(file: String, reason: String) {
        self.file = file
        self.reason = reason
    }

    public var description: String { file.isEmpty ? reason : "\(file): \(reason)" }
}
