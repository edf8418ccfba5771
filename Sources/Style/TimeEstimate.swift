/// Estimates the duration of work from its speed so far. The work consists of units of similar length, such as
/// iterations of an optimisation or steps of a training.
public struct TimeEstimate: Sendable {
    private var start: (seconds: Double, parts: Int)?
    /// Units done since the clock was started.
    public private(set) var parts = 0
    /// Seconds that they took.
    public private(set) var seconds = 0.0

    public init() {}

    /// Starts the clock at `seconds` of any monotonic clock. `parts`: units done before, when work is resumed.
    public mutating func begin(at seconds: Double, parts: Int = 0) { start = (seconds, parts) }

    /// Records that `parts` units in total were done at `seconds` of the same clock. Starts the clock if
    /// ``begin(at:parts:)`` was not called.
    public mutating func note(parts: Int, at seconds: Double) {
        guard let start else { return begin(at: seconds, parts: parts) }
        self.parts = parts - start.parts
        self.seconds = seconds - start.seconds
    }

    /// Whether enough units were recorded for a useful estimate.
    public var isReliable: Bool { parts >= 3 }

    /// Seconds per unit; nil: none recorded.
    public var secondsPerPart: Double? { parts > 0 ? seconds / Double(parts) : nil }

    /// Estimated seconds for `parts` more units; nil: not known.
    public func seconds(for parts: Double) -> Double? { secondsPerPart.map { max(0, parts) * $0 } }
}
