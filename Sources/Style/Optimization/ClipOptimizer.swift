import Flow
import Imaging
import NeuralNet

/// Optimises the frames of a clip in order, each once (paper 4.1 to 4.3).
///
/// A frame after a discontinuity is treated as a first frame: it starts from ``OptimizationSettings/firstStart`` and
/// has no temporal loss. The same frames, references and seed give the same bytes, for any number of threads, and also
/// if the first results were taken from an earlier run by ``adopt(_:for:isDiscontinuous:)``. Not thread-safe.
public final class ClipOptimizer {
    /// Called after each iteration; returning false cancels the frame.
    public var onProgress: OptimizationObserver?
    /// Number of frames in the clip, if known; only for progress.
    public var frameCount: Int?
    /// Number of the first frame, counted from 0, if the clip is part of a longer one; for the random numbers.
    public var firstNumber = 0
    /// Validated by the initialiser; the passes are not used.
    public let settings: OptimizationSettings
    /// Result of the last frame that was optimised by this object.
    public private(set) var lastFrame: OptimizedFrame?
    /// Number of finished frames, including adopted ones.
    public private(set) var finishedFrames = 0

    private let initialImages: InitialImages
    private let optimizers: FrameOptimizers
    /// Previous results, latest first, up to ``longestReference``; empty after a discontinuity.
    private var history: [Image] = []
    /// Largest distance of a reference, in frames; this many results are kept.
    public var longestReference: Int

    /// - Parameters:
    ///   - styles: at least one.
    ///   - library: where `model` is looked up.
    ///   - model: the feed-forward model for starts from `network`; ignored if no start needs it.
    ///   - longestReference: largest distance of a reference, 1 or more. References farther back are ignored.
    /// - Throws: ``OptimizationError`` if settings or styles are invalid, ``ModelLookupError`` or `ModelError` if the
    ///   feed-forward model cannot be loaded.
    public init(
        settings: OptimizationSettings, network: LossNetworkWeights, styles: [StyleImage],
        library: ModelLibrary = .standard, model: String = "scream", longestReference: Int = 1
    ) throws {
        optimizers = try FrameOptimizers(settings: settings, network: network, styles: styles)
        self.settings = settings
        self.longestReference = longestReference
        initialImages = try InitialImages(settings: settings, library: library, model: model)
    }

    /// Optimises the next frame.
    ///
    /// - Parameters:
    ///   - frame: in network space. A frame of another size is treated as a first frame.
    ///   - references: to earlier frames. References beyond the start of the clip or the last discontinuity are
    ///     ignored.
    ///   - isDiscontinuous: the frame does not continue the previous one.
    /// - Returns: the stylized frame in network space, not clamped.
    /// - Throws: ``OptimizationError/notANumber(frame:pass:iteration:what:)``, ``OptimizationCancelled``, `ModelError`
    ///   if there is not enough memory for frames of this size. The state is then unchanged.
    public func next(_ frame: Image, references: [Reference] = [], isDiscontinuous: Bool = false) throws -> Image {
        let optimizer = try optimizers.optimizer(for: frame)
        let history = isDiscontinuous ? [] : history.filter { $0.width == frame.width && $0.height == frame.height }
        let threads = settings.threads
        let known = references.filter { $0.distance <= history.count }
            .sorted { $0.distance < $1.distance }
            .map { $0.resized(width: frame.width, height: frame.height, threads: threads) }
        let closest = known.first
        // Without a reference the previous result can only be used unwarped; `previousWarped` falls back to the first
        // start.
        let isFirst = history.isEmpty || (closest == nil && settings.nextStart == .previousWarped)
        let start = try initialImages.image(
            isFirst ? settings.firstStart : settings.nextStart, for: frame, number: firstNumber + finishedFrames,
            previous: isFirst ? nil : closest.map { history[$0.distance - 1] } ?? history.first,
            motion: closest.map { NeighborMotion(flow: $0.flow, certainty: $0.certainty) })
        let targets =
            settings.temporalWeight > 0
            ? known.map { reference in
                TemporalTarget(
                    warping: history[reference.distance - 1], by: reference.flow,
                    certainty: settings.longTermWeights == .all ? reference.certainty : reference.longTermCertainty,
                    threads: threads)
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

    /// Takes a result of an earlier run as if it had been computed now.
    ///
    /// - Parameter result: as ``next(_:references:isDiscontinuous:)`` returned it, not clamped or rounded.
    /// - Precondition: `result` has the frame's size.
    public func adopt(_ result: Image, for frame: Image, isDiscontinuous: Bool = false) {
        precondition(result.width == frame.width && result.height == frame.height, "a result has its frame's size")
        keep(result, isDiscontinuous: isDiscontinuous)
    }

    /// Discards all history: the next frame is the first of a clip.
    public func reset() {
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
