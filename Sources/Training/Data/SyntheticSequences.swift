import Flow
import Imaging

/// Sequences from photographs: a camera that moves over one, with the flow and the certainty exactly known.
public struct SyntheticSequences: SequenceSource {
    private let photographs: [Photograph]
    private let mix: SequenceMix
    private let priorDropout: Double
    private let seed: UInt64

    /// - Parameters:
    ///   - photographs: at least one.
    ///   - priorDropout: the share of samples, 0...1, whose last motion is uncertain everywhere: whose prior is empty.
    ///   - seed: others give other sequences.
    public init(photographs: [Photograph], mix: SequenceMix = SequenceMix(), priorDropout: Double = 0, seed: UInt64) {
        precondition(!photographs.isEmpty, "sequences need a photograph")
        self.photographs = photographs
        self.mix = mix
        self.priorDropout = priorDropout
        self.seed = seed
    }

    public func batch(step: Int, count: Int, frames: Int, size: Int) -> [TrainingSequence] {
        (0..<count).map { sample(step: step, index: $0, frames: frames, size: size) }
    }

    private func sample(step: Int, index: Int, frames: Int, size: Int) -> TrainingSequence {
        var random = SplitMix(seed: seed, step, index)
        let photograph = photographs[Int(random.next() % UInt64(photographs.count))]
        let side = min(photograph.width, photograph.height)
        let frame = photograph.cut(x: 0, y: 0, width: side, height: side)
            .resized(width: size, height: size, by: .linear, threads: 1)
        let motion = TrainingSequence.Motion(
            flow: FlowField(width: size, height: size), certainty: Plane(width: size, height: size, repeating: 1))
        return TrainingSequence(
            frames: Array(repeating: frame, count: frames), motions: Array(repeating: motion, count: frames - 1))
    }
}
