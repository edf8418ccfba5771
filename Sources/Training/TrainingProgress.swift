/// What a step's losses came to: the mean of its samples, unweighted.
public struct TrainingLosses: Sendable, Equatable, Codable {
    public var content: Float
    public var style: Float
    /// 0 where the samples are single pictures.
    public var pixel: Float
    public var totalVariation: Float

    public init(content: Float = 0, style: Float = 0, pixel: Float = 0, totalVariation: Float = 0) {
        self.content = content
        self.style = style
        self.pixel = pixel
        self.totalVariation = totalVariation
    }

    /// The sum that is minimised.
    ///
    /// - Parameter pixelWeight: at that step (``TrainingSettings/pixelWeight(at:)`` times ``TrainingProgress/pixelFactor``).
    public func total(_ settings: TrainingSettings, pixelWeight: Double) -> Double {
        settings.contentWeight * Double(content) + settings.styleWeight * Double(style)
            + pixelWeight * Double(pixel) + settings.totalVariationWeight * Double(totalVariation)
    }
}

/// One step, for plots.
public struct TrainingRecord: Sendable, Equatable {
    /// Recursive frames before the loss; 0: single pictures.
    public var frames: Int
    public var losses: TrainingLosses

    public init(frames: Int, losses: TrainingLosses) {
        self.frames = frames
        self.losses = losses
    }
}

/// Where a training stands after a step.
public struct TrainingProgress: Sendable {
    /// Steps done, those of earlier runs counted.
    public let step: Int
    /// Of the whole training; an estimate where time limits it.
    public let steps: Int
    /// Recursive frames of this step; 0: single pictures.
    public let frames: Int
    public let losses: TrainingLosses
    /// The sum of all losses with their weights.
    public let total: Double
    public let learningRate: Double
    /// What the pixel weight was multiplied by, to hold it back (``StyleDrift``).
    public let pixelFactor: Double
    /// Of work, those of earlier runs counted.
    public let seconds: Double
    /// Until the end; nil: not known yet.
    public let secondsLeft: Double?
    /// Where the step was followed by a validation: what it said.
    public let validation: ValidationReport?
}
