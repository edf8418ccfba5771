import Flow
import Imaging
import Support

/// Training sequences from video clips (paper 5.2.3). Clips are split into shots at cuts, and of each shot the segments
/// with the largest frame differences are kept. Flow and certainty come from this project's own estimator.
public struct ClipSet: SequenceSource {
    /// How clips are prepared.
    public struct Settings: Sendable, Equatable {
        /// Frames per segment. Longer sequences play it forward and backward.
        public var segmentLength = 6
        /// Maximum number of segments per shot.
        public var segmentsPerShot = 5
        /// Maximum number of segments per clip; the rest of the clip is not read.
        public var segmentsPerClip = 60
        /// Larger frames are downscaled to this shorter side, in pixels.
        public var shorterSide = 270
        /// Clips with a shorter side below this are skipped, in pixels.
        public var smallestSide = 64
        /// Preset of the flow estimator.
        public var flow = FlowPreset.medium
        /// Window size of the minimum filter on the certainty; 1: none.
        public var minimumFilter = Motion.defaultMinimumFilter
        /// Maximum size of the cache folder in bytes; the least recently used clips are removed first.
        public var cacheLimit = 4 << 30

        /// The defaults of `pentimento train`.
        public init() {}
    }

    /// Returns the next frame of a clip in picture space; nil after the last.
    public typealias FrameSource = () throws -> Image?

    /// Files that were skipped, with the reason.
    public let skipped: [SkippedFile]
    /// Number of segments for training, one or more.
    public var segmentCount: Int { training.count }
    /// Hash of the clips and of their split into training and validation.
    public let fingerprint: String
    private let training: [ClipSegmentFile]
    private let heldOut: [ClipSegmentFile]
    private let seed: UInt64

    /// Scans the clips of a folder and its subfolders, or takes their segments from the cache.
    ///
    /// - Parameters:
    ///   - folder: a folder or a single file.
    ///   - cache: cache folder; created if missing.
    ///   - seed: of the samples.
    ///   - open: opens a clip, or throws what is wrong with it.
    ///   - onProgress: called from time to time with a line to display; throwing stops the preparation.
    /// - Throws: ``TrainingDataError`` if the folder cannot be read or has no usable clip, `FileError` if the cache
    ///   cannot be written.
    public init(
        folder: String, cache: String, settings: Settings = Settings(), seed: UInt64, threads: Int = 0,
        open: (_ path: String) throws -> FrameSource, onProgress: (_ line: String) throws -> Void = { _ in }
    ) throws {
        precondition(settings.segmentLength > 1 && settings.segmentsPerShot > 0, "a segment has two frames or more")
        var reader = try ClipReader(cache: cache, settings: settings, threads: threads)
        var segments: [ClipSegmentFile] = []
        var skipped: [SkippedFile] = []
        var fingerprint = Fingerprint()
        for name in try TrainingFiles.list(folder, kind: "videos") {
            let path = TrainingFiles.path(name, in: folder)
            switch try reader.segments(of: path, open: open, onProgress: onProgress) {
            case .success(let found):
                fingerprint.add(name)
                fingerprint.add(UInt64(found.count))
                fingerprint.add(UInt64(Files.facts(of: path)?.length ?? 0))
                segments += found
            case .failure(let problem): skipped.append(SkippedFile(file: name, reason: problem.description))
            }
        }
        guard !segments.isEmpty else { throw TrainingFiles.nothing(in: folder, kind: "videos", skipped: skipped) }
        self.skipped = skipped
        self.fingerprint = fingerprint.text
        self.seed = seed
        // About one segment in twenty is held out for validation, at most `mostHeldOut`, spread over all clips; none if there are
        // few.
        let interval = max(20, segments.count / ClipSet.mostHeldOut)
        let spare = Set(segments.indices.filter { segments.count >= 8 && $0 % interval == min(interval / 2, 4) })
        training = segments.indices.filter { !spare.contains($0) }.map { segments[$0] }
        heldOut = spare.sorted().prefix(ClipSet.mostHeldOut).map { segments[$0] }
    }

    private static let mostHeldOut = 2

    /// Warnings for the user, one sentence each.
    public var warnings: [String] { skipped.isEmpty ? [] : [TrainingFiles.warning(of: skipped)] }
}

extension ClipSet {
    /// - Throws: `FileError` if the cache was removed.
    public func batch(step: Int, count: Int, frames: Int, size: Int) throws -> [TrainingSequence] {
        precondition(frames > 0 && size > 0, "a sequence has a frame, and a frame a pixel")
        return try (0..<count).map { index in
            var random = SplitMix(seed: seed, step, index)
            let segment = training[random.next(below: training.count)]
            let layout = segment.layout
            let side = min(size, layout.width, layout.height)
            let order = Self.drawOrder(frames: frames, of: layout.frameCount, random: &random)
            return try segment.sequence(
                frames: order, x: random.next(below: layout.width - side + 1),
                y: random.next(below: layout.height - side + 1), side: side, mirrored: random.chance(0.5)
            ).resized(to: size)
        }
    }

    /// Centre crops of the held-out segments, played forward and backward; empty if there are few segments.
    /// - Throws: `FileError` if the cache was removed.
    public func validation(frames: Int, size: Int) throws -> [TrainingSequence] {
        try heldOut.map { segment in
            let layout = segment.layout
            let side = min(size, layout.width, layout.height)
            let order = Self.pingPong(frames: frames, of: layout.frameCount, from: 0, forward: true)
            return try segment.sequence(
                frames: order, x: (layout.width - side) / 2, y: (layout.height - side) / 2, side: side, mirrored: false
            ).resized(to: size)
        }
    }

    /// Draws the frames of a sequence: forward or backward, and both in turn if the segment is too short.
    private static func drawOrder(frames: Int, of count: Int, random: inout SplitMix) -> [Int] {
        let forward = random.chance(0.5)
        let free = max(0, count - frames)
        let start = frames > count ? random.next(below: count) : random.next(below: free + 1)
        return pingPong(
            frames: frames, of: count, from: forward || frames > count ? start : count - 1 - start, forward: forward)
    }

    /// Frame indices from `start` on, reversing at both ends.
    static func pingPong(frames: Int, of count: Int, from start: Int, forward: Bool) -> [Int] {
        var (index, step) = (start, forward ? 1 : -1)
        return (0..<frames).map { _ in
            defer {
                if count > 1 {
                    if !(0..<count).contains(index + step) { step = -step }
                    index += step
                }
            }
            return index
        }
    }
}

extension TrainingSequence {
    /// Scales frames, flow and certainty to another size.
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
