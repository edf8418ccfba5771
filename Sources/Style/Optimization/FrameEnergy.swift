import Imaging
import NeuralNet

/// The energy of a frame (equations 3, 9 and 11) and its gradient, for frames of one size.
///
/// Content, style and temporal losses are means over all values, so that their weights need no change for another size. The
/// authors' total variation is a sum; it is scaled to their 450x350 pixels, so that its weight matches their program.
final class FrameEnergy {
    private static let pixelsOfTotalVariation = 450.0 * 350.0

    private let settings: OptimizationSettings
    private let perceptual: PerceptualLoss
    private let width: Int
    private let height: Int
    private var temporal: [TemporalLoss] = []

    /// - Throws: `ModelError` if the loss network cannot be planned for the sizes, ``OptimizationError`` for invalid
    ///   style images.
    init(
        settings: OptimizationSettings, network: LossNetworkWeights, styles: [StyleImage], width: Int, height: Int
    ) throws {
        self.settings = settings
        self.width = width
        self.height = height
        let styleLayers = settings.styleWeight > 0 ? settings.styleLayers : []
        let images = try (styleLayers.isEmpty ? [] : styles).map { uncropped in
            let style = uncropped.withoutEdge(settings.styleCrop)
            let size = try style.size(forFramesOf: width, height, scale: settings.styleScale, layers: styleLayers)
            return (
                style.image.resized(width: size.width, height: size.height, threads: settings.threads), style.weight
            )
        }
        let style =
            styleLayers.isEmpty
            ? StyleTarget.none
            : try StyleTarget(
                weights: network, layers: styleLayers, pooling: settings.pooling, images: images,
                statistic: settings.styleStatistic, normalization: settings.styleNormalization,
                threads: settings.threads)
        perceptual = try PerceptualLoss(
            weights: network, style: style, contentLayers: settings.contentLayers, styleLayers: styleLayers,
            contentWeight: settings.contentWeight, styleWeight: settings.styleWeight, pooling: settings.pooling,
            width: width, height: height, threads: settings.threads)
    }

    /// Sets the content and the temporal targets.
    ///
    /// - Throws: `ModelError` if memory runs out; `Cancelled`.
    func setTargets(content frame: Image, temporal targets: [TemporalTarget]) throws {
        try perceptual.setContent(frame)
        temporal = targets.map {
            TemporalLoss(target: $0.image, certainty: $0.certainty, penalty: settings.temporalPenalty)
        }
    }

    /// The energy at `point`, the frame's samples. `gradient` is overwritten.
    ///
    /// - Throws: `ModelError` if memory runs out; `Cancelled`.
    func evaluate(_ point: [Float], _ gradient: inout [Float]) throws -> EnergyTerms {
        let image = Image(width: width, height: height, samples: point)
        // Moved, not copied: the buffer is swapped into the image and back.
        var slope = Image(width: width, height: height, samples: gradient)
        gradient = []
        defer { swap(&gradient, &slope.samples) }

        let value = try perceptual.evaluate(image, gradient: &slope)
        var terms = EnergyTerms()
        terms.content = settings.contentWeight * value.content
        terms.style = settings.styleWeight * value.style
        // The absolute penalty has twice the weight (A.4).
        let temporalWeight = settings.temporalWeight * (settings.temporalPenalty == .absolute ? 2 : 1)
        for loss in temporal {
            terms.temporal +=
                temporalWeight
                * loss.addGradient(temporalWeight, at: image, to: &slope, threads: settings.threads)
        }
        if settings.totalVariationWeight > 0 {
            let weight = settings.totalVariationWeight * Self.pixelsOfTotalVariation / Double(width * height)
            terms.totalVariation =
                weight * TotalVariation.addGradient(weight, at: image, to: &slope, threads: settings.threads)
        }
        try Cancellation.check()
        return terms
    }
}
