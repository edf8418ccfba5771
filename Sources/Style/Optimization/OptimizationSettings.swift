import NeuralNet

/// Losses, starts, limits and passes of an optimisation.
///
/// Weights are those of the authors' program: on values of 0...255, content and temporal losses are means over all
/// values, and the style loss is 1/N^2 times the paper's equation 2 (N channels of a layer).
public struct OptimizationSettings: Sendable, Equatable {
    /// Initial value of a frame's optimisation (paper 4.1).
    public enum Start: String, CaseIterable, Sendable {
        /// Gaussian noise.
        case random
        /// The frame itself.
        case content
        /// The previous stylized frame.
        case previous
        /// The previous stylized frame warped along the flow, including pixels with uncertain flow: the optimisation
        /// repaints what does not fit. Beyond the border the nearest pixels are repeated.
        case previousWarped = "previous-warped"
        /// The output of a feed-forward network for the frame.
        case network
    }

    /// Squared differences (equation 8) or absolute ones (A.4).
    public typealias TemporalPenalty = NeuralNet.TemporalPenalty

    /// Weights of several references (4.3).
    public enum LongTermWeights: String, CaseIterable, Sendable {
        /// c_long (equation 12): a pixel is held to the closest frame in which it is visible.
        case closest
        /// c (equation 11): a pixel is held to each frame in which it is visible.
        case all
    }

    /// The optimiser.
    public enum Method: String, CaseIterable, Sendable {
        case lbfgs, adam
    }

    /// Alpha of equation 3; 0: no content loss.
    public var contentWeight = 1.0
    /// Beta of equation 3; 0: no style loss.
    public var styleWeight = 20.0
    /// Gamma of equation 9; 0: no temporal loss.
    public var temporalWeight = 200.0
    /// Weight of the total variation; 0: none.
    public var totalVariationWeight = 0.0
    /// Layers of the content loss.
    public var contentLayers = [LossLayer(block: 4, convolution: 2)]
    /// Layers of the style loss.
    public var styleLayers = (1...5).map { LossLayer(block: $0, convolution: 1) }
    /// What the style loss compares.
    public var styleStatistic = StyleStatistic.gram
    /// Balance of the style layers' losses.
    public var styleNormalization = StyleNormalization.none
    /// Pooling of the loss network.
    public var pooling = Pooling.max
    /// `absolute` has twice the weight (A.4).
    public var temporalPenalty = TemporalPenalty.squared
    /// Weights of references, if a frame has several.
    public var longTermWeights = LongTermWeights.closest
    /// Start of a first frame (of a clip or after a discontinuity), of a still image, and of all frames in pass 1 of a
    /// multi-pass run.
    public var firstStart = Start.random
    /// Start of all other frames.
    public var nextStart = Start.previousWarped
    /// Maximum number of iterations of frames with `firstStart`.
    public var firstIterations = 2000
    /// Maximum number of iterations of frames with `nextStart`.
    public var nextIterations = 1000
    /// Stops when the loss changed by less than this share within `toleranceWindow` iterations; 0: never.
    public var tolerance = 0.0001
    /// Iterations over which the change of the loss is measured.
    public var toleranceWindow = 50
    /// Passes over the whole shot (paper 4.4); 1: each frame once, in order.
    public var passes = 1
    /// Iterations per frame and pass, if `passes` is above 1.
    public var passIterations = 100
    /// Delta of equations 13 and 14, 0...1.
    public var blend = 0.5
    /// The first pass with a temporal loss, counted from 1.
    public var temporalFromPass = 8
    /// The optimiser.
    public var method = Method.lbfgs
    /// Longer side of the style images, relative to that of the frames.
    public var styleScale = 1.0
    /// Share cropped off each side of a style image: photographs of paintings often show the frame or the edge of the
    /// canvas, which would be reproduced around every output frame.
    public var styleCrop = 0.03
    /// Seed of all noise.
    public var seed: UInt64 = 0
    /// Maximum number of threads; 0: one per processor. Results do not depend on it.
    public var threads = 0

    /// The defaults of the element `styleoptimize`.
    public init() {}
}
