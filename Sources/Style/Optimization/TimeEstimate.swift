/// How long an optimisation will take, from how long it has taken so far and how many iterations there may still be.
///
/// Until a frame is finished, frames are reckoned with their iteration limits, so that the first estimates are upper
/// ones; from then on with what finished frames of their kind have needed.
public struct TimeEstimate: Sendable {
    private let settings: OptimizationSettings
    /// How many frames there are; nil: not known, and only the current one can be foretold.
    public var frames: Int?
    private var start: Double?
    /// Iterations of this run, and the seconds that they took.
    private var iterations = 0
    private var seconds = 0.0
    private var current: OptimizationProgress?
    /// Iterations that finished frames needed: first ones and others.
    private var finished = (count: 0, iterations: 0)

    public init(settings: OptimizationSettings, frames: Int? = nil) {
        self.settings = settings
        self.frames = frames
    }

    /// Begins to count at `seconds` of any steady clock, when work begins on a frame.
    public mutating func begin(at seconds: Double) { start = seconds }

    /// Takes note of an iteration that ended at `seconds` of the same clock.
    public mutating func add(_ progress: OptimizationProgress, at seconds: Double) {
        if let start {
            iterations += 1
            self.seconds = seconds - start
        } else {
            // Nobody said when the first one began.
            start = seconds
        }
        if progress.isLast && progress.frame > 1 {
            finished.count += 1
            finished.iterations += progress.iteration
        }
        if let frames = progress.frames { self.frames = frames }
        current = progress
        current?.image = .init(width: 0, height: 0)
    }

    /// Whether enough iterations have been seen for an estimate that is worth showing.
    public var isReliable: Bool { iterations >= 3 }

    /// Seconds an iteration takes; nil: none has been seen.
    public var secondsPerIteration: Double? { iterations > 0 ? seconds / Double(iterations) : nil }

    /// Seconds until the current frame (of the current pass) is finished, at most.
    public var secondsLeftOfFrame: Double? {
        guard let current, let each = secondsPerIteration else { return nil }
        return current.isLast ? 0 : Double(current.iterations - current.iteration) * each
    }

    /// Seconds until everything is finished; nil: not known how much there is.
    public var secondsLeft: Double? {
        guard let current, let frames, let ofFrame = secondsLeftOfFrame, let each = secondsPerIteration else {
            return nil
        }
        if settings.passes > 1 {
            let rest = (settings.passes - current.pass + 1) * frames - turn(current, frames)
            return ofFrame + Double(max(0, rest) * settings.passIterations) * each
        }
        let perFrame =
            finished.count > 0
            ? Double(finished.iterations) / Double(finished.count) : Double(settings.nextIterations)
        return ofFrame + Double(max(0, frames - current.frame)) * perFrame * each
    }

    /// The current frame's turn in its pass, counted from 1.
    private func turn(_ progress: OptimizationProgress, _ frames: Int) -> Int {
        MultiPassSchedule.isForward(progress.pass) ? progress.frame : frames - progress.frame + 1
    }
}
