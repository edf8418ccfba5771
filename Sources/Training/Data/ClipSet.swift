import Flow
import Imaging
import Support

/// Sequences from real footage (paper 5.2.3): shots are split at cuts, and of each those stretches are kept whose frames differ
/// most, with flow and certainty by this project's own estimator.
public struct ClipSet: SequenceSource {
    public struct Settings: Sendable, Equatable {
        /// Frames of a stretch. Longer sequences go to and fro in it.
        public var stretchLength = 6
        /// Stretches that are kept of a shot.
        public var stretchesPerShot = 5
        /// Of a clip: when there are so many, the rest of it is not looked at.
        public var stretchesPerClip = 60
        /// Frames are shrunk to this where they are larger, in pixels.
        public var shorterSide = 270
        /// Clips with a shorter side below this are left out, in pixels.
        public var smallestSide = 64
        public var flow = FlowPreset.medium
        /// The side of the minimum filter on the certainty; 1: none.
        public var minimumFilter = 7
        /// What the cache folder may hold, in bytes: what was not used for longest goes first.
        public var cacheLimit = 4 << 30

        public init() {}
    }

    /// Gives the frames of a clip one after the other, in picture space; nil after the last.
    public typealias FrameSource = () throws -> Image?

    /// Files that are no use, and why.
    public let skipped: [SkippedFile]
    /// How many stretches there are to train with; one or more.
    public var stretchCount: Int { training.count }
    /// Tells the clips, and how they are divided, from others.
    public let fingerprint: String
    private let training: [StretchFile]
    private let heldBack: [StretchFile]
    private let seed: UInt64

    /// Looks through the clips of a folder and of the folders in it, or takes what the cache has of them.
    ///
    /// - Parameters:
    ///   - folder: or a single file.
    ///   - cache: a folder for what was found; made where there is none.
    ///   - seed: of the samples.
    ///   - open: opens a clip, or throws what is wrong with it.
    ///   - onProgress: called now and then with a line to show; what it throws ends the preparation.
    /// - Throws: ``TrainingDataError`` where the folder cannot be read or has no clip that can be used, `FileError` where the cache
    ///   cannot be written.
    public init(
        folder: String, cache: String, settings: Settings = Settings(), seed: UInt64, threads: Int = 0,
        open: (_ path: String) throws -> FrameSource, onProgress: (_ line: String) throws -> Void = { _ in }
    ) throws {
        precondition(settings.stretchLength > 1 && settings.stretchesPerShot > 0, "a stretch has two frames or more")
        var reader = try ClipReader(cache: cache, settings: settings, threads: threads)
        var stretches: [StretchFile] = []
        var skipped: [SkippedFile] = []
        var fingerprint = Fingerprint()
        for name in try TrainingFiles.list(folder, kind: "videos") {
            let path = TrainingFiles.path(name, in: folder)
            switch try reader.stretches(of: path, open: open, onProgress: onProgress) {
            case .success(let found):
                fingerprint.add(name)
                fingerprint.add(UInt64(found.count))
                fingerprint.add(UInt64(Files.facts(of: path)?.length ?? 0))
                stretches += found
            case .failure(let problem): skipped.append(SkippedFile(file: name, reason: problem.description))
            }
        }
        guard !stretches.isEmpty else { throw TrainingFiles.nothing(in: folder, kind: "videos", skipped: skipped) }
        self.skipped = skipped
        self.fingerprint = fingerprint.text
        self.seed = seed
        // One in twenty, but few of many, spread over all of them; of few none.
        let interval = max(20, stretches.count / ClipSet.mostHeldBack)
        let spare = Set(stretches.indices.filter { stretches.count >= 8 && $0 % interval == min(interval / 2, 4) })
        training = stretches.indices.filter { !spare.contains($0) }.map { stretches[$0] }
        heldBack = spare.sorted().prefix(ClipSet.mostHeldBack).map { stretches[$0] }
    }

    private static let mostHeldBack = 2

    /// What the user should know, one sentence each.
    public var warnings: [String] { skipped.isEmpty ? [] : [TrainingFiles.warning(of: skipped)] }
}

extension ClipSet {
    /// - Throws: `FileError` where the cache was taken away.
    public func batch(step: Int, count: Int, frames: Int, size: Int) throws -> [TrainingSequence] {
        precondition(frames > 0 && size > 0, "a sequence has a frame, and a frame a pixel")
        return try (0..<count).map { index in
            var random = SplitMix(seed: seed, step, index)
            let stretch = training[random.next(below: training.count)]
            let layout = stretch.layout
            let side = min(size, layout.width, layout.height)
            let way = Self.way(frames: frames, of: layout.frameCount, random: &random)
            return try stretch.sequence(
                frames: way, x: random.next(below: layout.width - side + 1),
                y: random.next(below: layout.height - side + 1), side: side, mirrored: random.chance(0.5)
            ).resized(to: size)
        }
    }

    /// The middles of the stretches that are held back, to and fro; none where there are few stretches.
    /// - Throws: `FileError` where the cache was taken away.
    public func validation(frames: Int, size: Int) throws -> [TrainingSequence] {
        try heldBack.map { stretch in
            let layout = stretch.layout
            let side = min(size, layout.width, layout.height)
            let way = Self.toAndFro(frames: frames, of: layout.frameCount, from: 0, forward: true)
            return try stretch.sequence(
                frames: way, x: (layout.width - side) / 2, y: (layout.height - side) / 2, side: side, mirrored: false
            ).resized(to: size)
        }
    }

    /// Which frames of a stretch a sequence shows: forwards or backwards, to and fro where the stretch is too short.
    private static func way(frames: Int, of count: Int, random: inout SplitMix) -> [Int] {
        let forward = random.chance(0.5)
        let free = max(0, count - frames)
        let start = frames > count ? random.next(below: count) : random.next(below: free + 1)
        return toAndFro(
            frames: frames, of: count, from: forward || frames > count ? start : count - 1 - start, forward: forward)
    }

    /// From `start` on, turning back at the ends.
    static func toAndFro(frames: Int, of count: Int, from start: Int, forward: Bool) -> [Int] {
        var (place, step) = (start, forward ? 1 : -1)
        return (0..<frames).map { _ in
            defer {
                if count > 1 {
                    if !(0..<count).contains(place + step) { step = -step }
                    place += step
                }
            }
            return place
        }
    }
}

extension TrainingSequence {
    /// For frames of another size: all of it scaled.
    fileprivate func resized(to size: Int) -> TrainingSequence {
        if frames[0].width == size { return self }
        return TrainingSequence(
            frames: frames.map { $0.resized(width: size, height: size, threads: 1) },
            motions: motions.map { motion in
                Motion(
                    flow: motion.flow.resized(width: size, height: size, threads: 1),
                    certainty: motion.certainty.minimumResized(width: size, height: size, threads: 1))
            })
    }
}
