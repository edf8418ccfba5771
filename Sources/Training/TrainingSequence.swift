import Flow
import Imaging

/// A training sample: consecutive frames and the motion between them. The network runs recurrently up to the last
/// frame; the loss is computed on that frame (paper 5.2.2).
public struct TrainingSequence: Sendable {
    /// One or more, in network space, all of one size. A single one is a frame without a prior.
    public let frames: [Image]
    /// `motions[k]` is from frame k + 1 to frame k, of their size; one element less than `frames`.
    public let motions: [Motion]

    /// - Precondition: at least one frame, and one motion less than frames.
    public init(frames: [Image], motions: [Motion] = []) {
        precondition(!frames.isEmpty && motions.count == frames.count - 1, "a sequence has one motion less than frames")
        self.frames = frames
        self.motions = motions
    }
}

extension TrainingSequence {
    /// Makes `count` sequences in parallel.
    static func made(_ count: Int, threads: Int, by make: (_ index: Int) -> TrainingSequence) -> [TrainingSequence] {
        parallelMap(count, threads: threads, make)
    }
}

/// A source of training samples.
public protocol SequenceSource: Sendable {
    /// The samples of one step: `count` sequences of `frames` frames, each `size` pixels a side. The same arguments
    /// give the same samples, on any thread and in any order.
    func batch(step: Int, count: Int, frames: Int, size: Int) throws -> [TrainingSequence]
}
