/// Estimates the duration of work from its speed so far. The work consists of units of similar length, such as
/// iterations of an optimisation or steps of a training.
package struct TimeEstimate: Sendable {
    /// Units over which the speed is averaged: it follows a machine that becomes slower or faster.
    private static let memory = 50.0
    /// A unit counts as at most this many times the mean, once ten are known: a stopped process says nothing about speed.
    private static let longest = 20.0

    /// The last record, or the start of the clock.
    private var last: (seconds: Double, units: Int)?
    /// Units done since the clock was started.
    package private(set) var units = 0
    /// Seconds per unit; nil: none recorded.
    package private(set) var secondsPerUnit: Double?

    package init() {}

    /// Starts the clock at `seconds` of any monotonic clock. `units`: units done before, when work is resumed.
    package mutating func begin(at seconds: Double, units: Int = 0) { last = (seconds, units) }

    /// Records that `units` units in total were done at `seconds` of the same clock. Starts the clock if
    /// ``begin(at:units:)`` was not called. Time without a new unit counts for the next one.
    package mutating func record(units: Int, at seconds: Double) {
        guard let last else { return begin(at: seconds, units: units) }
        let new = units - last.units
        guard new > 0 else { return }
        self.units += new
        var pace = (seconds - last.seconds) / Double(new)
        if self.units > 10, let secondsPerUnit { pace = min(pace, Self.longest * secondsPerUnit) }
        let share = min(1, Double(new) / min(Double(self.units), Self.memory))
        secondsPerUnit = secondsPerUnit.map { $0 + (pace - $0) * share } ?? pace
        self.last = (seconds, units)
    }

    /// Whether enough units were recorded for a useful estimate.
    package var isReliable: Bool { units >= 3 }

    /// Estimated seconds for `units` more units; nil: not known.
    package func seconds(for units: Double) -> Double? { secondsPerUnit.map { max(0, units) * $0 } }
}
