import Imaging

/// Detects a training run that will not recover: non-finite values, rising losses, outputs without contrast.
package struct DivergenceMonitor {
    /// Time constant of the smoothed losses, in steps.
    private static let memory = 20.0
    /// Maximum ratio of the smoothed loss to its minimum.
    private static let largestRise = 5.0
    /// Standard deviation, in values of 0...255, below which an image counts as flat.
    private static let leastContrast = 1.0
    /// Number of consecutive flat steps that count as divergence.
    private static let mostFlatSteps = 20
    /// Before this step only non-finite values are detected: the first outputs are always flat.
    private static let firstStep = 100

    private let settings: TrainingSettings
    private var steps = 0
    private var smoothed = 0.0
    private var best = Double.infinity
    private var isFlat = false
    private var flatSteps = 0

    package init(settings: TrainingSettings) { self.settings = settings }

    /// Whether the state is good enough to restart from.
    package var isHealthy: Bool { !isFlat && !(smoothed > 2 * best) }

    /// Records a step.
    ///
    /// - Parameter contrast: of the outputs; nil: a step of an earlier run.
    /// - Returns: how the training diverged, to follow "In step 5"; nil: it did not.
    package mutating func record(_ losses: TrainingLosses, contrast: Double?) -> String? {
        steps += 1
        guard losses.total(settings, pixelWeight: settings.pixelWeight).isFinite else {
            return "the loss is not finite"
        }
        // Without the pixel loss, which depends on the samples' motion.
        let perceptual = settings.contentWeight * Double(losses.content) + settings.styleWeight * Double(losses.style)
        let share = 1 / min(Double(steps), Self.memory)
        smoothed += (perceptual - smoothed) * share
        if steps >= Int(Self.memory) { best = min(best, smoothed) }
        guard let contrast else { return nil }
        isFlat = contrast < Self.leastContrast
        flatSteps = isFlat && steps >= Self.firstStep ? flatSteps + 1 : 0
        if flatSteps >= Self.mostFlatSteps { return "the network's pictures have gone flat: they have no contrast" }
        if smoothed > Self.largestRise * best && steps >= Self.firstStep {
            return "content and style loss have risen to \(Int(min(smoothed / best, 1e15))) times the best value"
        }
        return nil
    }
}

extension Image {
    /// Standard deviation of the samples about their channel's mean.
    var contrast: Double {
        var squares = 0.0
        for channel in 0..<channels {
            let plane = samples[channel * pixelCount..<(channel + 1) * pixelCount]
            let mean = plane.reduce(0) { $0 + Double($1) } / Double(max(plane.count, 1))
            squares += plane.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        }
        return (squares / Double(max(samples.count, 1))).squareRoot()
    }
}
