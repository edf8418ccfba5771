import Imaging
import NeuralNet
import Style
import Support

extension TrainingSettings {
    /// The target of the style loss: style images cropped by ``styleCrop`` and scaled to the shorter side
    /// ``styleSize``.
    ///
    /// - Throws: ``TrainingError/style(_:)`` if an image is too small or too narrow, `ModelError` if the weights are
    ///   invalid.
    package func styleTarget(
        of styles: [StyleImage], lossNetwork: LossNetworkWeights, sharing other: StyleTarget? = nil
    ) throws -> StyleTarget {
        guard styleWeight > 0 else { return .none }
        guard !styles.isEmpty else { throw TrainingError.style("No style picture is given; name a painting.") }
        let images = try styles.map { style in (try prepared(style), style.weight) }
        return try StyleTarget(
            weights: lossNetwork, layers: styleLayers, pooling: pooling, images: images,
            statistic: styleStatistic, normalization: styleNormalization, sharing: other, threads: threads)
    }

    /// The target of each style: one for each image if they are separate, else one for all.
    ///
    /// - Throws: as ``styleTarget(of:lossNetwork:)``.
    package func styleTargets(of styles: [StyleImage], lossNetwork: LossNetworkWeights) throws -> [StyleTarget] {
        guard separatesStyles, !styles.isEmpty else { return [try styleTarget(of: styles, lossNetwork: lossNetwork)] }
        return try styles.reduce(into: []) { targets, style in
            targets.append(try styleTarget(of: [style], lossNetwork: lossNetwork, sharing: targets.first))
        }
    }

    /// Minimum side of a style image, in pixels.
    private static let leastStyleSide = 16
    /// Maximum aspect ratio of a style image.
    private static let mostElongated = 16

    /// A style image as the style loss sees it: cropped by ``styleCrop`` and scaled to the shorter side ``styleSize``.
    ///
    /// - Throws: ``TrainingError/style(_:)`` if it is too small or too narrow.
    package func prepared(_ style: StyleImage) throws -> Image {
        let image = style.withoutEdge(styleCrop).image
        let (shorter, longer) = (min(image.width, image.height), max(image.width, image.height))
        guard image.channels == 3, shorter >= Self.leastStyleSide else {
            throw TrainingError.style(
                "The style picture is \(image.width)x\(image.height) pixels within its edges; at least "
                    + "\(Self.leastStyleSide) a side are needed to see a style in it.")
        }
        guard longer <= Self.mostElongated * shorter else {
            throw TrainingError.style(
                "The style picture is \(image.width)x\(image.height) pixels, a strip; crop it to what matters.")
        }
        func scaled(_ side: Int) -> Int { (side * styleSize + shorter / 2) / shorter }
        return image.resized(
            width: scaled(image.width), height: scaled(image.height), by: .cubic, threads: threads)
    }

    /// What may spoil the style of an image, one sentence each; empty: nothing. The training works nevertheless.
    package func warnings(of style: StyleImage) -> [String] {
        let image = style.withoutEdge(styleCrop).image
        var warnings: [String] = []
        let enlargement = Double(styleSize) / Double(min(image.width, image.height))
        if enlargement > Self.mostEnlarged {
            warnings.append(
                "it has only \(image.width)x\(image.height) pixels and is enlarged: strokes will be blurred. Take a larger "
                    + "picture, or a smaller --style-size.")
        }
        if image.contrast < Self.leastContrast {
            warnings.append("it is nearly uniform: there is hardly a style to learn.")
        }
        return warnings
    }

    /// Enlargement of a style image from which strokes are blurred.
    private static let mostEnlarged = 2.0
    /// Standard deviation, in values of 0...255, below which a style image counts as uniform.
    private static let leastContrast = 6.0

    /// Hash of the style images.
    func digest(of styles: [StyleImage]) -> String {
        var bytes: [UInt8] = []
        for style in styles {
            bytes += "\(style.image.width)x\(style.image.height) \(style.weight) ".utf8
            bytes += style.image.samples.map { UInt8(truncatingIfNeeded: Int(max(-1e6, min($0.rounded(), 1e6)))) }
        }
        return String(sha256(bytes[...]).prefix(16))
    }
}
