import Glibc

/// Holds the pixel weight back where the style gets worse while the network runs on its own results.
///
/// With too high a weight for a painting a gated network learns to copy the last picture for ever, which later steps hardly
/// unlearn; the weight that a painting bears differs by an order of magnitude between a smooth one and one of points. What tells
/// is the style loss after some frames of recursion against that of single pictures: a healthy network's is the lower one,
/// for the prior helps it to paint.
package struct StyleDrift {
    /// Where the factor begins: a network that cannot paint yet has nothing worth copying.
    private static let start = 0.1
    private static let range = 0.02...1.0
    /// Frames of recursion from which a step tells of drift.
    private static let leastFrames = 3
    /// Steps of either kind that smoothed losses look back, and that are waited for.
    private static let memory = 20.0
    /// What a step changes of the factor's logarithm: by how far the drift is from its limit, and at most.
    private static let gain = 0.05
    private static let largestFall = -0.03
    private static let largestRise = 0.01

    /// What the pixel weight is multiplied by.
    package private(set) var factor: Double
    private let limit: Double
    private var single = Smoothed()
    private var recursive = Smoothed()

    /// - Parameter limit: how many times that of single pictures the style loss may be after recursion; 0: the factor is 1.
    package init(limit: Double) {
        self.limit = limit
        factor = limit > 0 ? Self.start : 1
    }

    /// Takes note of a step.
    package mutating func note(_ record: TrainingRecord) {
        guard limit > 0 else { return }
        let style = Double(record.losses.style)
        if record.frames == 0 { single.note(style) }
        if record.frames >= Self.leastFrames { recursive.note(style) }
        var change = Self.largestRise
        if let base = single.logarithm, let drifted = recursive.logarithm {
            change = Self.gain * (log(limit) - (drifted - base))
        }
        let next = factor * exp(min(max(change, Self.largestFall), Self.largestRise))
        factor = min(max(next, Self.range.lowerBound), Self.range.upperBound)
    }

    /// The mean logarithm of what was noted lately.
    private struct Smoothed {
        private var count = 0.0
        private var mean = 0.0
        /// nil: too little was noted.
        var logarithm: Double? { count < StyleDrift.memory ? nil : mean }

        mutating func note(_ value: Double) {
            count += 1
            mean += (log(max(value, .leastNormalMagnitude)) - mean) / min(count, StyleDrift.memory)
        }
    }
}
