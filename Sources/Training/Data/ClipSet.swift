import Flow
import Imaging

/// Sequences from real footage (paper 5.2.3): shots are split at cuts, and of each those stretches are kept whose frames differ
/// most, with flow and certainty by this project's own estimator.
public struct ClipSet: SequenceSource {
    public struct Settings: Sendable, Equatable {
        /// Frames of a stretch. Longer sequences go to and fro in it.
        public var stretchLength = 6
        /// Stretches that are kept of a shot.
        public var stretchesPerShot = 5
        /// Frames are shrunk to this where they are larger, in pixels.
        public var shorterSide = 270
        public var flow = FlowPreset.medium
        /// The side of the minimum filter on the certainty; 1: none.
        public var minimumFilter = 7
        /// What the cache folder may hold, in bytes: what was not used for longest goes first.
        public var cacheLimit = 4 << 30

        public init() {}
    }

    /// Gives the frames of a clip one after the other, in picture space; nil after the last.
    public typealias FrameSource = () throws -> Image?

    /// How many stretches there are.
    public var stretchCount: Int { 0 }
    /// Files that are no use, and why.
    public let skipped: [SkippedFile]
    public let warnings: [String]

    /// Looks through the clips of a folder, or takes what the cache has of them.
    ///
    /// - Parameters:
    ///   - cache: a folder for what was computed; made where there is none.
    ///   - seed: of the samples.
    ///   - open: opens a clip, or throws what is wrong with it.
    ///   - onProgress: called now and then with a line to show; what it throws ends the preparation.
    /// - Throws: ``TrainingDataError`` where the folder cannot be read or has no clip that can be used, or where the cache cannot be written.
    public init(
        folder: String, cache: String, settings: Settings = Settings(), seed: UInt64, threads: Int = 0,
        open: (_ path: String) throws -> FrameSource, onProgress: (_ line: String) throws -> Void = { _ in }
    ) throws {
        throw TrainingDataError("\(folder): clips come later")
    }

    public func batch(step: Int, count: Int, frames: Int, size: Int) throws -> [TrainingSequence] { [] }
}
