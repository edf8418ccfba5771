import NeuralNet
import Style

/// What a network is trained for, on what, and for how long: everything that a user may set, with the defaults.
///
/// Results depend on all of it but ``threads``. Losses are in the authors' normalisation: values of 0...255, the content and
/// pixel losses means over all values, the style loss that of `StyleLoss`, total variation the mean of the squared
/// differences of neighbours.
public struct TrainingSettings: Sendable, Equatable, Codable {
    /// Whether the network decides pixel by pixel how much of the prior shows.
    public enum Gate: String, CaseIterable, Sendable, Codable {
        case prior, none
    }

    /// Video: seven inputs. Image: three, trained on single pictures, without a gate.
    public var kind = ModelDescription.Kind.video
    public var gate = Gate.prior
    /// The layers; nil: those of the model to go on from, else ``defaultArchitecture``.
    public var architecture: String?
    /// Whether strides and upsampling become dilations (paper 5.1).
    public var isDilated = false
    /// Beyond the border; nil: that of the model to go on from, else ``defaultPadding``.
    public var padding: Padding?
    /// What uncertain pixels of the prior hold (paper 8.3).
    public var fill = PriorFill.mean

    public var length = TrainingLength.steps(2400)
    /// How many frames a sample is followed through before the loss, by the part of the training that is done.
    public var frames = FrameSchedule.mixed
    /// The share of steps that train on single pictures, with an empty prior (paper 5.2.1), 0...1.
    public var priorDropout = 0.35
    /// Side of the square samples, in pixels.
    public var cropSize = 176
    /// Samples of a step.
    public var batchSize = 4
    /// Of Adam, at the start.
    public var learningRate = 2e-3
    /// What the learning rate is multiplied by as the training goes on.
    public var rateSchedule = FactorSchedule.falling
    /// Added to the gate's logit of the model that comes out, -4...4: steadier above 0. The training itself goes on without; of a
    /// model to go on from it is taken off first.
    public var coherence = 1.0
    /// The longest gradient that is followed as it is; a longer one is shortened to this.
    public var gradientLimit = 1e5

    public var contentWeight = 1.0
    public var styleWeight = 12.0
    /// Of the squared distance from the prior, on its certain pixels.
    public var pixelWeight = 500.0
    /// What the pixel weight is multiplied by as the training goes on.
    public var pixelSchedule = FactorSchedule.constant
    /// How many times that of single pictures the style loss may be after some frames of recursion: beyond, the pixel weight is held
    /// back (``StyleDrift``); 0: never.
    public var styleDrift = 0.95
    public var totalVariationWeight = 0.05
    public var contentLayers = [LossLayer(block: 3, convolution: 3)]
    public var styleLayers = [(1, 2), (2, 2), (3, 3), (4, 3)].map { LossLayer(block: $0.0, convolution: $0.1) }
    /// How the style layers' losses are balanced.
    public var styleNormalization = StyleNormalization.none
    public var pooling = Pooling.max

    /// Pixels that the style picture's shorter side is scaled to.
    public var styleSize = 384
    /// What is cut off each side of the style picture first, as a share of that side (`OptimizationSettings.styleCrop`).
    public var styleCrop = 0.03
    /// What first weights and samples are drawn from.
    public var seed: UInt64 = 0
    /// At most so many compute; 0: one for each processor. Results do not depend on it.
    public var threads = 0

    public init() {}

    /// As users know them: the command line's options.
    enum CodingKeys: String, CodingKey {
        case kind, gate, padding, fill, frames, seed, pooling, length
        case architecture = "arch"
        case isDilated = "dilated"
        case priorDropout = "prior-dropout"
        case cropSize = "crop"
        case batchSize = "batch"
        case learningRate = "learning-rate"
        case rateSchedule = "rate-schedule"
        case coherence
        case gradientLimit = "gradient-limit"
        case contentWeight = "content-weight"
        case styleWeight = "style-weight"
        case pixelWeight = "pixel-weight"
        case pixelSchedule = "pixel-schedule"
        case styleDrift = "style-drift"
        case totalVariationWeight = "tv-weight"
        case contentLayers = "content-layers"
        case styleLayers = "style-layers"
        case styleNormalization = "style-normalization"
        case styleSize = "style-size"
        case styleCrop = "style-crop"
    }
}

extension TrainingSettings {
    /// The weight of the pixel loss when a part of the training is done, 0...1.
    public func pixelWeight(at part: Double) -> Double { pixelWeight * pixelSchedule.factor(at: part) }
}

// What is written is what the user writes.
extension ModelDescription.Kind: Codable {}
extension Padding: Codable {}
extension Pooling: Codable {}
extension StyleNormalization: Codable {}
extension PriorFill: Codable {}
extension LossLayer: Codable {
    public init(from decoder: any Decoder) throws {
        self = try LossLayer(decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
