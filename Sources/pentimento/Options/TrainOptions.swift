import ArgumentParser
import NeuralNet
import Style
import Training

extension ModelDescription.Kind: ExpressibleByArgument {}
extension Padding: ExpressibleByArgument {}
extension Pooling: ExpressibleByArgument {}
extension ModelDescription.Fill: ExpressibleByArgument {}
extension StyleNormalization: ExpressibleByArgument {}
extension StyleStatistic: ExpressibleByArgument {}
extension TrainingSettings.Gate: ExpressibleByArgument {}

/// Options for ``TrainingSettings``.
struct TrainOptions: ParsableArguments {
    private static let defaults = TrainingSettings()

    @Option(help: "video: coherent, 7 input channels; image: 3 channels, for single images (image-model of stylize).")
    var kind = defaults.kind

    @Option(help: "Network architecture. (default: \(TrainingSettings.defaultArchitecture), or those of --init-from)")
    var arch: String?

    @Flag(help: "Dilated convolutions instead of strides (paper 5.1): slower, needs more memory.")
    var dilated = false

    @Option(help: "prior: the network also predicts a per-pixel blend with the prior; none: as in the paper.")
    var gate = defaults.gate

    @Option(
        help: """
            Padding of the convolutions: \(Padding.allCases.map(\.rawValue).joined(separator: ", ")). \
            (default: that of --init-from, or \(TrainingSettings.defaultPadding.rawValue))
            """)
    var padding: Padding?

    @Option(
        help: "Fill of uncertain pixels of the prior: mean or noise (paper 8.3), or a texture made from the painting.")
    var fill = defaults.fill

    @Option(parsing: .unconditional, help: "Number of training steps. (default: \(defaultSteps))")
    var steps: Int?

    @Option(help: "Training time in place of --steps, such as 30m or 1h30m; schedules are scaled to it.")
    var time: TimeSpan?

    @Option(
        help: """
            Schedule of the number of recurrent frames per sample: START:FRAMES with START as a step or per cent, such as \
            0:1,50%:2,70%:4 in the paper; 0:1/2/4 draws one of the numbers for each step.
            """)
    var frames = defaults.frames.description

    @Option(help: "Share of steps on single images, with an empty prior, 0 to 1.")
    var priorDropout = defaults.priorDropout

    @Option(help: "Width and height of the samples in pixels.")
    var crop = defaults.cropSize

    @Option(help: "Batch size: samples per step.")
    var batch = defaults.batchSize

    @Option(help: "Initial learning rate of Adam.")
    var learningRate = defaults.learningRate

    @Option(help: "Schedule of factors on the learning rate: START:FACTOR, with START such as 60%.")
    var rateSchedule = defaults.rateSchedule.description

    @Option(
        help: """
            Schedule of further factors on the learning rate of the convolutions; instance norms have the whole rate. \
            (default: \(FactorSchedule.adapting.description) if one style begins with a model of several, else none)
            """)
    var convolutionRate: String?

    @Option(help: "Clip the gradient to this L2 norm.")
    var gradientLimit = defaults.gradientLimit

    @Option(help: "Weight of the content loss.")
    var contentWeight = defaults.contentWeight

    @Option(help: "Weight of the style loss.")
    var styleWeight = defaults.styleWeight

    @Option(help: "Weight of the temporal pixel loss.")
    var pixelWeight = defaults.pixelWeight

    @Option(
        help: ArgumentHelp(
            "Share of the pixel loss on an output 2 to 20 frames back, against drift; 0: only on the last one.",
            valueName: "share"))
    var longTerm = defaults.longTermShare

    @Option(help: "Schedule of factors on the pixel weight: START:FACTOR, with START such as 60%.")
    var pixelSchedule = defaults.pixelSchedule.description

    @Option(
        help: ArgumentHelp(
            "Maximum ratio of recurrent to single-frame style loss; above it the pixel weight is reduced. 0: no maximum.",
            valueName: "factor"))
    var styleDrift = defaults.styleDrift

    @Option(help: "Gate bias built into the trained model, as the property coherence of stylize, -4 to 4.")
    var coherence = defaults.coherence

    @Option(name: .customLong("tv-weight"), help: "Weight of the total variation loss, which smooths the image.")
    var totalVariationWeight = defaults.totalVariationWeight

    @Option(help: "Loss network layers of the content loss.")
    var contentLayers = defaults.contentLayers.map(\.description).joined(separator: ",")

    @Option(help: "Loss network layers of the style loss; relu3_1/2: on the image at half size.")
    var styleLayers = defaults.styleLayers.map(\.description).joined(separator: ",")

    @Option(
        name: .customLong("style-loss"),
        help: "What the style loss compares: gram (Gram matrices), or sliced (distributions along random directions).")
    var styleStatistic = defaults.styleStatistic

    @Option(
        help: "Normalisation of the style layers: none, or layer (each loss over the mean square of its target).")
    var styleNormalization = defaults.styleNormalization

    @Option(help: "Pooling between the loss network's blocks: max or average.")
    var pooling = defaults.pooling

    @Option(help: "Pixels to scale the style image's shorter side to; larger values give larger strokes.")
    var styleSize = defaults.styleSize

    @Option(help: "Fraction to crop from each side of the style image, to remove a picture frame, 0 to 0.4.")
    var styleCrop = defaults.styleCrop

    @Flag(
        help: """
            Train one model with each --style-image as a style of its own, named after its file, instead of blending \
            them. Choose one by --style MODEL#NAME.
            """)
    var separateStyles = false

    @Option(parsing: .unconditional, help: "Seed of the initial weights and the samples.")
    var seed: UInt64 = defaults.seed

    @Option(parsing: .unconditional, help: "Number of threads; 0: one per processor. The result does not depend on it.")
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

    /// - Throws: `ValidationError` for a malformed or invalid option.
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
        settings.longTermShare = longTerm
        settings.styleDrift = styleDrift
        settings.coherence = coherence
        settings.totalVariationWeight = totalVariationWeight
        settings.styleNormalization = styleNormalization
        settings.styleStatistic = styleStatistic
        settings.pooling = pooling
        settings.styleSize = styleSize
        settings.styleCrop = styleCrop
        settings.separatesStyles = separateStyles
        settings.seed = seed
        settings.threads = threads
        do {
            settings.frames = try FrameSchedule(parsing: frames)
            settings.pixelSchedule = try FactorSchedule(parsing: pixelSchedule)
            settings.rateSchedule = try FactorSchedule(parsing: rateSchedule)
            settings.convolutionRate = try convolutionRate.map { try FactorSchedule(parsing: $0) }
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
