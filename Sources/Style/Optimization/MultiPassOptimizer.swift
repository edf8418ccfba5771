import Flow
import Imaging
import NeuralNet

/// Optimises a whole shot in several passes, forward and backward in turn (paper 4.4).
///
/// Pass 1 takes every frame on its own, from ``OptimizationSettings/firstStart``. Each later pass begins a frame with a
/// blend of its last result and its neighbour's, warped (equations 13 and 14); the neighbour is the one before in even
/// passes, which go forward, and the one after in odd ones. Each pass takes ``OptimizationSettings/passIterations``
/// iterations, without a stopping rule; from ``OptimizationSettings/temporalFromPass`` on with the temporal loss
/// towards the neighbour.
///
/// The order of work is fixed by the numbers of frames and passes, and each step's outcome by what the store holds; so
/// a run that was cut off anywhere goes on to the same bytes. For one thread at a time.
public final class MultiPassOptimizer {
    /// Told of each iteration; false gives the step up, what the store holds stays.
    public var onProgress: OptimizationObserver?
    public let settings: OptimizationSettings

    private let starts: StartPictures
    private let optimizers: FrameOptimizers

    /// - Parameters: as for ``ClipOptimizer``.
    /// - Throws: as ``ClipOptimizer``.
    public init(
        settings: OptimizationSettings, network: LossNetworkWeights, styles: [StylePicture],
        library: ModelLibrary = .standard, model: String = "scream"
    ) throws {
        optimizers = try FrameOptimizers(settings: settings, network: network, styles: styles)
        self.settings = settings
        starts = try StartPictures(settings: settings, library: library, model: model)
    }

    /// Whether `pass`, counted from 1, goes from the first frame to the last: then a frame's neighbour is the one
    /// before it.
    public static func isForward(_ pass: Int) -> Bool { MultiPassSchedule.isForward(pass) }

    /// Does what is left to do until the store holds the last pass's result of every frame.
    ///
    /// - Parameter firstFrame: the shot's first frame in its clip, counted from 0: noise is seeded by it, and progress
    ///   counts from there.
    /// - Throws: ``OptimizationError``, ``OptimizationCancelled``, `ModelError` if there is no place for frames of this
    ///   size, and what the store throws. What the store holds by then can be gone on from.
    public func run(_ store: any ShotStore, firstFrame: Int = 0) throws {
        for step in MultiPassSchedule(frames: store.frameCount, passes: settings.passes)
        where try store.passesDone(of: step.frame) < step.pass {
            let task = try task(of: step, store, firstFrame: firstFrame)
            let result = try optimizers.optimizer(for: task.frame).optimize(task, onProgress: onProgress)
            try store.setResult(result.image, of: step.frame, pass: step.pass)
        }
    }

    private func task(of step: MultiPassSchedule.Step, _ store: any ShotStore, firstFrame: Int) throws -> FrameTask {
        let frame = try store.frame(step.frame)
        var task = FrameTask(
            frame: frame, start: frame, iterations: settings.passIterations, stopsEarly: false,
            number: firstFrame + step.frame + 1, pass: step.pass, passes: settings.passes)
        guard step.pass > 1 else {
            task.start = try starts.picture(settings.firstStart, for: frame, number: firstFrame + step.frame)
            return task
        }
        let own = try store.result(of: step.frame, pass: step.pass - 1)
        guard let neighbor = step.neighbor else {
            task.start = own
            return task
        }
        let motion = try store.motion(of: step.frame, to: neighbor)
            .resized(width: frame.width, height: frame.height, threads: settings.threads)
        let other = try store.result(of: step.frame + (neighbor == .earlier ? -1 : 1), pass: step.pass)
        let target = TemporalTarget(
            warping: other, by: motion.flow, certainty: motion.certainty, threads: settings.threads)
        task.start = own.blended(with: target, share: Float(settings.blend), threads: settings.threads)
        if step.pass >= settings.temporalFromPass, settings.temporalWeight > 0 { task.targets = [target] }
        return task
    }
}
