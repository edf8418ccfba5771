import Evaluation
import Flow
import Imaging
import MediaIO
import Style
import Support

/// A scene's frames at the size of the experiments, with its true motion.
final class Footage {
    let name: String
    /// In picture space.
    let frames: [Image]
    /// True motion from each frame to the next; nil: there is no true flow. Certainty is 0 where a pixel is hidden.
    let motions: [Motion?]
    /// Sentences about what is missing.
    let notes: [String]
    private let threads: Int
    private var estimated: [FlowPair]?

    /// - Parameters:
    ///   - limit: number of frames; nil: all.
    /// - Throws: errors of reading; ``ReproductionError`` if no two frames have a true flow between them.
    init(_ scene: SintelScene, budget: Budget, threads: Int) throws {
        name = scene.name
        self.threads = threads
        let paths = Array(scene.frames.prefix(budget.frames ?? .max))
        let originals = try paths.map { try Image(contentsOf: $0) }
        guard let first = originals.first else { throw ReproductionError("scene \(scene.name): has no frames") }
        for (path, frame) in zip(paths, originals) where frame.width != first.width || frame.height != first.height {
            throw ReproductionError(
                "\(path): is \(frame.width) x \(frame.height), the first frame \(first.width) x \(first.height); they must agree"
            )
        }
        let size = budget.size(width: first.width, height: first.height)
        frames = originals.map { $0.resized(width: size.width, height: size.height, threads: threads) }
        var motions: [Motion?] = []
        var (unmasked, unknown) = (0, 0)
        for index in paths.indices.dropLast() {
            guard scene.hasFlow(from: index) else {
                motions.append(nil)
                unknown += 1
                continue
            }
            if !scene.hasMask(from: index) { unmasked += 1 }
            let motion = try Self.trueMotion(of: scene, from: index, originals, threads: threads)
            motions.append(motion.resized(width: size.width, height: size.height, threads: threads))
        }
        guard motions.contains(where: { $0 != nil }) else {
            throw ReproductionError("scene \(scene.name): no two of the frames have a true flow between them")
        }
        self.motions = motions
        var notes: [String] = []
        if unknown > 0 {
            notes.append("`\(name)`: \(unknown) of \(motions.count) pairs have no true flow and are left out.")
        }
        if unmasked > 0 {
            notes.append(
                "`\(name)`: \(unmasked) pairs have no mask; hidden pixels are found by the true and the estimated reverse flow."
            )
        }
        self.notes = notes
    }

    /// Without a mask, what is hidden follows from the true flow and the estimated reverse flow.
    private static func trueMotion(
        of scene: SintelScene, from index: Int, _ frames: [Image], threads: Int
    ) throws -> Motion {
        let flow = try scene.flow(from: index)
        let (frame, next) = (frames[index], frames[index + 1])
        guard flow.width == frame.width, flow.height == frame.height else {
            throw ReproductionError(
                "scene \(scene.name): the true flow from frame \(index + 1) is \(flow.width) x \(flow.height), the frame "
                    + "\(frame.width) x \(frame.height); they must agree")
        }
        if scene.hasMask(from: index) { return try scene.motion(from: index) { try Image(contentsOf: $0).luma() } }
        let estimator = FlowEstimator(preset: .quality, threads: threads)
        let reverse = estimator.estimate(from: estimator.prepare(next.luma()), to: estimator.prepare(frame.luma()))
        return Motion(
            flow: flow, reverse: reverse.backward, check: ConsistencyCheck(motionBoundaries: false), threads: threads)
    }

    /// Estimated flow between each frame and the one before, preset `quality`; `backward` leads to the earlier frame.
    func estimatedFlow() -> [FlowPair] {
        if let estimated { return estimated }
        let estimator = FlowEstimator(preset: .quality, threads: threads)
        let pyramids = frames.map { estimator.prepare($0.luma(threads: threads)) }
        let pairs = zip(pyramids, pyramids.dropFirst()).map { estimator.estimate(from: $1, to: $0) }
        estimated = pairs
        return pairs
    }

    /// The longest run of frames with true flow from each to the next.
    var longestRunWithFlow: Range<Int> {
        var (longest, start) = (0..<1, 0)
        for index in frames.indices {
            if index + 1 - start > longest.count { longest = start..<index + 1 }
            if !motions.indices.contains(index) || motions[index] == nil { start = index + 1 }
        }
        return longest
    }

    /// The mean temporal error (paper 7.1) over pairs with true flow, values 0...1.
    ///
    /// - Parameter painted: one for each frame, in network space.
    func temporalError(of painted: [Image]) throws -> Double {
        try TemporalReport(
            count: painted.count, direction: .forward, threads: threads, stylized: { painted[$0].shown },
            motion: { motions[$0] }
        ).mean.overConsistentPixels
    }
}

/// The scenes that jobs work on, loaded when first needed. One is in memory at a time.
final class FootageCache {
    private let budget: Budget
    private let threads: Int
    private var current: Footage?

    init(budget: Budget, threads: Int) {
        self.budget = budget
        self.threads = threads
    }

    func footage(of scene: SintelScene) throws -> Footage {
        if let current, current.name == scene.name { return current }
        current = nil
        let footage = try Footage(scene, budget: budget, threads: threads)
        current = footage
        return footage
    }
}
