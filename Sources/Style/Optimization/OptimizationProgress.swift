import Imaging

/// What one evaluation of a frame's energy came to: what each loss adds to the sum, so with its weight.
public struct EnergyTerms: Sendable, Equatable {
    public var content = 0.0
    public var style = 0.0
    public var temporal = 0.0
    public var totalVariation = 0.0

    public init() {}

    /// The energy that is minimised (equations 3, 9 and 11).
    public var loss: Double { content + style + temporal + totalVariation }
}

/// Where an optimisation stands after an iteration. Frames, passes and iterations are counted from 1.
public struct OptimizationProgress: Sendable {
    public var frame: Int
    /// How many frames there are; nil: not known.
    public var frames: Int?
    public var pass: Int
    public var passes: Int
    public var iteration: Int
    /// The frame's limit in this pass; it may take fewer.
    public var iterations: Int
    /// How often the energy was evaluated for this frame in this pass, with its gradient.
    public var evaluations: Int
    /// Whether this was the frame's last iteration in this pass.
    public var isLast: Bool
    public var terms: EnergyTerms
    /// The frame as it is now, in network space, not clamped. To look at; keep no longer than needed, for it costs a
    /// copy.
    public var image: Image

    public var loss: Double { terms.loss }
    public var content: Double { terms.content }
    public var style: Double { terms.style }
    public var temporal: Double { terms.temporal }

    package init(
        frame: Int, frames: Int?, pass: Int, passes: Int, iteration: Int, iterations: Int, evaluations: Int,
        isLast: Bool, terms: EnergyTerms, image: Image
    ) {
        self.frame = frame
        self.frames = frames
        self.pass = pass
        self.passes = passes
        self.iteration = iteration
        self.iterations = iterations
        self.evaluations = evaluations
        self.isLast = isLast
        self.terms = terms
        self.image = image
    }
}

/// Told of each iteration; false cancels, which throws ``OptimizationCancelled``.
public typealias OptimizationObserver = (OptimizationProgress) -> Bool

/// What became of a frame.
public struct OptimizedFrame: Sendable {
    /// In network space, not clamped: the next frame's start and temporal loss take it so, and only what is shown
    /// (`PackedPixels.store`) is clamped to 0...255. Clamping in between would let bright and dark areas creep inward.
    public var image: Image
    /// Of `image`.
    public var terms: EnergyTerms
    public var iterations: Int
    public var evaluations: Int
}
