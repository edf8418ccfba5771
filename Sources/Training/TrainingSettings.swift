import NeuralNet
import Style

/// All user settings of a training run, with their defaults.
///
/// Results depend on all of them except ``threads``. Losses are normalised as in the authors' program: on values of
/// 0...255, content and pixel losses are means over all values, the style loss is that of `StyleLoss`, and total
/// variation is the mean squared difference of neighbours.
public struct TrainingSettings: Sendable, Equatable, Codable {
    /// Whether the network predicts a per-pixel blend of prior and network output.
    public enum Gate: String, CaseIterable, Sendable, Codable {
        case prior, none
    }

    /// Video: seven input channels. Image: three, trained on single frames, without a gate.
    public var kind = ModelDescription.Kind.video
    /// Whether a video network has a gate.
    public var gate = Gate.prior
    /// Network layers; nil: those of the initial model, else ``defaultArchitecture``.
    public var architecture: String?
    /// Whether strides and upsampling are replaced by dilation (paper 5.1).
    public var isDilated = false
    /// Padding of the convolutions; nil: that of the initial model, else ``defaultPadding``.
    public var padding: Padding?
    /// What a video network sees in the prior's uncertain pixels (paper 8.3).
    public var fill = ModelDescription.Fill.texture

    /// Length of the training, in steps or seconds.
    public var length = TrainingLength.steps(2400)
    /// Number of recursive frames of a sample, by the share of the training done.
    public var frames = FrameSchedule.mixed
    /// Share of the steps on single frames with an empty prior (paper 5.2.1), 0...1.
    public var priorDropout = 0.6
    /// Side of the square samples in pixels.
    public var cropSize = 256
    /// Samples per step.
    public var batchSize = 1
    /// Initial learning rate of Adam.
    public var learningRate = 1e-2
    /// Factor of the learning rate over the training.
    public var rateSchedule = FactorSchedule.falling
    /// Further factor of the learning rate of the convolutions; instance norms have the whole rate. Nil:
    /// ``FactorSchedule/adapting`` for one style that begins with a model of several, else ``FactorSchedule/constant``.
    public var convolutionRate: FactorSchedule?
    /// Added to the gate's logit of the resulting model, -4...4: above 0 favours the prior. Not used during training;
    /// removed from the initial model first.
    public var coherence = 1.0
    /// Clip the gradient to this L2 norm.
    public var gradientLimit = 1e5

    /// Alpha of equation 3.
    public var contentWeight = 1.0
    /// Beta of equation 3.
    public var styleWeight = 6.0
    /// Weight of the squared distance from the prior, over its certain pixels.
    public var pixelWeight = 200.0
    /// Share of the pixel loss on an output 2 to 20 frames before the prior's, 0...1; 0: none.
    public var longTermShare = 0.5
    /// Factor of the pixel weight over the training.
    public var pixelSchedule = FactorSchedule.constant
    /// Maximum ratio of recurrent to single-frame style loss; above it the pixel weight is reduced (``StyleDrift``). 0:
    /// no limit.
    public var styleDrift = 1.1
    /// Weight of the total variation.
    public var totalVariationWeight = 0.05
    /// Layers of the content loss. The finer one keeps eyes and mouths.
    public var contentLayers = [
        LossLayer(block: 3, convolution: 1, reduction: 2), LossLayer(block: 2, convolution: 1, reduction: 1),
    ]
    /// Layers of the style loss. Those of the image at half size see whole strokes.
    public var styleLayers = [(1, 1), (2, 1), (3, 1), (3, 2), (4, 2)].map { block, reduction in
        LossLayer(block: block, convolution: 1, reduction: reduction)
    }
    /// What the style loss compares.
    public var styleStatistic = StyleStatistic.sliced
    /// Balance of the style layers' losses.
    public var styleNormalization = StyleNormalization.layer
    /// Pooling of the loss network.
    public var pooling = Pooling.average

    /// Shorter side of the style image in pixels.
    public var styleSize = 384
    /// Share cropped off each side of the style image first (see `OptimizationSettings.styleCrop`).
    public var styleCrop = 0.03
    /// Whether each style image is a style of its own in a model of several styles. Otherwise they are blended.
    public var separatesStyles = false
    /// Seed of the initial weights and the samples.
    public var seed: UInt64 = 0
    /// Maximum number of threads; 0: one per processor. Results do not depend on it.
    public var threads = 0

    /// The defaults of `pentimento train`.
    public init() {}

    /// The names of the command line's options.
    enum CodingKeys: String, CodingKey {
        case kind, gate, padding, fill, frames, seed, pooling, length
        case architecture = "arch"
        case isDilated = "dilated"
        case priorDropout = "prior-dropout"
        case cropSize = "crop"
        case batchSize = "batch"
        case learningRate = "learning-rate"
        case rateSchedule = "rate-schedule"
        case convolutionRate = "convolution-rate"
        case coherence
        case gradientLimit = "gradient-limit"
        case contentWeight = "content-weight"
        case styleWeight = "style-weight"
        case pixelWeight = "pixel-weight"
        case longTermShare = "long-term"
        case pixelSchedule = "pixel-schedule"
        case styleDrift = "style-drift"
        case totalVariationWeight = "tv-weight"
        case contentLayers = "content-layers"
        case styleLayers = "style-layers"
        case styleNormalization = "style-normalization"
        case styleStatistic = "style-loss"
        case styleSize = "style-size"
        case styleCrop = "style-crop"
        case separatesStyles = "separate-styles"
    }
}

extension TrainingSettings {
    /// Weight of the pixel loss at a share of the training, 0...1.
    public func pixelWeight(at fraction: Double) -> Double { pixelWeight * pixelSchedule.factor(at: fraction) }

    /// Whether each style has a texture.
    var takesTexture: Bool { kind == .video && fill == .texture }

    /// What priors are filled with before the network sees them.
    var priorFill: PriorFill { PriorFill(fill) }
}

// Encoded as written on the command line.
extension ModelDescription.Kind: Codable {}
extension Padding: Codable {}
extension Pooling: Codable {}
extension StyleNormalization: Codable {}
extension StyleStatistic: Codable {}
extension ModelDescription.Fill: Codable {}
extension LossLayer: Codable {
    /// Reads a name such as `relu4_2`; throws `ModelError` for others.
    public init(from decoder: any Decoder) throws {
        self = try LossLayer(decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the name, a string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
