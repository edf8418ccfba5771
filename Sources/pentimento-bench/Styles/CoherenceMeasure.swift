import Evaluation
import Flow
import Imaging
import NeuralNet
import Support
import Training

/// Flicker of consecutive frames, played as in live use, over that of each frame on its own.
///
/// On Sintel's scenes at their own size: the temporal error (paper 7.1) with true flow. On clips: the temporal error of
/// neighbouring frames, and the root of the mean temporal error of each frame and the one ten frames before, with flow
/// that is estimated between the two (preset `medium`) and the occlusion check.
struct CoherenceMeasure: StyleMeasure {
    /// Frames, and what is compared of them.
    private struct Film {
        let sequence: TrainingSequence
        let comparisons: [Comparison]
    }

    private struct Comparison {
        let name: String
        /// Frame `image` is compared with frame `other`, warped by the motion.
        let pairs: [(image: Int, other: Int, motion: Motion)]
        var isRoot = false
    }

    private let films: [Film]

    init(_ input: ReportInput) throws {
        guard input.options["sintel"] != nil || input.options["clips"] != nil else {
            throw MissingInput(option: "sintel or --clips")
        }
        let scenes = try input.options["sintel"].map { try Self.scenes($0, threads: input.threads) } ?? []
        let clips = input.options["clips"] == nil ? [] : try input.clips()
        films =
            scenes
            + clips.map { name, frames in
                Film(
                    sequence: TrainingSequence(
                        pingPong: frames, count: frames.count, flow: .fast, threads: input.threads),
                    comparisons: [
                        Comparison(
                            name: "\(name) temporal error",
                            pairs: Self.pairs(of: frames, interval: 1, threads: input.threads)),
                        Comparison(
                            name: "\(name) at 10 frames",
                            pairs: Self.pairs(of: frames, interval: 10, threads: input.threads), isRoot: true),
                    ])
            }
    }

    func readings(of style: MeasuredStyle) throws -> [Reading] {
        guard style.takesPrior else { return Reading.perFrame }
        return try films.flatMap { film in
            let size = film.sequence.frames[0]
            let network = try style.network(width: size.width, height: size.height)
            var (coherent, alone): ([Image], [Image]) = ([], [])
            try style.play(film.sequence, with: network) { index, output in
                coherent.append(output)
                alone.append(try network.run(frame: film.sequence.frames[index]))
            }
            return film.comparisons.map { comparison in
                func error(_ outputs: [Image]) -> Double {
                    comparison.pairs.reduce(0) { sum, pair in
                        let error = temporalError(
                            of: outputs[pair.image], against: outputs[pair.other], flow: pair.motion.flow,
                            certainty: pair.motion.certainty, interpolation: .bicubic)
                        return sum + error.overConsistentPixels
                    }
                }
                let ratio = comparison.pairs.isEmpty ? nil : error(coherent) / error(alone)
                return Reading(comparison.name, comparison.isRoot ? ratio?.squareRoot() : ratio)
            }
        }
    }

    /// The scenes with true flow among a folder's subfolders.
    private static func scenes(_ folder: String, threads: Int) throws -> [Film] {
        let names = Files.names(in: folder).filter { name in
            Files.names(in: "\(folder)/\(name)").contains { $0.hasSuffix(".flo") }
        }
        guard !names.isEmpty else { throw BenchmarkError("\(folder): has no folder with frames and .flo files") }
        return try names.map { name in
            let scene = try TrueMotionScene("\(folder)/\(name)", size: nil, threads: threads)
            let images = scene.frames.map { $0.pictureSpace() }
            let pairs = scene.motions.enumerated().map { (image: $0, other: $0 + 1, motion: $1) }
            return Film(
                sequence: TrainingSequence(pingPong: images, count: images.count, flow: .fast, threads: threads),
                comparisons: [Comparison(name: name, pairs: pairs)])
        }
    }

    /// Pairs of frames with estimated motion: each frame, or each tenth for an interval of ten.
    private static func pairs(
        of frames: [Image], interval: Int, threads: Int
    ) -> [(image: Int, other: Int, motion: Motion)] {
        let estimator = FlowEstimator(preset: .medium, threads: threads)
        let numbers = Array(stride(from: 0, to: frames.count, by: interval))
        let pyramids = numbers.map { estimator.prepare(frames[$0].luma(threads: threads)) }
        return numbers.indices.dropFirst().map { index in
            let flow = estimator.estimate(from: pyramids[index], to: pyramids[index - 1])
            let motion = Motion(flow: flow.backward, reverse: flow.forward, threads: threads)
            return (numbers[index], numbers[index - 1], motion)
        }
    }
}
