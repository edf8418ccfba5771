import Imaging
import NeuralNet

/// Input of one frame's optimisation.
public struct FrameTask {
    /// The content, in network space.
    public var frame: Image
    /// Initial value of the optimised frame, in network space.
    public var start: Image
    /// Temporal targets: other results warped to this frame; empty: no temporal loss.
    public var targets: [TemporalTarget]
    /// Maximum number of iterations.
    public var iterations: Int
    /// Whether ``OptimizationSettings/tolerance`` may stop it earlier.
    public var stopsEarly: Bool
    /// Frame number, counted from 1; for progress and errors.
    public var number: Int
    /// Number of frames of the clip, for progress; nil: not known.
    public var frames: Int?
    /// Current pass, counted from 1; for progress and errors.
    public var pass: Int
    /// Number of passes; for progress.
    public var passes: Int

    /// - Precondition: all images have one size.
    public init(
        frame: Image, start: Image, targets: [TemporalTarget] = [], iterations: Int, stopsEarly: Bool = true,
        number: Int = 1, frames: Int? = nil, pass: Int = 1, passes: Int = 1
    ) {
        self.frame = frame
        self.start = start
        self.targets = targets
        self.iterations = iterations
        self.stopsEarly = stopsEarly
        self.number = number
        self.frames = frames
        self.pass = pass
        self.passes = passes
    }
}

/// Optimises frames of one size independently (paper sections 3 and 4.2). Temporal terms come in with each
/// ``FrameTask``.
///
/// The loss network's memory is allocated once and reused for each frame. Not thread-safe.
public final class FrameOptimizer {
    /// Width of the frames in pixels.
    public let width: Int
    /// Height of the frames in pixels.
    public let height: Int
    /// Fixed: style targets and memory are made for them.
    public let settings: OptimizationSettings
    private let energy: FrameEnergy

    /// Computes the style targets and plans the loss network.
    ///
    /// - Throws: ``OptimizationError`` if settings or style images are invalid, `ModelError` if the loss network cannot
    ///   be planned for this size, or everything together takes more memory than `MemoryLimit` allows.
    public init(
        settings: OptimizationSettings, network: LossNetworkWeights, styles: [StyleImage], width: Int, height: Int
    ) throws {
        try settings.validate(with: network.kind)
        try Self.cost(settings, network: network, width: width, height: height)
            .check("the optimisation at \(width)x\(height)", remedy: "take smaller frames")
        self.settings = settings
        self.width = width
        self.height = height
        energy = try FrameEnergy(settings: settings, network: network, styles: styles, width: width, height: height)
    }

    /// Memory of the losses and the optimiser.
    private static func cost(
        _ settings: OptimizationSettings, network: LossNetworkWeights, width: Int, height: Int
    ) throws(ModelError) -> PlanCost {
        var cost = try PerceptualLoss.cost(
            weights: network, contentLayers: settings.contentWeight > 0 ? settings.contentLayers : [],
            styleLayers: settings.styleWeight > 0 ? settings.styleLayers : [], pooling: settings.pooling,
            width: width, height: height, threads: settings.threads)
        // The optimiser's history, iterates and gradients; the content, start and temporal targets.
        let vectors = (settings.method == .lbfgs ? 2 * LBFGS.defaultHistorySize : 2) + 12
        cost.add(vectors * 3 * width * height)
        return cost
    }

    /// Minimises the energy of a frame. The optimiser starts without history.
    ///
    /// - Parameter onProgress: called after each iteration.
    /// - Throws: ``OptimizationError/notANumber(frame:pass:iteration:what:)``, ``OptimizationCancelled`` if
    ///   `onProgress` returns false, `Cancelled` if the calling thread's `Cancellation` is requested, `ModelError` if
    ///   memory runs out.
    public func optimize(_ task: FrameTask, onProgress: OptimizationObserver? = nil) throws -> OptimizedFrame {
        try Cancellation.check()
        try check(task)
        try energy.setTargets(content: task.frame, temporal: task.targets)
        var point = task.start.samples
        var optimizer = makeOptimizer()
        var rule = StoppingRule(
            tolerance: task.stopsEarly ? settings.tolerance : 0, window: settings.toleranceWindow)
        var result = OptimizedFrame(image: task.start, terms: EnergyTerms(), iterations: 0, evaluations: 0)
        result.image.samples = []
        var hasRestarted = false

        while result.iterations < task.iterations {
            result.iterations += 1
            var seen: [EnergyTerms] = []
            let step = try optimizer.step(&point) { point, gradient in
                let terms = try energy.evaluate(point, &gradient)
                seen.append(terms)
                return terms.loss
            }
            result.evaluations += step.evaluations
            try Cancellation.check()
            // The optimiser handles a trial step with a non-finite loss; an accepted one is an error.
            guard step.loss.isFinite else {
                throw notANumber(brokenLoss(seen), task, iteration: result.iterations)
            }
            if let terms = seen.last(where: { $0.loss == step.loss }) { result.terms = terms }

            // When the optimiser finds no descent, its history may be stale: restart it once without history.
            let isStuck = step.isFinished && hasRestarted
            if step.isFinished { optimizer = makeOptimizer() }
            hasRestarted = step.isFinished
            let isLast = rule.shouldStop(after: step.loss) || isStuck || result.iterations == task.iterations
            guard report(result, point, task, isLast: isLast, to: onProgress) else { throw OptimizationCancelled() }
            if isLast { break }
        }
        result.image.samples = point
        guard point.allSatisfy(\.isFinite) else {
            throw notANumber("the picture", task, iteration: result.iterations)
        }
        return result
    }

    private func brokenLoss(_ terms: [EnergyTerms]) -> String {
        guard let broken = terms.first(where: { !$0.loss.isFinite }) else { return "the loss" }
        let parts = [
            ("the content loss", broken.content), ("the style loss", broken.style),
            ("the temporal loss", broken.temporal), ("the total variation", broken.totalVariation),
        ]
        return parts.first { !$0.1.isFinite }?.0 ?? "the loss"
    }

    private func check(_ task: FrameTask) throws {
        let images = [("the frame", task.frame), ("what it starts from", task.start)]
        for (name, image) in images {
            guard image.width == width, image.height == height, image.channels == 3 else {
                throw OptimizationError.shot(
                    "Frame \(task.number): \(name) is \(image.width)x\(image.height), not \(width)x\(height).")
            }
            // The network's ReLUs would hide it from the losses.
            guard image.samples.allSatisfy(\.isFinite) else {
                throw notANumber("a sample of \(name)", task, iteration: 0)
            }
        }
    }

    private func notANumber(_ what: String, _ task: FrameTask, iteration: Int) -> OptimizationError {
        .notANumber(frame: task.number, pass: task.pass, iteration: iteration, what: what)
    }

    private func report(
        _ result: OptimizedFrame, _ point: [Float], _ task: FrameTask, isLast: Bool, to observer: OptimizationObserver?
    ) -> Bool {
        guard let observer else { return true }
        return observer(
            OptimizationProgress(
                frame: task.number, frames: task.frames, pass: task.pass, passes: task.passes,
                iteration: result.iterations, iterations: task.iterations, evaluations: result.evaluations,
                isLast: isLast, terms: result.terms, image: Image(width: width, height: height, samples: point)))
    }

    private func makeOptimizer() -> any Optimizer {
        switch settings.method {
        case .lbfgs: LBFGS(threads: settings.threads)
        case .adam: Adam(learningRate: Self.adamStep, threads: settings.threads)
        }
    }

    /// Learning rate of Adam, in grey levels per iteration.
    private static let adamStep = 1.0
}
