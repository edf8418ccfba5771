import Flow
import Imaging
import Support

/// Sequences that move from one cube face to the next. The last frame is part of a face; the frames before show its
/// neighbour. So the prior of the last frame is known only in the shared border, transformed from one plane to the
/// other (paper 6.2, figure 8).
///
/// A photograph is the content of the last frame's plane; the neighbour's image is the same content seen in a
/// perpendicular plane. The neighbour is still, with new noise in each frame.
public struct FaceBorderSequences: SequenceSource {
    private let photographs: [Photograph]
    private let mix: SequenceMix
    private let seed: UInt64
    private let threads: Int

    /// - Parameters:
    ///   - photographs: at least one.
    ///   - mix: its noise and uncertain blocks are used.
    ///   - seed: of the sequences.
    ///   - threads: maximum number of threads per batch, 0: one per processor; results do not depend on it.
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
        // Independent of other sequences with the same seed.
        var random = SplitMix(seed: seed ^ 0x5350_4845_5245, step, index)
        let side = DihedralTransform.allCases[random.next(below: DihedralTransform.allCases.count)]
        let homography = CubeEdgeHomography(size: size, random: &random)
        let photograph = photographs[random.next(below: photographs.count)]
        let scene = side.transformed(
            photograph.window(
                width: side.isUpright ? homography.sceneWidth : homography.sceneHeight,
                height: side.isUpright ? homography.sceneHeight : homography.sceneWidth, random: &random))
        let noise: Float = random.chance(mix.noise) ? Float(random.next(from: 1, to: 3)) : 0
        func frame(_ image: Image) -> Image {
            var image = side.transformed(image)
            image.expose(1, noise: noise, random: &random)
            return image
        }
        guard frames > 1 else { return TrainingSequence(frames: [frame(homography.face(of: scene))]) }

        let neighbor = homography.neighbor(of: scene)
        let still = Motion(
            flow: FlowField(width: size, height: size), certainty: Plane(width: size, height: size, repeating: 1))
        var motion = homography.motion()
        if random.chance(mix.blocks) { motion = motion.withUncertainBlocks(random: &random) }
        return TrainingSequence(
            frames: (1..<frames).map { _ in frame(neighbor) } + [frame(homography.face(of: scene))],
            motions: Array(repeating: still, count: frames - 2) + [side.transformed(motion)])
    }
}
