/// Estimates the duration of work from its speed so far. The work consists of units of similar length, such as
/// iterations of an optimisation or steps of a training.
package struct TimeEstimate: Sendable {
    private var start: (seconds: Double, units: Int)?
    /// Units done since the clock was started.
    package private(set) var units = 0
    /// Seconds that they took.
    package private(set) var seconds = 0.0

    package init() {}

    /// Starts the clock at `seconds` of any monotonic clock. `units`: units done before, when work is resumed.
    package mutating func begin(at seconds: Double, units: Int = 0) { start = (seconds, units) }

    /// Records that `units` units in total were done at `seconds` of the same clock. Starts the clock if
    /// ``begin(at:units:)`` was not called.
    package mutating func record(units: Int, at seconds: Double) {
        guard let start else { return begin(at: seconds, units: units) }
        self.units = units - start.units
        self.seconds = seconds - start.seconds
    }

    /// Whether enough units were recorded for a useful estimate.
    package var isReliable: Bool { units >= 3 }

    /// Seconds per unit; nil: none recorded.
    package var secondsPerUnit: Double? { units > 0 ? seconds / Double(units) : nil }

    /// Estimated seconds for `units` more units; nil: not known.
    package func seconds(for units: Double) -> Double? { secondsPerUnit.map { max(0, units) * $0 } }
}
