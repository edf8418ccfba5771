/// Why there is no training data: one line with the problem, the place and a remedy.
public struct TrainingDataError: Error, Equatable, Sendable, CustomStringConvertible {
    /// For the user, in one line.
    public let description: String

    /// - Parameter description: one line with the problem, the place and a remedy.
    public init(_ description: String) {
        self.description = description
    }
}
