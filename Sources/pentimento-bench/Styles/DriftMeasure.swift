import Evaluation
import Imaging
import NeuralNet
import Training

/// Whether the style lasts: a clip is played forward and backward, each frame with the previous output as prior. Style
/// loss, content loss and sharpness of the frames with the numbers `--depths`, over those of the same frames stylized
/// each on its own; means over the clips. The losses are those that the model was trained with.
struct DriftMeasure: StyleMeasure {
    private let depths: [Int]
    private let weights: LossNetworkWeights
    private let sequences: [TrainingSequence]

    init(_ input: ReportInput) throws {
        let depths = (input.list("depths") ?? ["10", "100", "1000"]).compactMap { Int($0) }.filter { $0 > 0 }
        guard let deepest = depths.max() else { throw BenchmarkError("--depths are numbers of frames, 1 or more") }
        self.depths = depths
        sequences = try input.clips().map {
            TrainingSequence(pingPong: $0.frames, count: deepest + 1, flow: .fast, threads: input.threads)
        }
        weights = try input.lossNetwork()
    }

    func readings(of style: MeasuredStyle) throws -> [Reading] {
        guard style.takesPrior else { return Reading.perFrame }
        let settings = style.settings
        let (width, height) = (sequences[0].frames[0].width, sequences[0].frames[0].height)
        let network = try style.network(width: width, height: height)
        let loss = try PerceptualLoss(
            weights: weights, style: settings.styleTarget(of: [style.painting], lossNetwork: weights),
            contentLayers: settings.contentLayers, styleLayers: settings.styleLayers,
            contentWeight: settings.contentWeight, styleWeight: settings.styleWeight, pooling: settings.pooling,
            width: width, height: height, threads: settings.threads)
        var ratios: [Int: [(style: Double, content: Double, sharpness: Double)]] = [:]
        for sequence in sequences {
            try style.play(sequence, with: network) { index, output in
                guard depths.contains(index) else { return }
                let frame = sequence.frames[index]
                let alone = try network.run(frame: frame)
                try loss.setContent(frame)
                let (value, own) = (try loss.evaluate(output), try loss.evaluate(alone))
                let sharp = sharpness(of: output, order: .bgr) / sharpness(of: alone, order: .bgr)
                ratios[index, default: []].append((value.style / own.style, value.content / own.content, sharp))
            }
        }
        return depths.flatMap { depth in
            let ratios = ratios[depth] ?? []
            return [
                Reading("style at \(depth)", ratios.map(\.style).mean),
                Reading("content at \(depth)", ratios.map(\.content).mean),
                Reading("sharpness at \(depth)", ratios.map(\.sharpness).mean),
            ]
        }
    }
}
