import Flow
import Imaging
import NeuralNet

/// Optimises the frames of a clip one after the other, each once (paper 4.1 to 4.3).
///
/// A frame after a discontinuity begins anew, as the first one did: from ``OptimizationSettings/firstStart``, without a
/// temporal loss. The same frames, references and seed give the same bytes, whatever the number of threads, and also
/// where the first of them were ``adopt(_:for:isDiscontinuous:)``ed from an earlier run. For one thread at a time.
public final class ClipOptimizer {
    /// Told of each iteration; false gives the frame up.
    public var onProgress: OptimizationObserver?
    /// How many frames the clip has, if that is known; for progress only.
    public var frameCount: Int?
    public let settings: OptimizationSettings
    /// What became of the last frame that was optimised here.
    public private(set) var lastFrame: OptimizedFrame?
    /// Frames that are finished, adopted ones among them.
    public private(set) var finishedFrames = 0

    private let starts: StartPictures
    private let optimizers: FrameOptimizers
    /// Results, the latest first, as many as the farthest reference needs; none across a discontinuity.
    private var history: [Image] = []
    /// The largest distance that references will have: so many results are kept.
    public var longestReference: Int

    /// - Parameters:
    ///   - styles: at least one.
    ///   - library: where `model` is looked for.
    ///   - model: the feed-forward model for starts from `network`; not looked at where no start asks for it.
    ///   - longestReference: the largest distance that references will have, 1 or more: so many results are kept. Those
    ///     farther back are left out.
    /// - Throws: ``OptimizationError`` if settings or styles cannot be used, ``ModelLookupError`` or `ModelError` if
    ///   the feed-forward model is not to be had.
    public init(
        settings: OptimizationSettings, network: LossNetworkWeights, styles: [StylePicture],
        library: ModelLibrary = .standard, model: String = "scream", longestReference: Int = 1
    ) throws {
        optimizers = try FrameOptimizers(settings: settings, network: network, styles: styles)
        self.settings = settings
        self.longestReference = longestReference
        starts = try StartPictures(settings: settings, library: library, model: model)
    }

    /// Optimises the next frame.
    ///
    /// - Parameters:
    ///   - frame: in network space. One of another size begins anew.
    ///   - references: to earlier frames; those farther back than the clip or its last discontinuity are left out.
    ///   - isDiscontinuous: whether nothing leads from the frames before to this one.
    /// - Returns: in network space, not clamped.
    /// - Throws: ``OptimizationError/notANumber(frame:pass:iteration:what:)``, ``OptimizationCancelled``, `ModelError`
    ///   if there is no place for frames of this size. The clip then stands where it stood before the frame.
    public func next(_ frame: Image, references: [Reference] = [], isDiscontinuous: Bool = false) throws -> Image {
        let optimizer = try optimizers.optimizer(for: frame)
        let history = isDiscontinuous ? [] : history.filter { $0.width == frame.width && $0.height == frame.height }
        let threads = settings.threads
        let known = references.filter { $0.distance <= history.count }
            .sorted { $0.distance < $1.distance }
            .map { $0.resized(width: frame.width, height: frame.height, threads: threads) }
        let closest = known.first
        // Without motion there is no picture to begin with but the last one as it stands, if that is what is asked for.
        let isFirst = history.isEmpty || (closest == nil && settings.nextStart == .previousWarped)
        let start = try starts.picture(
            isFirst ? settings.firstStart : settings.nextStart, for: frame, number: finishedFrames,
            previous: isFirst ? nil : closest.map { history[$0.distance - 1] } ?? history.first,
            motion: closest.map { NeighborMotion(flow: $0.flow, certainty: $0.certainty) })
        let targets =
            settings.temporalWeight > 0
            ? known.map { reference in
                TemporalTarget(
                    warping: history[reference.distance - 1], by: reference.flow,
                    certainty: reference.longTermCertainty, threads: threads)
            } : []
        let task = FrameTask(
            frame: frame, start: start, targets: targets,
            iterations: isFirst ? settings.firstIterations : settings.nextIterations,
            number: finishedFrames + 1, frames: frameCount)
        let result = try optimizer.optimize(task, onProgress: onProgress)
        lastFrame = result
        keep(result.image, isDiscontinuous: isDiscontinuous)
        return result.image
    }

    /// Takes a result that an earlier run kept as if it had been computed now.
    ///
    /// - Parameter result: as ``next(_:references:isDiscontinuous:)`` returned it, not clamped or rounded.
    /// - Precondition: `result` has the frame's size.
    public func adopt(_ result: Image, for frame: Image, isDiscontinuous: Bool = false) {
        precondition(result.width == frame.width && result.height == frame.height, "a result has its frame's size")
        keep(result, isDiscontinuous: isDiscontinuous)
    }

    /// Forgets all frames: the next one is the first of a clip.
    public func beginAnew() {
        history = []
        finishedFrames = 0
    }

    private func keep(_ result: Image, isDiscontinuous: Bool) {
        let fits = history.first.map { $0.width == result.width && $0.height == result.height } ?? true
        if isDiscontinuous || !fits { history = [] }
        history.insert(result, at: 0)
        if history.count > max(1, longestReference) { history.removeLast(history.count - max(1, longestReference)) }
        finishedFrames += 1
    }
}
