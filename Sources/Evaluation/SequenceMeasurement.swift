import Flow
import Imaging

/// Measures a stylized sequence, frame by frame.
///
/// Frames are read once, in order; as many stylized frames, and flow pyramids of original ones, are kept as the largest
/// distance of two compared frames.
public struct SequenceMeasurement {
    /// What can be measured.
    public enum Metric: String, CaseIterable, Sendable {
        /// The temporal error of the paper.
        case temporal
        /// The warping error of Lai et al.
        case warping
        case content, style, sharpness, ssim
    }

    /// What is measured.
    public var metrics: Set<Metric>
    /// The earlier frames that the temporal and the warping error compare with.
    public var earlier: [EarlierFrame] = [.before(1)]
    /// Whether motion is estimated between the original frames where it is to be; if not, it counts as missing.
    public var estimatesMotion = true
    /// Of motion that is estimated.
    public var preset = FlowPreset.medium
    /// The content and style losses; nil: none.
    public var perceptual: PerceptualMeasure?
    /// The maximum number; 0: one per processor. Results do not depend on it.
    public var threads = 0

    /// - Parameter metrics: what needs an input that is not there is left out.
    public init(metrics: Set<Metric> = Set(Metric.allCases)) { self.metrics = metrics }

    /// Measures a sequence.
    ///
    /// A frame without an original has no content loss and SSIM, and its motion cannot be estimated. An image with a
    /// side below 11 pixels has no SSIM. A single frame has no temporal and warping error.
    ///
    /// - Parameters:
    ///   - stylized: returns the stylized frame of an index, counted from 0, in picture space; nil after the last.
    ///   - original: returns the frame that was stylized, in picture space; nil if there is none. If its size differs,
    ///     it is resized, and the motion resampled.
    ///   - motion: returns what is known of the motion from an earlier frame to a later one.
    ///   - progress: called after each frame with the number of finished ones.
    /// - Throws: ``EvaluationError`` if there is no frame, the size changes or an original has another shape; `Cancelled`;
    ///   errors of the closures and of the losses.
    public func measures(
        stylized: (Int) throws -> Image?, original: (Int) throws -> Image? = { _ in nil },
        motion: (_ earlier: Int, _ later: Int) throws -> KnownMotion = { _, _ in .estimate },
        progress: (Int) -> Void = { _ in }
    ) throws -> SequenceMeasures {
        var run = SequenceRun(self)
        while let frame = try stylized(run.frames.count) {
            let index = run.frames.count
            try run.add(frame, original: needsOriginals ? original(index) : nil) { try motion($0, index) }
            try Cancellation.check()
            progress(index + 1)
        }
        guard !run.frames.isEmpty else { throw EvaluationError("there is no stylized frame to measure") }
        return SequenceMeasures(frames: run.frames, skipped: run.skipped)
    }

    fileprivate var comparesFrames: Bool { metrics.contains(.temporal) || metrics.contains(.warping) }

    fileprivate var needsPyramids: Bool { comparesFrames && estimatesMotion }

    private var needsOriginals: Bool {
        needsPyramids || metrics.contains(.ssim) || (metrics.contains(.content) && perceptual != nil)
    }
}

/// The state between two frames.
private struct SequenceRun {
    private(set) var frames: [SequenceMeasures.Frame] = []
    private(set) var skipped: [EarlierFrame: Int] = [:]
    private let settings: SequenceMeasurement
    private var history: MotionHistory
    /// Stylized frames by index, as long as later ones are compared with them.
    private var kept: [Int: Image] = [:]

    init(_ settings: SequenceMeasurement) {
        self.settings = settings
        history = MotionHistory(preset: settings.preset, threads: settings.threads)
    }

    mutating func add(_ stylized: Image, original: Image?, motion: (Int) throws -> KnownMotion) throws {
        let index = frames.count
        if let before = kept[index - 1], before.width != stylized.width || before.height != stylized.height {
            throw EvaluationError(
                "frame \(index + 1) is \(stylized.width) x \(stylized.height), the one before \(before.width) x "
                    + "\(before.height): stylize them at one size")
        }
        kept[index] = stylized
        if let original, settings.needsPyramids { history.add(original, at: index) }
        var values = try single(stylized, original: original.map { try fitted($0, to: stylized, index) })
        try values.merge(pairs(stylized, index, motion)) { $1 }
        frames.append(SequenceMeasures.Frame(index: index, values: values))
        let earlier = settings.comparesFrames ? settings.earlier : []
        func isNeeded(_ frame: Int) -> Bool {
            frame == index
                || earlier.contains { earlier in
                    switch earlier {
                    case .before(let distance): frame > index - distance
                    case .first: frame == 0
                    }
                }
        }
        kept = kept.filter { isNeeded($0.key) }
        history.keep(isNeeded)
    }

    /// What is measured of one frame alone.
    private func single(_ stylized: Image, original: Image?) throws -> [Measure: Double] {
        let (metrics, threads) = (settings.metrics, settings.threads)
        var values: [Measure: Double] = [:]
        if metrics.contains(.sharpness) { values[.sharpness] = sharpness(of: stylized, threads: threads) }
        if metrics.contains(.ssim), let original {
            values[.ssim] = structuralSimilarity(
                of: stylized.luma(threads: threads), to: original.luma(threads: threads), threads: threads)
        }
        guard let perceptual = settings.perceptual, metrics.contains(.content) || metrics.contains(.style) else {
            return values
        }
        let original = metrics.contains(.content) ? original : nil
        for (path, losses) in try perceptual.losses(of: stylized, original: original) {
            values[.content(path)] = losses.content
            if metrics.contains(.style) { values[.style(path)] = losses.style }
        }
        return values
    }

    /// What is measured against earlier frames.
    private mutating func pairs(
        _ stylized: Image, _ index: Int, _ motion: (Int) throws -> KnownMotion
    ) throws -> [Measure: Double] {
        guard settings.comparesFrames else { return [:] }
        var values: [Measure: Double] = [:]
        let references = Dictionary(grouping: settings.earlier) { $0.index(for: index) }
        // The nearest first, whose flow predicts that of the next frame.
        for (start, references) in references.sorted(by: { ($0.key ?? -1) > ($1.key ?? -1) }) {
            guard let start, let before = kept[start] else { continue }
            guard let found = try known(motion(start), from: start, to: index) else {
                for reference in references { skipped[reference, default: 0] += 1 }
                continue
            }
            let (errors, warping) = compare(before, stylized, found)
            for reference in references {
                if settings.metrics.contains(.temporal) {
                    values[.temporal(reference)] = errors.overConsistentPixels
                    values[.temporalOverAll(reference)] = errors.overAllPixels
                    values[.consistent(reference)] = errors.consistentPart
                }
                if settings.metrics.contains(.warping) {
                    values[.warping(reference)] = warping
                    values[.warpingRoot(reference)] = warping.squareRoot()
                }
            }
        }
        return values
    }

    private mutating func known(_ motion: KnownMotion, from earlier: Int, to later: Int) -> PairMotion? {
        switch motion {
        case .known(let motion): motion
        case .missing: nil
        case .estimate: history.motion(from: earlier, to: later)
        }
    }

    private func compare(_ earlier: Image, _ later: Image, _ motion: PairMotion) -> (TemporalError, Double) {
        let threads = settings.threads
        let motion = motion.resized(width: later.width, height: later.height, threads: threads)
        let warped = later.warped(by: motion.flow, interpolation: .bilinear, threads: threads)
        return (
            temporalError(of: earlier, againstWarped: warped, certainty: motion.consistent, threads: threads),
            warpingError(of: earlier, againstWarped: warped, visible: motion.visible, threads: threads)
        )
    }

    /// The original at the stylized frame's size.
    private func fitted(_ original: Image, to stylized: Image, _ index: Int) throws -> Image {
        let (width, height) = (stylized.width, stylized.height)
        if original.width == width && original.height == height { return original }
        // Sizes that were rounded, to a multiple of 8 at most, have nearly the same shape.
        guard
            abs(original.width * height - width * original.height) <= 8
                * max(original.width + width, original.height + height)
        else {
            throw EvaluationError(
                "frame \(index + 1) is \(width) x \(height), its original \(original.width) x \(original.height): they "
                    + "have not the same shape")
        }
        return original.resized(width: width, height: height, threads: settings.threads)
    }
}
