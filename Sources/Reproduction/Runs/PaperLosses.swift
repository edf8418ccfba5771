import Imaging
import NeuralNet
import Style
import Training

/// Content and style loss of pictures of one size, with the layers and Gram matrices of the paper's networks (7.2.2).
final class PaperLosses {
    private let loss: PerceptualLoss
    private let width: Int
    private let height: Int

    /// - Throws: errors of a painting that is too small, or of a loss network that is too large for the memory.
    init(_ style: TableStyle, lossNetwork: LossNetworkWeights, width: Int, height: Int, threads: Int) throws {
        var settings = TrainingSettings()
        settings.contentLayers = [LossLayer(block: 3, convolution: 3)]
        settings.styleLayers = [(1, 2), (2, 2), (3, 3), (4, 3)].map { LossLayer(block: $0, convolution: $1) }
        settings.styleStatistic = .gram
        settings.styleNormalization = .none
        settings.pooling = .max
        settings.threads = threads
        loss = try PerceptualLoss(
            weights: lossNetwork, style: settings.styleTarget(of: [style.painting], lossNetwork: lossNetwork),
            contentLayers: settings.contentLayers, styleLayers: settings.styleLayers, contentWeight: 1, styleWeight: 1,
            pooling: settings.pooling, width: width, height: height, threads: threads)
        (self.width, self.height) = (width, height)
    }

    /// - Parameters:
    ///   - painted, content: in network space; resized if they have another size.
    func evaluate(_ painted: Image, of content: Image) throws -> (content: Double, style: Double) {
        try loss.setContent(content.resized(width: width, height: height))
        let value = try loss.evaluate(painted.resized(width: width, height: height))
        return (Double(value.content), Double(value.style))
    }
}
