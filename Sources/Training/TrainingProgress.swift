/// Losses of a step: means over its samples, unweighted.
public struct TrainingLosses: Sendable, Equatable, Codable {
    /// `ContentLoss`, summed over its layers.
    public var content: Float
    /// `StyleLoss`, summed over its layers.
    public var style: Float
    /// 0 if the samples are single frames.
    public var pixel: Float
    /// Twice the mean squared difference of neighbours.
    public var totalVariation: Float

    package init(content: Float = 0, style: Float = 0, pixel: Float = 0, totalVariation: Float = 0) {
        self.content = content
        self.style = style
        self.pixel = pixel
        self.totalVariation = totalVariation
    }

    /// The sum that is minimised.
    ///
    /// - Parameter pixelWeight: at that step (``TrainingSettings/pixelWeight(at:)`` times
    ///   ``TrainingProgress/pixelFactor``).
    public func total(_ settings: TrainingSettings, pixelWeight: Double) -> Double {
        settings.contentWeight * Double(content) + settings.styleWeight * Double(style)
            + pixelWeight * Double(pixel) + settings.totalVariationWeight * Double(totalVariation)
    }
}

/// Losses of one step, for plots.
public struct TrainingRecord: Sendable, Equatable {
    /// Number of recursive frames; 0: single frames.
    public var frames: Int
    /// Losses of the step, unweighted.
    public var losses: TrainingLosses

    package init(frames: Int, losses: TrainingLosses) {
        self.frames = frames
        self.losses = losses
    }
}

/// State of a training run after a step.
public struct TrainingProgress: Sendable {
    /// Number of finished steps, including those of earlier runs.
    public let step: Int
    /// Total number of steps; an estimate if the length is given as time.
    public let steps: Int
    /// Number of recursive frames of this step; 0: single frames.
    public let frames: Int
    /// Losses of the step, unweighted.
    public let losses: TrainingLosses
    /// Weighted sum of all losses.
    public let total: Double
    /// Learning rate of the step.
    public let learningRate: Double
    /// Factor by which the pixel weight was reduced (``StyleDrift``).
    public let pixelFactor: Double
    /// Training time, including that of earlier runs.
    public let seconds: Double
    /// Estimated time to the end; nil: not known.
    public let secondsLeft: Double?
    /// Report of the validation after this step, if there was one.
    public let validation: ValidationReport?
}
