import Imaging

/// Watches over a training for what it does not recover from: values that are no numbers, losses that run away, pictures that have gone
/// flat or black.
package struct Health {
    /// Steps that smoothed losses look back.
    private static let memory = 20.0
    /// How far smoothed losses may rise above their best.
    private static let largestRise = 5.0
    /// Standard deviation, in values of 0...255, below which a picture shows nothing.
    private static let leastContrast = 1.0
    /// Steps in a row without contrast that are too many.
    private static let mostFlatSteps = 20
    /// Before this step nothing but numbers is asked for: first pictures are flat.
    private static let firstStep = 100

    private let settings: TrainingSettings
    private var steps = 0
    private var smoothed = 0.0
    private var best = Double.infinity
    private var isFlat = false
    private var flatSteps = 0

    package init(settings: TrainingSettings) { self.settings = settings }

    /// Whether nothing is amiss, so that the state may be kept to come back to.
    package var isWell: Bool { !isFlat && !(smoothed > 2 * best) }

    /// Takes note of a step.
    ///
    /// - Parameter contrast: of the pictures; nil: a step of an earlier run.
    /// - Returns: what has gone wrong beyond recovery, to be put after "In step 5"; nil: nothing.
    package mutating func note(_ losses: TrainingLosses, contrast: Double?) -> String? {
        steps += 1
        guard losses.total(settings, pixelWeight: settings.pixelWeight).isFinite else { return "the loss is no number" }
        // The pixel loss comes and goes with the samples' motion.
        let perceptual = settings.contentWeight * Double(losses.content) + settings.styleWeight * Double(losses.style)
        let share = 1 / min(Double(steps), Self.memory)
        smoothed += (perceptual - smoothed) * share
        if steps >= Int(Self.memory) { best = min(best, smoothed) }
        guard let contrast else { return nil }
        isFlat = contrast < Self.leastContrast
        flatSteps = isFlat && steps >= Self.firstStep ? flatSteps + 1 : 0
        if flatSteps >= Self.mostFlatSteps { return "the network's pictures have gone flat" }
        if smoothed > Self.largestRise * best && steps >= Self.firstStep {
            return "content and style loss have risen to \(Int(min(smoothed / best, 1e15))) times the best there was"
        }
        return nil
    }
}

extension Image {
    /// The standard deviation of the samples about their channel's mean.
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
