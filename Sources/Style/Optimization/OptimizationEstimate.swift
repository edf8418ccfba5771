/// How long an optimisation will take, from how long it has taken so far and how many iterations there may still be.
///
/// Until a frame is finished, frames are reckoned with their iteration limits, so that the first estimates are upper
/// ones; from then on with what finished frames of their kind have needed.
public struct OptimizationEstimate: Sendable {
    /// Where an optimisation stands after an iteration, as in ``OptimizationProgress``.
    public struct Mark: Sendable {
        public var frame: Int
        /// Nil: not known.
        public var frames: Int?
        public var pass: Int
        public var iteration: Int
        public var iterations: Int
        public var isLast: Bool

        public init(frame: Int, frames: Int?, pass: Int, iteration: Int, iterations: Int, isLast: Bool) {
            self.frame = frame
            self.frames = frames
            self.pass = pass
            self.iteration = iteration
            self.iterations = iterations
            self.isLast = isLast
        }
    }

    private let settings: OptimizationSettings
    /// How many frames there are; nil: not known, and only the current one can be foretold.
    public var frames: Int?
    private var time = TimeEstimate()
    private var current: Mark?
    /// Iterations of all finished frames.
    private var finishedIterations = 0
    /// Those that finished frames other than the first needed.
    private var finished = (count: 0, iterations: 0)

    public init(settings: OptimizationSettings, frames: Int? = nil) {
        self.settings = settings
        self.frames = frames
    }

    /// Begins to count at `seconds` of any steady clock, when work begins on a frame.
    public mutating func begin(at seconds: Double) { time.begin(at: seconds) }

    /// Takes note of an iteration that ended at `seconds` of the same clock. Of a frame's iterations some may be left out, but not the
    /// last.
    public mutating func add(_ mark: Mark, at seconds: Double) {
        time.note(parts: finishedIterations + mark.iteration, at: seconds)
        if mark.isLast { finishedIterations += mark.iteration }
        if mark.isLast && mark.frame > 1 {
            finished.count += 1
            finished.iterations += mark.iteration
        }
        if let frames = mark.frames { self.frames = frames }
        current = mark
    }

    /// Whether enough iterations have been seen for an estimate that is worth showing.
    public var isReliable: Bool { time.isReliable }

    /// Seconds an iteration takes; nil: none has been seen.
    public var secondsPerIteration: Double? { time.secondsPerPart }

    /// Seconds until the current frame (of the current pass) is finished, at most.
    public var secondsLeftOfFrame: Double? { iterationsLeftOfFrame.flatMap { time.seconds(for: $0) } }

    /// Seconds until everything is finished; nil: not known how much there is.
    public var secondsLeft: Double? {
        guard let current, let frames, let ofFrame = iterationsLeftOfFrame else { return nil }
        if settings.passes > 1 {
            let rest = (settings.passes - current.pass + 1) * frames - turn(current, frames)
            return time.seconds(for: ofFrame + Double(max(0, rest) * settings.passIterations))
        }
        let perFrame =
            finished.count > 0
            ? Double(finished.iterations) / Double(finished.count) : Double(settings.nextIterations)
        return time.seconds(for: ofFrame + Double(max(0, frames - current.frame)) * perFrame)
    }

    private var iterationsLeftOfFrame: Double? {
        current.map { $0.isLast ? 0 : Double($0.iterations - $0.iteration) }
    }

    /// The current frame's turn in its pass, counted from 1.
    private func turn(_ mark: Mark, _ frames: Int) -> Int {
        MultiPassSchedule.isForward(mark.pass) ? mark.frame : frames - mark.frame + 1
    }
}

extension OptimizationProgress {
    /// For an ``OptimizationEstimate``.
    public var mark: OptimizationEstimate.Mark {
        .init(
            frame: frame, frames: frames, pass: pass, iteration: iteration, iterations: iterations, isLast: isLast)
    }
}
