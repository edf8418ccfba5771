import NeuralNet

/// The whole state of a training after a step, from which it goes on as if it had not been interrupted.
public struct Checkpoint: Sendable {
    public let settings: TrainingSettings
    /// What else results depend on, for people to read: style picture, loss network, data.
    public let inputs: [String: String]
    /// Steps done.
    public let step: Int
    /// Of work that they took.
    public let seconds: Double
    /// What learning rates are multiplied by, halved each time that the training went bad.
    public let rateFactor: Double
    /// One for each step.
    public let history: [TrainingRecord]
    public let validations: [ValidationReport]

    /// - Throws: ``TrainingError/checkpoint(_:)`` or `ModelError` naming the file and what is wrong with it.
    public init(contentsOf path: String) throws {
        throw TrainingError.checkpoint("\(path): checkpoints are not built yet.")
    }

    /// Writes the file whole or not at all.
    ///
    /// - Throws: `FileError`; what was there before is then still there.
    public func write(to path: String) throws {
        throw TrainingError.checkpoint("\(path): checkpoints are not built yet.")
    }
}
