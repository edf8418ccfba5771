import Flow
import Imaging
import Support

/// Sequences whose last frame is a part of a cube's face, and whose frames before show the face next to it: of its prior, only the
/// border that both show is known, transformed from the one plane to the other (paper 6.2, figure 8).
///
/// A photograph is taken as what lies in the plane of the last frame; the neighbour's picture is that seen at a right angle to it.
/// The neighbour stands still, each frame with noise of its own.
public struct FaceBorderSequences: SequenceSource {
    private let photographs: [Photograph]
    private let mix: SequenceMix
    private let seed: UInt64
    private let threads: Int

    /// - Parameters:
    ///   - photographs: at least one.
    ///   - mix: of which the noise and the blocks are taken.
    ///   - seed: others give other sequences.
    ///   - threads: how many make a batch, 0 for one a processor; what they make does not depend on it.
    public init(photographs: [Photograph], mix: SequenceMix = SequenceMix(), seed: UInt64, threads: Int = 1) {
        precondition(!photographs.isEmpty, "sequences need a photograph")
        self.photographs = photographs
        self.mix = mix
        self.seed = seed
        self.threads = threads
    }

    /// - Precondition: `frames` and `size` are 1 or more.
    public func batch(step: Int, count: Int, frames: Int, size: Int) -> [TrainingSequence] {
        precondition(frames > 0 && size > 0, "a sequence has a frame, and a frame a pixel")
        return TrainingSequence.made(count, threads: threads) { index in
            sample(step: step, index: index, frames: frames, size: size)
        }
    }

    private func sample(step: Int, index: Int, frames: Int, size: Int) -> TrainingSequence {
        // Other draws than those of sequences with the same seed.
        var random = SplitMix(seed: seed ^ 0x5350_4845_5245, step, index)
        let side = TurnedSide.allCases[random.next(below: TurnedSide.allCases.count)]
        let fold = FaceFold(size: size, random: &random)
        let photograph = photographs[random.next(below: photographs.count)]
        let scene = side.turned(
            photograph.window(
                width: side.isUpright ? fold.sceneWidth : fold.sceneHeight,
                height: side.isUpright ? fold.sceneHeight : fold.sceneWidth, random: &random))
        let noise: Float = random.chance(mix.noise) ? Float(random.next(from: 1, to: 3)) : 0
        func frame(_ picture: Image) -> Image {
            var picture = side.turned(picture)
            picture.expose(1, noise: noise, random: &random)
            return picture
        }
        guard frames > 1 else { return TrainingSequence(frames: [frame(fold.face(of: scene))]) }

        let neighbor = fold.neighbor(of: scene)
        let still = TrainingSequence.Motion(
            flow: FlowField(width: size, height: size), certainty: Plane(width: size, height: size, repeating: 1))
        var motion = fold.motion()
        if random.chance(mix.blocks) { motion = motion.withUncertainBlocks(random: &random) }
        return TrainingSequence(
            frames: (1..<frames).map { _ in frame(neighbor) } + [frame(fold.face(of: scene))],
            motions: Array(repeating: still, count: frames - 2) + [side.turned(motion)])
    }
}
