import Conversions
import Evaluation
import Flow
import Imaging
import MediaIO
import NeuralNet
import Support
import Training

/// Compares the pictures of `quality=live` and `quality=balanced` with those of `quality=best`, on clips: one line for
/// each clip and quality.
enum LiveQuality {
    static let usage =
        "--clips FILE,FILE [--size 1920x1080] [--frames 40] [--qualities live,balanced] [--network vgg16] "
        + "--style PAINTING MODEL[#STYLE]"

    static func run(_ arguments: [String]) throws {
        _ = try Bench([], defaultSize: "1x1")  // registers the elements
        let input = try ReportInput(["--size", "1920x1080", "--frames", "40"] + arguments)
        guard let style = input.styles.first else { return }
        let weights = try input.lossNetwork()
        for (path, clip) in zip(input.list("clips") ?? [], try input.clips()) {
            let film = Film(frames: clip.frames, threads: input.threads)
            let measure = try Measure(style: style, weights: weights, film: film)
            let best = try measure.readings(of: painted(path, "best", input))
            for quality in input.list("qualities") ?? ["live", "balanced"] {
                let readings = try measure.readings(of: painted(path, quality, input))
                print("\(clip.name) | \(quality) | " + readings.over(best).joined(separator: ", "))
            }
        }
    }

    /// The clip's first frames behind the chain, in picture space.
    private static func painted(_ path: String, _ quality: String, _ input: ReportInput) throws -> [Image] {
        let (width, height) = (input.width, input.height)
        // The largest part of the frame's shape, as ``ReportInput/clips()`` takes it.
        let reader = try FrameReader(
            MediaInput(path),
            filter: "aspectratiocrop aspect-ratio=\(width)/\(height) ! videoscale "
                + "! video/x-raw,width=\(width),height=\(height),pixel-aspect-ratio=1/1 ! videoconvert "
                + "! video/x-raw,format=NV12 ! coherentstylize name=stylizer quality=\(quality)")
        reader.set("model", of: "stylizer", to: input.styles[0].path)
        let limit = try input.number("frames", default: 40)
        var frames: [Image] = []
        while frames.count < limit, let frame = try reader.next() { frames.append(frame.image) }
        return frames
    }

    /// A clip with the motion between its frames.
    private struct Film {
        let frames: [Image]
        /// From each frame but the first to the one before.
        let motions: [Motion]
        /// For each frame the pixels with the largest gradients.
        let edges: [[Int]]

        init(frames: [Image], threads: Int) {
            self.frames = frames
            let estimator = FlowEstimator(preset: .medium, threads: threads)
            let luma = frames.map { $0.luma(threads: threads) }
            var earlier: FlowPyramid?
            motions = luma.compactMap { plane in
                let pyramid = estimator.prepare(plane)
                defer { earlier = pyramid }
                guard let earlier else { return nil }
                let flow = estimator.estimate(from: pyramid, to: earlier)
                return Motion(flow: flow.backward, reverse: flow.forward, threads: threads)
            }
            edges = frames.map { frame in
                let gradient = frame.gradient
                let least = gradient.sorted()[gradient.count * 95 / 100]
                return gradient.indices.filter { gradient[$0] > least }
            }
        }
    }

    private struct Readings {
        var temporalError = 0.0
        var style = 0.0
        var content = 0.0
        /// Mean gradient along the frame's edges.
        var edges = 0.0
        /// The same of the even and of the odd frames, as their difference over their mean.
        var pumping = 0.0

        /// The readings as text, over those of `best`.
        func over(_ best: Readings) -> [String] {
            [
                ("temporal error", temporalError / best.temporalError), ("style", style / best.style),
                ("content", content / best.content), ("sharpness along edges", edges / best.edges),
            ].map { "\($0.0) \(rounded($0.1))" } + [
                "sharpness with a period of two \(rounded(pumping)) (best: \(rounded(best.pumping)))"
            ]
        }

        private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
    }

    private struct Measure {
        let film: Film
        let loss: PerceptualLoss
        /// The size at which losses are computed: that of the network with a brush of 1.
        let size: (width: Int, height: Int)

        init(style: MeasuredStyle, weights: LossNetworkWeights, film: Film) throws {
            let settings = style.settings
            self.film = film
            let scale = (640.0 * 360 / Double(film.frames[0].pixelCount)).squareRoot()
            size = (
                Int((Double(film.frames[0].width) * scale).rounded()),
                Int((Double(film.frames[0].height) * scale).rounded())
            )
            loss = try PerceptualLoss(
                weights: weights, style: settings.styleTarget(of: [style.painting], lossNetwork: weights),
                contentLayers: settings.contentLayers, styleLayers: settings.styleLayers,
                contentWeight: settings.contentWeight, styleWeight: settings.styleWeight, pooling: settings.pooling,
                width: size.width, height: size.height, threads: settings.threads)
        }

        func readings(of painted: [Image]) throws -> Readings {
            guard painted.count == film.frames.count, painted.count > 2 else {
                throw BenchmarkError("\(painted.count) of \(film.frames.count) frames came through")
            }
            var result = Readings()
            var edges = [0.0, 0.0]
            for (index, image) in painted.enumerated() {
                let gradient = image.gradient
                edges[index % 2] +=
                    film.edges[index].reduce(0) { $0 + Double(gradient[$1]) } / Double(film.edges[index].count)
                // Frames that are painted and frames between in turn.
                if index % 5 == 0 {
                    try loss.setContent(
                        film.frames[index].resized(width: size.width, height: size.height).networkSpace())
                    let value = try loss.evaluate(image.resized(width: size.width, height: size.height).networkSpace())
                    result.style += value.style
                    result.content += value.content
                }
                guard index > 0 else { continue }
                let motion = film.motions[index - 1]
                let error = temporalError(
                    of: image, against: painted[index - 1], flow: motion.flow, certainty: motion.certainty)
                result.temporalError += error.overConsistentPixels
            }
            // As many frames of both kinds, but for one.
            let means = edges.enumerated().map { $1 / Double((painted.count + 1 - $0) / 2) }
            result.edges = (means[0] + means[1]) / 2
            result.pumping = abs(means[0] - means[1]) / result.edges
            return result
        }
    }
}

extension Image {
    /// Sum of the absolute differences of the luma from its right and its lower neighbour; 0 at the last row and column.
    fileprivate var gradient: [Float] {
        let (width, count) = (width, pixelCount)
        let luma = (0..<count).map {
            0.299 * samples[$0] + 0.587 * samples[count + $0] + 0.114 * samples[2 * count + $0]
        }
        return luma.indices.map { index in
            guard index % width < width - 1, index + width < count else { return 0 }
            return abs(luma[index + 1] - luma[index]) + abs(luma[index + width] - luma[index])
        }
    }
}
