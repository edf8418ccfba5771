import Imaging
import NeuralNet
import Style

/// Trains a network for a style (paper section 5): each step follows a few samples through the network's own results and moves the
/// weights against the gradient of the last frame's loss.
///
/// For one thread at a time.
public final class Trainer {
    public let settings: TrainingSettings
    /// What the network is: settings, and the model gone on from, decide.
    public let description: ModelDescription
    /// Steps done, those of earlier runs counted.
    public private(set) var step = 0
    /// One for each step.
    public private(set) var history: [TrainingRecord] = []
    public private(set) var validations: [ValidationReport] = []

    /// - Parameters:
    ///   - styles: in network space, of any size, blended by their weights.
    ///   - source: of the samples.
    ///   - initial: a model to go on from instead of random weights (`--init-from`).
    ///   - inputs: what results depend on besides, for people to read, as in `["photos": "260 files, 3f2a..."]`; a checkpoint
    ///     with others is refused.
    ///   - checkpoint: where to go on.
    /// - Throws: ``TrainingError``, or `ModelError` if network or loss network cannot be planned.
    public init(
        settings: TrainingSettings, styles: [StylePicture], lossNetwork: LossNetworkWeights, source: any SequenceSource,
        validation: Validation? = nil, initial: Model? = nil, inputs: [String: String] = [:],
        checkpoint: Checkpoint? = nil
    ) throws {
        self.settings = settings
        description = ModelDescription(
            kind: settings.kind,
            architecture: try Architecture(parsing: settings.architecture ?? TrainingSettings.defaultArchitecture),
            padding: settings.padding, isGated: settings.isGated)
    }

    /// Steps until the end.
    ///
    /// - Parameter onProgress: told of each step; false stops after it.
    /// - Returns: whether the training is at its end.
    /// - Throws: ``TrainingError/diverged(what:step:lastGood:)``, and what the source throws.
    @discardableResult
    public func run(onProgress: (TrainingProgress) throws -> Bool = { _ in true }) throws -> Bool {
        throw TrainingError.settings(["The trainer is not built yet."])
    }

    /// The state as it is.
    public func checkpoint() throws -> Checkpoint {
        throw TrainingError.settings(["The trainer is not built yet."])
    }

    /// The network as it is, with everything about its making in its metadata.
    public func model() throws -> Model {
        throw TrainingError.settings(["The trainer is not built yet."])
    }

    /// The same as the bytes of a model file.
    ///
    /// - Parameters:
    ///   - style: its name.
    ///   - license: the file's terms.
    public func encodedModel(style: String? = nil, license: String? = nil) throws -> [UInt8] {
        throw TrainingError.settings(["The trainer is not built yet."])
    }
}
