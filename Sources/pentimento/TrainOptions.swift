import ArgumentParser
import NeuralNet
import Style
import Training

extension ModelDescription.Kind: ExpressibleByArgument {}
extension Padding: ExpressibleByArgument {}
extension PriorFill: ExpressibleByArgument {}
extension TrainingSettings.Gate: ExpressibleByArgument {}

/// Whose style it is: kept in the model, for credits.
struct PaintingOptions: ParsableArguments {
    @Option(name: .customLong("style-image"), help: "A painting, with its weight after a colon if there are several.")
    var styleImages: [StyleImageOption] = []

    @Option(help: "What the style is called. (default: the output's name)")
    var name: String?

    @Option(help: "Title of the painting.")
    var title: String?

    @Option(help: "Who painted it.")
    var painter: String?

    @Option(help: "When it was painted.")
    var year: String?

    @Option(help: "Where its picture comes from.")
    var source: String?

    @Option(help: "Terms of the model that comes out.")
    var license: String?

    func validate() throws {
        guard !styleImages.isEmpty else {
            throw ValidationError("--style-image names the painting, such as --style-image painting.jpg")
        }
    }

    /// What the model's metadata say of the painting; empty: nothing is known.
    var facts: [String: String] {
        ["title": title, "painter": painter, "year": year, "source": source].compactMapValues { $0 }
    }
}

/// What a network is trained for: ``TrainingSettings`` under the names of its keys.
struct TrainOptions: ParsableArguments {
    private static let defaults = TrainingSettings()

    @Option(help: "video: seven inputs, coherent; image: three, for single pictures (--image-model of stylize).")
    var kind = defaults.kind

    @Option(help: "The layers. (default: \(TrainingSettings.defaultArchitecture), or those of --init-from)")
    var arch: String?

    @Flag(help: "Dilated convolutions in place of strides (paper 5.1): slower, needs more memory.")
    var dilated = false

    @Option(help: "prior: the network decides pixel by pixel how much of its last picture shows; none: the paper's.")
    var gate = defaults.gate

    @Option(
        help: """
            What convolutions see beyond the border: \(Padding.allCases.map(\.rawValue).joined(separator: ", ")). \
            (default: that of --init-from, or \(TrainingSettings.defaultPadding.rawValue))
            """)
    var padding: Padding?

    @Option(help: "What uncertain pixels of the last picture hold: mean or noise (paper 8.3).")
    var fill = defaults.fill

    @Option(help: "Steps to train. (default: \(defaultSteps))")
    var steps: Int?

    @Option(help: "Time to train instead, such as 30m or 1h30m: the schedule is fitted to it.")
    var time: TimeSpan?

    @Option(
        help: """
            Frames that a sample is followed through on the network's own results: 0:1,50%:2,70%:4 as in the paper, from \
            which step or part on how many; 0:1/2/4 draws one for each step.
            """)
    var frames = defaults.frames.description

    @Option(help: "The share of steps on single pictures, with nothing before them, 0 to 1.")
    var priorDropout = defaults.priorDropout

    @Option(help: "Side of the samples in pixels.")
    var crop = defaults.cropSize

    @Option(help: "Samples of a step.")
    var batch = defaults.batchSize

    @Option(help: "Of Adam, at the start.")
    var learningRate = defaults.learningRate

    @Option(help: "What the learning rate is multiplied by, from which part of the training on.")
    var rateSchedule = defaults.rateSchedule.description

    @Option(help: "The longest gradient that is followed as it is; a longer one is shortened to this.")
    var gradientLimit = defaults.gradientLimit

    @Option(help: "How much the photograph's content counts.")
    var contentWeight = defaults.contentWeight

    @Option(help: "How much the style counts.")
    var styleWeight = defaults.styleWeight

    @Option(help: "How firmly a picture follows the one before.")
    var pixelWeight = defaults.pixelWeight

    @Option(help: "What the pixel weight is multiplied by, from which part of the training on.")
    var pixelSchedule = defaults.pixelSchedule.description

    @Option(
        help: ArgumentHelp(
            "How many times that of single pictures the style loss may be after some frames of recursion; beyond, the pixel "
                + "weight is held back. 0: never.", valueName: "factor"))
    var styleDrift = defaults.styleDrift

    @Option(help: "How much steadier the model that comes out is to be, as coherence of stylize: -4 to 4.")
    var coherence = defaults.coherence

    @Option(name: .customLong("tv-weight"), help: "How much smoother the picture is to be.")
    var totalVariationWeight = defaults.totalVariationWeight

    @Option(help: "Layers whose activations are to be the photograph's.")
    var contentLayers = defaults.contentLayers.map(\.description).joined(separator: ",")

    @Option(help: "Layers whose Gram matrices are to be the painting's.")
    var styleLayers = defaults.styleLayers.map(\.description).joined(separator: ",")

    @Option(
        help: "How style layers are balanced: none, or layer: each loss divided by the mean square of its target.")
    var styleNormalization = defaults.styleNormalization

    @Option(help: "What stands between the loss network's blocks: max, or average.")
    var pooling = defaults.pooling

    @Option(help: "Pixels that the painting's shorter side is scaled to: larger strokes above the default.")
    var styleSize = defaults.styleSize

    @Option(help: "What to cut off each side of the painting, such as a picture frame: a share of it, 0 to 0.4.")
    var styleCrop = defaults.styleCrop

    @Option(help: "What the first weights and the samples are drawn from.")
    var seed: UInt64 = defaults.seed

    @Option(help: "Threads to use; 0: one a processor. The model does not depend on it.")
    var threads = 0

    private static var defaultSteps: String {
        if case .steps(let steps) = defaults.length { "\(steps)" } else { "" }
    }

    func validate() throws {
        guard steps == nil || time == nil else {
            throw ValidationError("--steps and --time both say how long; give one of them")
        }
        if let time, time.seconds <= 0 { throw ValidationError("--time is more than 0") }
        guard (0...1024).contains(threads) else { throw ValidationError("--threads is 0 to 1024, not \(threads)") }
        _ = try settings()
    }

    /// - Throws: `ValidationError` that says what cannot be read.
    func settings() throws -> TrainingSettings {
        var settings = Self.defaults
        settings.kind = kind
        settings.architecture = arch
        settings.isDilated = dilated
        settings.gate = gate
        settings.padding = padding
        settings.fill = fill
        if let steps { settings.length = .steps(steps) }
        if let time { settings.length = .seconds(time.seconds) }
        settings.priorDropout = priorDropout
        settings.cropSize = crop
        settings.batchSize = batch
        settings.learningRate = learningRate
        settings.gradientLimit = gradientLimit
        settings.contentWeight = contentWeight
        settings.styleWeight = styleWeight
        settings.pixelWeight = pixelWeight
        settings.styleDrift = styleDrift
        settings.coherence = coherence
        settings.totalVariationWeight = totalVariationWeight
        settings.styleNormalization = styleNormalization
        settings.pooling = pooling
        settings.styleSize = styleSize
        settings.styleCrop = styleCrop
        settings.seed = seed
        settings.threads = threads
        do {
            settings.frames = try FrameSchedule(parsing: frames)
            settings.pixelSchedule = try FactorSchedule(parsing: pixelSchedule)
            settings.rateSchedule = try FactorSchedule(parsing: rateSchedule)
            settings.contentLayers = try LossLayer.list(contentLayers)
            settings.styleLayers = try LossLayer.list(styleLayers)
            try settings.validate()
            _ = try arch.map { try Architecture(parsing: $0) }
        } catch {
            throw ValidationError("\(error)")
        }
        return settings
    }
}
