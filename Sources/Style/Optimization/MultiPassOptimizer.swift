import Flow
import Imaging
import NeuralNet

/// Optimises a whole shot in several passes, alternately forward and backward (paper 4.4).
///
/// Pass 1 optimises every frame independently, from ``OptimizationSettings/firstStart``. Later passes start each frame
/// from a blend of its previous result and its neighbour's warped result (equations 13 and 14). The neighbour is the
/// previous frame in even passes, which run forward, and the next frame in odd ones. Each pass takes
/// ``OptimizationSettings/passIterations`` iterations, without a stopping rule; from
/// ``OptimizationSettings/temporalFromPass`` on, with the temporal loss against the neighbour.
///
/// A step is one frame in one pass. The order of steps depends only on the numbers of frames and passes, and each
/// step's result only on the store's contents. So a resumed run gives the same bytes as an uninterrupted one. Not
/// thread-safe.
public final class MultiPassOptimizer {
    /// Called after each iteration; returning false cancels the step. The store keeps what it has.
    public var onProgress: OptimizationObserver?
    /// Validated by the initialiser.
    public let settings: OptimizationSettings

    private let initialImages: InitialImages
    private let optimizers: FrameOptimizers

    /// - Parameters: as for ``ClipOptimizer``.
    /// - Throws: as ``ClipOptimizer``.
    public init(
        settings: OptimizationSettings, network: LossNetworkWeights, styles: [StyleImage],
        library: ModelLibrary = .standard, model: String = "scream"
    ) throws {
        optimizers = try FrameOptimizers(settings: settings, network: network, styles: styles)
        self.settings = settings
        initialImages = try InitialImages(settings: settings, library: library, model: model)
    }

    /// Whether `pass`, counted from 1, runs from the first frame to the last; a frame's neighbour is then the previous
    /// one.
    public static func isForward(_ pass: Int) -> Bool { MultiPassSchedule.isForward(pass) }

    /// Runs the remaining steps until the store holds the last pass's result of every frame.
    ///
    /// - Parameter firstFrame: number of the shot's first frame in its clip, counted from 0; for the noise seed and for
    ///   progress.
    /// - Throws: ``OptimizationError``, ``OptimizationCancelled``, `ModelError` if there is not enough memory for this
    ///   size, and errors of the store. A later call resumes from the store's contents.
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
            task.start = try initialImages.image(settings.firstStart, for: frame, number: firstFrame + step.frame)
            return task
        }
        let previousResult = try store.result(of: step.frame, pass: step.pass - 1)
        guard let neighbor = step.neighbor else {
            task.start = previousResult
            return task
        }
        let motion = try store.motion(of: step.frame, to: neighbor)
            .resized(width: frame.width, height: frame.height, threads: settings.threads)
        let neighborResult = try store.result(of: step.frame + (neighbor == .earlier ? -1 : 1), pass: step.pass)
        let target = TemporalTarget(
            warping: neighborResult, by: motion.flow, certainty: motion.certainty, threads: settings.threads)
        task.start = previousResult.blended(with: target, share: Float(settings.blend), threads: settings.threads)
        if step.pass >= settings.temporalFromPass, settings.temporalWeight > 0 { task.targets = [target] }
        return task
    }
}
