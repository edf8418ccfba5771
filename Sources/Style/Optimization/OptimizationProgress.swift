import Imaging

/// The terms of a frame's energy at one evaluation, each multiplied by its weight.
public struct EnergyTerms: Sendable, Equatable {
    /// Alpha L_content, over all content layers (equations 1, 3).
    public var content = 0.0
    /// Beta L_style, over all style layers (equations 2, 3).
    public var style = 0.0
    /// Gamma L_temporal, over all references (equations 8, 9, 11).
    public var temporal = 0.0
    /// Total variation, normalised as in the authors' program.
    public var totalVariation = 0.0

    package init() {}

    /// The energy that is minimised (equations 3, 9 and 11).
    public var loss: Double { content + style + temporal + totalVariation }
}

/// State after an iteration. Frames, passes and iterations are counted from 1.
public struct OptimizationProgress: Sendable {
    /// Number of the frame in its clip.
    public var frame: Int
    /// Number of frames; nil: not known.
    public var frames: Int?
    /// Always 1 without multi-pass.
    public var pass: Int
    /// 1: without multi-pass.
    public var passes: Int
    /// Starts anew with each frame and pass.
    public var iteration: Int
    /// Maximum number of iterations of the frame in this pass.
    public var iterations: Int
    /// Number of evaluations of energy and gradient for this frame in this pass.
    public var evaluations: Int
    /// Whether this was the frame's last iteration in this pass.
    public var isLast: Bool
    /// Energy after the iteration.
    public var terms: EnergyTerms
    /// The current frame in network space, not clamped. Do not keep it: that costs a copy.
    public var image: Image

    /// The total energy.
    public var loss: Double { terms.loss }
    /// Multiplied by its weight, as in ``terms``.
    public var content: Double { terms.content }
    /// Multiplied by its weight, as in ``terms``.
    public var style: Double { terms.style }
    /// Multiplied by its weight, as in ``terms``.
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

/// Called after each iteration; returning false cancels with ``OptimizationCancelled``.
public typealias OptimizationObserver = (OptimizationProgress) -> Bool

/// Result of a frame's optimisation.
public struct OptimizedFrame: Sendable {
    /// In network space, not clamped: the next frame's start and temporal loss use it unclamped. Only the displayed
    /// frame (`PackedPixels.store`) is clamped to 0...255. Clamping earlier would let bright and dark areas grow
    /// inwards.
    public var image: Image
    /// Energy of `image`.
    public var terms: EnergyTerms
    /// Number of iterations, up to the limit.
    public var iterations: Int
    /// Evaluations of energy and gradient: one or more per iteration.
    public var evaluations: Int
}
