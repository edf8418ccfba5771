import Flow
import Imaging

/// One sample of training: frames of a scene in their order, and the motion between them. The network is run on its own
/// results up to the last frame; the loss is that frame's (paper 5.2.2).
public struct TrainingSequence: Sendable {
    /// How a frame's pixels come from the frame before.
    public struct Motion: Sendable {
        /// From the frame to the one before, in pixels.
        public let flow: FlowField
        /// Of `flow`, 0...1.
        public let certainty: Plane<Float>

        public init(flow: FlowField, certainty: Plane<Float>) {
            self.flow = flow
            self.certainty = certainty
        }
    }

    /// In network space, all of one size; one or more. One alone is a frame without a prior.
    public let frames: [Image]
    /// `motions[k]` leads from frame k + 1 to frame k: one less than there are frames.
    public let motions: [Motion]

    /// - Precondition: there is a frame, and one motion less than frames.
    public init(frames: [Image], motions: [Motion] = []) {
        precondition(!frames.isEmpty && motions.count == frames.count - 1, "a sequence has one motion less than frames")
        self.frames = frames
        self.motions = motions
    }
}

extension TrainingSequence {
    /// So many, made on several threads.
    static func made(_ count: Int, threads: Int, by make: (_ index: Int) -> TrainingSequence) -> [TrainingSequence] {
        parallelMap(count, threads: threads, make)
    }
}

/// Where the samples of a training come from.
public protocol SequenceSource: Sendable {
    /// The samples of one step: `count` sequences of `frames` frames, each `size` pixels a side. The same arguments give the
    /// same samples, on whatever thread and in whatever order they are asked for.
    func batch(step: Int, count: Int, frames: Int, size: Int) throws -> [TrainingSequence]
}
