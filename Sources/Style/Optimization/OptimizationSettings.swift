import NeuralNet

/// What a frame is optimised for, and how long.
///
/// Weights are those of the authors' program: on values of 0...255, content and temporal losses are means over all
/// values, and the style loss is 1/N^2 times the paper's equation 2 (N channels of a layer).
public struct OptimizationSettings: Sendable, Equatable {
    /// What a frame's optimisation starts from (paper 4.1).
    public enum Start: String, CaseIterable, Sendable {
        /// Gaussian noise.
        case random
        /// The frame itself.
        case content
        /// The previous stylized frame.
        case previous
        /// The previous stylized frame, warped along the flow, as it is: where the flow is not certain too, for the
        /// optimisation paints over what does not fit, and at the border with its nearest pixels.
        case previousWarped = "previous-warped"
        /// What a feed-forward network makes of the frame.
        case network
    }

    public typealias TemporalPenalty = NeuralNet.TemporalPenalty

    public enum Method: String, CaseIterable, Sendable {
        case lbfgs, adam
    }

    /// Alpha, beta and gamma of the paper, and the weight of total variation.
    public var contentWeight = 1.0
    public var styleWeight = 20.0
    public var temporalWeight = 200.0
    public var totalVariationWeight = 0.0
    public var contentLayers = [LossLayer(block: 4, convolution: 2)]
    public var styleLayers = (1...5).map { LossLayer(block: $0, convolution: 1) }
    public var pooling = Pooling.max
    /// `absolute` has twice the weight (A.4).
    public var temporalPenalty = TemporalPenalty.squared
    /// Of the first frame, of a still, and of all frames of a multi-pass run's first pass.
    public var firstStart = Start.random
    /// Of all other frames.
    public var nextStart = Start.previousWarped
    public var firstIterations = 2000
    public var nextIterations = 1000
    /// An optimisation ends where the loss has changed by less than this share of itself within `toleranceWindow`
    /// iterations; 0: it never does.
    public var tolerance = 0.0001
    public var toleranceWindow = 50
    /// Passes over the whole shot (paper 4.4); 1: frame after frame, once.
    public var passes = 1
    public var passIterations = 100
    /// Delta of equations 13 and 14, 0...1.
    public var blend = 0.5
    /// The first pass, counted from 1, with a temporal loss.
    public var temporalFromPass = 8
    public var method = Method.lbfgs
    /// The size of the style pictures over that of the frames (both by the longer side).
    public var styleScale = 1.0
    /// What is cut off each side of a style picture, as a share of that side: the frame, or the edge of the canvas,
    /// that photographs of paintings often show, and that would be painted around every frame.
    public var styleCrop = 0.03
    public var seed: UInt64 = 0
    /// At most so many compute; 0: one for each processor. Results do not depend on it.
    public var threads = 0

    public init() {}
}
