import ArgumentParser
import Imaging
import MediaIO
import NeuralNet
import Style
import Support
import Training

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Trains a model for a new style from a painting and a folder of photographs.",
        discussion: """
            The style can be tried after a few minutes: during training, MODEL.pentimento/model.safetensors is the current \
            model, MODEL.preview.png and MODEL.preview.mp4 show it on held-out photographs, and MODEL.losses.svg plots the losses. \
            After an interruption, --resume continues from the last checkpoint.
            """)

    @Option(name: .shortAndLong, help: "The model to write (.safetensors).")
    var output: String

    @OptionGroup(title: "Painting") var painting: PaintingOptions
    @OptionGroup(title: "Samples") var data: TrainDataOptions
    @OptionGroup(title: "Training") var options: TrainOptions

    @Option(help: "Loss network: vgg16, vgg19 or a path.")
    var lossNetwork = "vgg16"

    @Option(
        help: """
            Model to initialise the weights from, a name or a path, which shortens the training considerably; none: random \
            weights. (default: \(TrainingSettings.startingModel), unless --arch or --dilated asks for another network)
            """)
    var initFrom: String?

    @Flag(help: "Resume an interrupted run from its last checkpoint.")
    var resume = false

    @Flag(help: "Replace the output if it exists; without --resume, discard an interrupted run.")
    var force = false

    @Option(help: "Time between two previews; 0: no previews.")
    var previewEvery = TimeSpan(seconds: 180)

    @Option(help: "Time between two checkpoints.")
    var saveEvery = TimeSpan(seconds: 120)

    @Option(help: "Steps between two validations on held-out data; 0: only at the end.")
    var validateEvery = Validation().interval

    @Flag(help: "Print a summary as JSON.")
    var json = false

    func validate() throws {
        guard output.hasSuffix(".safetensors"), output.split(separator: "/").last != ".safetensors" else {
            throw ValidationError("--output is a .safetensors file, not \(output)")
        }
        guard saveEvery.seconds > 0 else { throw ValidationError("--save-every is more than 0") }
        guard validateEvery >= 0 else { throw ValidationError("--validate-every is 0 or more, not \(validateEvery)") }
    }

    func run() throws {
        try Pentimento.startElements()
        // Errors of the output are reported before any work starts.
        try ReservedOutputs([output], replacing: force).release()
        if previewEvery.seconds > 0 {
            try ReservedOutputs(TrainPreview.Files(output: output).all, replacing: resume || force).release()
        }
        let settings = try options.settings()
        let network = try LossNetworkFile(contentsOf: ModelLibrary.standard.lossNetworkPath(of: lossNetwork)).weights
        let initial = try initialModel(settings)
        let styles = try painting.images()
        for (image, style) in zip(painting.styleImages, styles) {
            for warning in settings.warnings(of: style) {
                Terminal.write("pentimento: \(image.path): \(warning)", to: .error)
            }
        }
        let state = TrainState(output: output)
        let checkpoint = try state.prepare(resuming: resume, replacing: force)
        if resume && checkpoint == nil {
            Terminal.write("pentimento: there is nothing to resume; starting with the first step", to: .error)
        }
        let done = try state.keeping {
            try Interrupt.guarding {
                let data = try TrainData(data, settings: settings)
                let trainer = try Trainer(
                    settings: settings, styles: styles, names: painting.names, lossNetwork: network,
                    source: data.source,
                    validation: data.validation(settings, every: validateEvery), initial: initial, inputs: data.inputs,
                    checkpoint: checkpoint)
                let seconds = try train(trainer, data, state)
                try WholeFile.write(encoded(trainer), to: output, replacing: force)
                return (data: data, trainer: trainer, seconds: seconds)
            }
        }
        state.discard()
        try report(done.trainer, done.data, seconds: done.seconds)
    }

    /// The model to begin from; nil: random weights.
    private func initialModel(_ settings: TrainingSettings) throws -> Model? {
        if let initFrom { return initFrom == "none" ? nil : try ModelLibrary.standard.model(initFrom) }
        guard settings.architecture == nil, !settings.isDilated,
            ModelLibrary.standard.contains(TrainingSettings.startingModel)
        else { return nil }
        return try ModelLibrary.standard.model(TrainingSettings.startingModel)
    }

    private func encoded(_ trainer: Trainer) throws -> [UInt8] {
        let file = output.split(separator: "/").last.map(String.init) ?? output
        return try trainer.encodedModel(
            style: painting.name ?? String(file.dropLast(".safetensors".count)), license: painting.license,
            paintings: painting.facts)
    }

    /// Trains to the end, writes checkpoints and shows the progress.
    ///
    /// - Returns: training time in seconds, including that of earlier runs.
    private func train(_ trainer: Trainer, _ data: TrainData, _ state: TrainState) throws -> Double {
        var progress = TrainProgress(settings: trainer.settings)
        defer { progress.clear() }
        let show = TrainPreview(output: output, photographs: data.heldOut, every: previewEvery.seconds)
        var savedAt = Terminal.now
        var seconds = 0.0
        do {
            let isWhole = try trainer.run { step in
                seconds = step.seconds
                progress.record(step)
                try Cancellation.check()
                if Terminal.now - savedAt > saveEvery.seconds {
                    try state.save(trainer.checkpoint(), model: encoded(trainer))
                    savedAt = Terminal.now
                }
                if show.isDue {
                    progress.clear()
                    // The preview uses the saved model file, which the user can try too.
                    try state.save(trainer.checkpoint(), model: encoded(trainer))
                    savedAt = Terminal.now
                    show.update(trainer, step: step.step, model: state.modelFile)
                } else if step.validation != nil {
                    show.plot(trainer)
                }
                return true
            }
            try state.save(trainer.checkpoint(), model: encoded(trainer))
            guard isWhole else { throw MediaError("interrupted in step \(trainer.step)") }
        } catch is Cancelled {
            // Only the interrupted step is lost.
            if trainer.step > 0 {
                try Cancellation().follow { try state.save(trainer.checkpoint(), model: encoded(trainer)) }
            }
            throw MediaError("interrupted in step \(trainer.step + 1)")
        } catch TrainingError.diverged(let what, let step, let lastGood) {
            try state.save(lastGood)
            throw TrainingError.diverged(what: what, step: step, lastGood: lastGood)
        }
        progress.clear()
        if previewEvery.seconds > 0 { show.update(trainer, step: trainer.step, model: state.modelFile) }
        return seconds
    }

    private func report(_ trainer: Trainer, _ data: TrainData, seconds: Double) throws {
        let last = trainer.validations.last
        if json {
            return try printJSON(
                Report(
                    output: output, steps: trainer.step, seconds: seconds, photographs: data.photographCount,
                    skipped: data.skipped, losses: trainer.history.last?.losses, validation: last))
        }
        Terminal.write("\(output): \(trainer.step) steps in \(roughTime(seconds))", to: .output)
        if let last { Terminal.write(TrainProgress.text(of: last, settings: trainer.settings), to: .output) }
        Terminal.write("try it: pentimento stylize clip.mp4 -o painted.mp4 --style \(output)", to: .output)
    }

    private struct Report: Encodable {
        let output: String
        let steps: Int
        let seconds: Double
        let photographs: Int
        let skipped: [TrainData.Skipped]
        /// Losses of the last step.
        let losses: TrainingLosses?
        let validation: ValidationReport?
    }
}
