/// How long work takes, from how long it has taken so far: for work that is done in parts of about one length, such as the
/// iterations of an optimisation or the steps of a training.
public struct TimeEstimate: Sendable {
    private var start: (seconds: Double, parts: Int)?
    /// Parts done since the clock runs.
    public private(set) var parts = 0
    /// That they took.
    public private(set) var seconds = 0.0

    public init() {}

    /// Begins to count at `seconds` of any steady clock, when the work begins, or goes on after so many parts.
    public mutating func begin(at seconds: Double, parts: Int = 0) { start = (seconds, parts) }

    /// Takes note that so many parts were done at `seconds` of the same clock. Where nobody said when the work began, the clock
    /// begins to run here.
    public mutating func note(parts: Int, at seconds: Double) {
        guard let start else { return begin(at: seconds, parts: parts) }
        self.parts = parts - start.parts
        self.seconds = seconds - start.seconds
    }

    /// Whether enough has been seen for an estimate that is worth showing.
    public var isReliable: Bool { parts >= 3 }

    /// Nil: no part has been seen.
    public var secondsPerPart: Double? { parts > 0 ? seconds / Double(parts) : nil }

    /// Seconds that so many parts will take; nil: not known yet.
    public func seconds(for parts: Double) -> Double? { secondsPerPart.map { max(0, parts) * $0 } }
}
