import CGStreamer
import GStreamerKit
import Style

/// Posts how far an optimisation is, a few times a second at most.
final class OptimizationProgressReport {
    static let messageName = "pentimento-optimize"
    /// Microseconds between two messages, but for a frame's first and last iteration.
    private static let interval: Int64 = 250_000

    /// The shot that is worked on, counted from 1, and its frames; 0 of both where each frame is computed once.
    var shot = (number: 0, firstFrame: 0, frames: 0)
    private var estimate: TimeEstimate
    private var lastPost: Int64 = 0

    init(settings: OptimizationSettings) {
        estimate = TimeEstimate(settings: settings)
    }

    /// Frames of the whole stream; nil: not known.
    var frames: Int? {
        get { estimate.frames }
        set { estimate.frames = newValue }
    }

    func begin() { estimate.begin(at: Double(g_get_monotonic_time()) * 1e-6) }

    /// Takes note of an iteration.
    func note(_ progress: OptimizationProgress, from element: Element) {
        let now = Int64(g_get_monotonic_time())
        var progress = progress
        progress.frames = shot.number > 0 ? shot.frames : estimate.frames
        progress.frame -= shot.firstFrame
        estimate.add(progress, at: Double(now) * 1e-6)
        guard progress.iteration == 1 || progress.isLast || now - lastPost >= Self.interval else { return }
        lastPost = now
        element.post(message: Self.messageName) { message in
            message.set("shot", shot.number)
            message.set("frame", progress.frame)
            message.set("frames", progress.frames ?? 0)
            message.set("pass", progress.pass)
            message.set("passes", progress.passes)
            message.set("iteration", progress.iteration)
            message.set("iterations", progress.iterations)
            message.set("is-last", progress.isLast)
            message.set("loss", progress.loss)
            message.set("content", progress.content)
            message.set("style", progress.style)
            message.set("temporal", progress.temporal)
            message.set("seconds-per-iteration", estimate.secondsPerIteration ?? -1)
            message.set("seconds-left", estimate.secondsLeft ?? -1)
        }
    }
}
