/// Why there is nothing to train with: one line that says what, where, and what to do about it.
public struct TrainingDataError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
