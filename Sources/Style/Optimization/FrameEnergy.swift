import Imaging
import NeuralNet

/// The energy of a frame (equations 3, 9 and 11) and its gradient, for pictures of one size.
///
/// Content, style and temporal losses are means over all values, so that their weights mean the same at every size. The
/// authors' total variation is a sum; it is scaled to their 450x350 pixels, where its weight is what it is in their
/// program.
final class FrameEnergy {
    private static let pixelsOfTotalVariation = 450.0 * 350.0

    private let settings: OptimizationSettings
    private let perceptual: PerceptualLoss
    private let width: Int
    private let height: Int
    private var temporal: [TemporalLoss] = []

    /// - Throws: `ModelError` if the loss network has no place for the sizes, ``OptimizationError`` for the style
    ///   pictures.
    init(
        settings: OptimizationSettings, network: LossNetworkWeights, styles: [StylePicture], width: Int, height: Int
    ) throws {
        self.settings = settings
        self.width = width
        self.height = height
        let styleLayers = settings.styleWeight > 0 ? settings.styleLayers : []
        let pictures = try (styleLayers.isEmpty ? [] : styles).map { uncropped in
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
                weights: network, layers: styleLayers, pooling: settings.pooling, pictures: pictures,
                threads: settings.threads)
        perceptual = try PerceptualLoss(
            weights: network, style: style, contentLayers: settings.contentLayers, styleLayers: styleLayers,
            contentWeight: settings.contentWeight, styleWeight: settings.styleWeight, pooling: settings.pooling,
            width: width, height: height, threads: settings.threads)
    }

    /// What the picture is to show, and what to stay close to.
    ///
    /// - Throws: `ModelError` if there is no memory for it; `Cancelled`.
    func aim(at frame: Image, targets: [TemporalTarget]) throws {
        try perceptual.setContent(frame)
        temporal = targets.map {
            TemporalLoss(target: $0.image, certainty: $0.certainty, penalty: settings.temporalPenalty)
        }
    }

    /// The energy of a picture's samples; its gradient takes the place of what was in `gradient`.
    ///
    /// - Throws: `ModelError` if there is no memory to compute in; `Cancelled`.
    func evaluate(_ point: [Float], _ gradient: inout [Float]) throws -> EnergyTerms {
        let image = Image(width: width, height: height, samples: point)
        // Moved there and back, so that nothing is copied.
        var slope = Image(width: width, height: height, samples: gradient)
        gradient = []
        defer { swap(&gradient, &slope.samples) }

        let value = try perceptual.evaluate(image, gradient: &slope)
        var terms = EnergyTerms()
        terms.content = settings.contentWeight * value.content
        terms.style = settings.styleWeight * value.style
        // The absolute difference counts twice (A.4).
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
