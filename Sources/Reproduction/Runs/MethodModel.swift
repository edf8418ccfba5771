import Imaging
import MediaIO
import NeuralNet
import Style
import Support
import Training

/// The network of a training method of table 5: a model that is given, or one that is trained and kept.
struct MethodModel {
    let method: TrainingMethod
    let style: TableStyle
    let input: ReproductionInput
    /// Of the training: a developer increases it when the same settings give another model.
    private static let version = 1

    private var given: String? { input.trainedModels[method.rawValue] }

    /// What the model depends on, for the settings of jobs.
    ///
    /// - Throws: errors of a model that is missing.
    var facts: [String: String] {
        get throws {
            if let given { return ["model": try input.digest(ofModel: given)] }
            let folder = input.photographs ?? ""
            return [
                "training": try settings.fact, "training's version": "\(Self.version)", "painting": style.digest,
                "loss-network": input.lossNetwork.checksum,
                "photographs": try FileDigests.identity(of: Files.tree(of: folder).map { "\(folder)/\($0)" }),
            ]
        }
    }

    /// The model, trained now if the store has none.
    ///
    /// - Throws: errors of the training and of reading; `Cancelled`.
    func load(from store: JobStore) throws -> Model {
        if let given { return try input.library.model(given) }
        let facts = try facts
        if let kept = store.model(method.rawValue, settings: facts) { return kept }
        let photographs = try PhotoSet(
            folder: input.photographs ?? "", threads: input.threads, decode: { try Image(contentsOf: $0, over: 255) })
        let settings = try settings
        let trainer = try Trainer(
            settings: settings, styles: [style.painting], lossNetwork: input.lossNetwork,
            source: SyntheticSequences(photographs: photographs.training, seed: settings.seed))
        try trainer.run { _ in !Cancellation.process.isRequested }
        try Cancellation.check()
        let bytes = try trainer.encodedModel()
        try store.keep(model: bytes, as: method.rawValue, settings: facts)
        return try Model(bytes: bytes)
    }

    private var settings: TrainingSettings {
        get throws {
            var settings = TrainingSettings()
            settings.length = .steps(input.budget.trainingSteps)
            settings.cropSize = input.budget.trainingCrop
            settings.threads = input.threads
            try method.apply(to: &settings)
            return settings
        }
    }
}
