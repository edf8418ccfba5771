/// Why there is no training data: one line with the problem, the place and a remedy.
public struct TrainingDataError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
