import Flow
import Imaging
import Support

/// Sequences from photographs: a camera moves over one, and objects move in front of it; flow and certainty are exact.
///
/// A pixel is certain if everything that a bicubic warp reads for it was visible in the previous frame.
public struct SyntheticSequences: SequenceSource {
    private let photographs: [Photograph]
    private let mix: SequenceMix
    private let seed: UInt64
    private let threads: Int

    /// - Parameters:
    ///   - photographs: at least one.
    ///   - mix: `video` is ignored.
    ///   - seed: of the sequences.
    ///   - threads: maximum number of threads per batch, 0: one per processor; results do not depend on it.
    public init(
        photographs: [Photograph], mix: SequenceMix = SequenceMix(), seed: UInt64, threads: Int = 1
    ) {
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
        var random = SplitMix(seed: seed, step, index)
        let kind = mix.motion(&random)
        let camera = CameraMotion(kind, steps: frames - 1, size: size, random: &random)
        var layers = [background(camera.maps(frames: frames, size: size), size: size, random: &random)]
        if frames > 1, random.chance(mix.occluders) {
            for _ in 0...random.next(below: 2) {
                let photograph = photographs[random.next(below: photographs.count)]
                layers.append(
                    Occluder(of: photograph, frames: frames, size: size, random: &random).layer(frames: frames))
            }
        }
        let scene = SyntheticScene(size: size, layers: layers)
        let exposures = mix.exposures(frames: frames, random: &random)
        let noise: Float = random.chance(mix.noise) ? Float(random.next(from: 1, to: 3)) : 0

        var views: [SyntheticScene.View] = []
        var motions: [Motion] = []
        for frame in 0..<frames {
            var view = scene.view(frame)
            view.image.expose(exposures[frame], noise: noise, random: &random)
            if let earlier = views.last {
                var motion = scene.motion(to: frame - 1, earlier: earlier, later: view)
                // Estimated flow is exact where nothing moves.
                if kind != .still {
                    motion = motion.displaced(
                        x: random.nextNormal() * Float(mix.jitter), y: random.nextNormal() * Float(mix.jitter))
                }
                if random.chance(mix.blocks) { motion = motion.withUncertainBlocks(random: &random) }
                motions.append(motion)
            }
            views.append(view)
        }
        return TrainingSequence(frames: views.map(\.image), motions: motions)
    }

    /// A photograph large enough for everything that the camera sees.
    private func background(
        _ maps: [AffineMap], size: Int, random: inout SplitMix
    ) -> SyntheticScene.Layer {
        let photograph = photographs[random.next(below: photographs.count)]
        let last = Double(size - 1)
        let corners = maps.flatMap { map in [(0, 0), (last, 0), (0, last), (last, last)].map { map($0.0, $0.1) } }
        /// A length around the origin that covers `reach` on both sides, plus a margin for bicubic sampling. It has the
        /// parity of the frame's side, so that a still camera in the middle sees the image without resampling.
        func length(_ reach: Double) -> Int {
            let beyond = (reach - last / 2).rounded(.up)
            return size + 2 * (beyond > 0 ? Int(beyond) + 2 : 0)
        }
        let width = length(corners.reduce(0) { max($0, abs($1.x)) })
        let height = length(corners.reduce(0) { max($0, abs($1.y)) })
        let image = photograph.window(width: width, height: height, random: &random)
        var origin = AffineMap.identity
        (origin.x, origin.y) = (Double(width - 1) / 2, Double(height - 1) / 2)
        if random.chance(0.5) { origin.xx = -1 }
        return SyntheticScene.Layer(texture: Texture(image), maps: maps.map { origin.after($0) })
    }
}

extension Photograph {
    /// A random window, resampled to the given size. It covers more than half of the largest possible window, and is
    /// enlarged at most twice if the photograph is large enough.
    func window(width: Int, height: Int, random: inout SplitMix) -> Image {
        let largest = min(Double(self.width) / Double(width), Double(self.height) / Double(height))
        let scale = min(largest, max(0.5, largest * random.next(from: 0.55, to: 1)))
        let cutWidth = min(self.width, max(1, Int((Double(width) * scale).rounded())))
        let cutHeight = min(self.height, max(1, Int((Double(height) * scale).rounded())))
        let x = random.next(below: self.width - cutWidth + 1)
        let y = random.next(below: self.height - cutHeight + 1)
        return cut(x: x, y: y, width: cutWidth, height: cutHeight)
            .resized(width: width, height: height, by: .linear, threads: 1)
    }
}
