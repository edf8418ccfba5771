import Glibc

/// Reduces the pixel weight if the style loss rises when the network runs on its own outputs.
///
/// If the pixel weight is too high for a style, a gated network learns to copy the prior forever, and later steps
/// hardly undo this. The highest possible weight differs by an order of magnitude between styles. The indicator is the
/// ratio of the recurrent style loss, after some frames of recursion, to that of single frames: for a good network it
/// is below 1, since the prior helps.
package struct StyleDrift {
    /// Initial factor: an untrained network should not learn to copy yet.
    private static let start = 0.1
    private static let range = 0.02...1.0
    /// Minimum number of recursive frames of a step that counts as recurrent.
    private static let leastFrames = 3
    /// Time constant of the smoothed losses, in steps of each kind; also the number of steps before they are used.
    private static let memory = 20.0
    /// Change of the factor's logarithm per step: gain for the distance from the limit, and bounds.
    private static let gain = 0.05
    private static let largestFall = -0.03
    private static let largestRise = 0.01

    /// Factor of the pixel weight.
    package private(set) var factor: Double
    private let limit: Double
    private var single = Smoothed()
    private var recursive = Smoothed()

    /// - Parameter limit: maximum ratio of recurrent to single-frame style loss; 0: the factor is always 1.
    package init(limit: Double) {
        self.limit = limit
        factor = limit > 0 ? Self.start : 1
    }

    /// Records a step.
    package mutating func record(_ record: TrainingRecord) {
        guard limit > 0 else { return }
        let style = Double(record.losses.style)
        if record.frames == 0 { single.record(style) }
        if record.frames >= Self.leastFrames { recursive.record(style) }
        var change = Self.largestRise
        if let base = single.logarithm, let drifted = recursive.logarithm {
            change = Self.gain * (log(limit) - (drifted - base))
        }
        let next = factor * exp(min(max(change, Self.largestFall), Self.largestRise))
        factor = min(max(next, Self.range.lowerBound), Self.range.upperBound)
    }

    /// A running mean of logarithms.
    private struct Smoothed {
        private var count = 0.0
        private var mean = 0.0
        /// Nil: too few values yet.
        var logarithm: Double? { count < StyleDrift.memory ? nil : mean }

        mutating func record(_ value: Double) {
            count += 1
            mean += (log(max(value, .leastNormalMagnitude)) - mean) / min(count, StyleDrift.memory)
        }
    }
}
