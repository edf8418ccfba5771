/// Estimates an optimisation's remaining time from the time so far and the remaining iterations.
///
/// Until a frame is finished, iteration limits are used, so that the first estimates are upper bounds; after that, the
/// mean number of iterations of finished frames.
public struct OptimizationEstimate: Sendable {
    /// State after an iteration, as in ``OptimizationProgress``.
    public struct Position: Sendable {
        /// Counted from 1.
        public var frame: Int
        /// Nil: not known.
        public var frames: Int?
        /// Counted from 1; even ones run forward.
        public var pass: Int
        /// Counted from 1, anew for each frame and pass.
        public var iteration: Int
        /// Maximum number of iterations of the frame in this pass.
        public var iterations: Int
        /// Whether this was the frame's last iteration in this pass.
        public var isLast: Bool

        /// Frame, pass and iteration are counted from 1.
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
    /// Number of frames; nil: not known, and only the current frame's time can be estimated.
    public var frames: Int?
    private var time = TimeEstimate()
    private var current: Position?
    /// Total iterations of all finished frames.
    private var finishedIterations = 0
    /// Number and total iterations of finished frames after the first.
    private var finished = (count: 0, iterations: 0)

    /// - Parameter settings: for the passes, their iterations, and the limit of later frames.
    public init(settings: OptimizationSettings, frames: Int? = nil) {
        self.settings = settings
        self.frames = frames
    }

    /// Starts the clock: `seconds` of any monotonic clock, when work on a frame begins.
    public mutating func begin(at seconds: Double) { time.begin(at: seconds) }

    /// Records an iteration that ended at `seconds` of the same clock. Iterations may be left out, except a frame's
    /// last one.
    public mutating func add(_ position: Position, at seconds: Double) {
        time.record(units: finishedIterations + position.iteration, at: seconds)
        if position.isLast { finishedIterations += position.iteration }
        if position.isLast && position.frame > 1 {
            finished.count += 1
            finished.iterations += position.iteration
        }
        if let frames = position.frames { self.frames = frames }
        current = position
    }

    /// Whether enough iterations were recorded for a useful estimate.
    public var isReliable: Bool { time.isReliable }

    /// Seconds per iteration; nil: none recorded.
    public var secondsPerIteration: Double? { time.secondsPerUnit }

    /// Seconds until the current frame is finished in the current pass; an upper bound.
    public var secondsLeftOfFrame: Double? { iterationsLeftOfFrame.flatMap { time.seconds(for: $0) } }

    /// Seconds until everything is finished; nil: not known.
    public var secondsLeft: Double? {
        guard let current, let frames, let leftOfFrame = iterationsLeftOfFrame else { return nil }
        if settings.passes > 1 {
            let rest = (settings.passes - current.pass + 1) * frames - positionInPass(current, frames)
            return time.seconds(for: leftOfFrame + Double(max(0, rest) * settings.passIterations))
        }
        let perFrame =
            finished.count > 0
            ? Double(finished.iterations) / Double(finished.count) : Double(settings.nextIterations)
        return time.seconds(for: leftOfFrame + Double(max(0, frames - current.frame)) * perFrame)
    }

    private var iterationsLeftOfFrame: Double? {
        current.map { $0.isLast ? 0 : Double($0.iterations - $0.iteration) }
    }

    /// Position of the current frame in its pass, counted from 1.
    private func positionInPass(_ position: Position, _ frames: Int) -> Int {
        MultiPassSchedule.isForward(position.pass) ? position.frame : frames - position.frame + 1
    }
}

extension OptimizationProgress {
    /// Input for ``OptimizationEstimate/add(_:at:)``.
    public var position: OptimizationEstimate.Position {
        .init(
            frame: frame, frames: frames, pass: pass, iteration: iteration, iterations: iterations, isLast: isLast)
    }
}
