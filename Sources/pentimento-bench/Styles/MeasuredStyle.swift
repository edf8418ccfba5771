import Flow
import Imaging
import MediaIO
import NeuralNet
import Style
import Training

/// A model that is measured, and its painting.
struct MeasuredStyle {
    /// The model's file name without its ending, and the style's name in a model of several.
    let name: String
    /// As for `ModelLibrary.model`.
    let path: String
    let paintingPath: String
    /// In network space.
    let painting: StyleImage
    let model: Model
    /// The settings of the losses that the model was trained with.
    let settings: TrainingSettings
    private let threads: Int

    /// - Parameter name: as for `ModelLibrary.model`.
    init(name: String, painting path: String, threads: Int) throws {
        let model = try ModelLibrary.standard.model(name)
        var settings = try TrainingSettings(lossesOf: model.description)
        settings.threads = threads
        self.settings = settings
        self.model = model
        self.threads = threads
        self.name = (name.split(separator: "/").last.map(String.init) ?? name)
            .split(separator: ".safetensors").joined()
        self.path = name
        paintingPath = path
        painting = StyleImage(image: try Image(contentsOf: path).networkSpace())
    }

    /// Whether the network takes its previous output.
    var takesPrior: Bool { model.description.kind == .video }

    func network(width: Int, height: Int) throws -> Network {
        try Network(model: model, width: width, height: height, threads: threads)
    }

    /// The loss that the model was trained with, without the pixel loss.
    ///
    /// - Parameter settings: the model's, or a part of them.
    func loss(
        _ settings: TrainingSettings, with weights: LossNetworkWeights, width: Int, height: Int
    ) throws -> TrainingLoss {
        try TrainingLoss(
            network: weights, style: settings.styleTarget(of: [painting], lossNetwork: weights),
            contentLayers: settings.contentLayers, styleLayers: settings.styleLayers,
            weights: TrainingLoss.Weights(
                content: settings.contentWeight, style: settings.styleWeight, pixel: 0,
                totalVariation: settings.totalVariationWeight),
            pooling: settings.pooling, width: width, height: height, count: 1, threads: settings.threads)
    }

    /// The network's output for each frame of a sequence, which it continues as in live use.
    ///
    /// - Parameter visit: called with the index of a frame and the network's output for it.
    func play(
        _ sequence: TrainingSequence, with network: Network, visit: (_ index: Int, _ output: Image) throws -> Void
    ) throws {
        let fill = PriorFill(model.description.fill)
        var history = PriorHistory()
        var last = try network.run(frame: sequence.frames[0])
        try visit(0, last)
        let luma = sequence.frames.map { $0.pictureSpace().luma(threads: threads) }
        for (index, estimated) in sequence.motions.enumerated() {
            let motion = MotionVerification.verified(
                estimated, from: luma[index + 1], to: luma[index], threads: threads)
            let prior = history.prior(
                after: last, by: motion.flow, certainty: motion.certainty,
                fill: fill, threads: threads)
            last = try network.run(
                frame: sequence.frames[index + 1], prior: prior.image, certainty: prior.certainty)
            try visit(index + 1, last)
        }
    }
}
