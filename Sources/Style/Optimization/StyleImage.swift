import Imaging
import NeuralNet

/// A style image and its weight.
public struct StyleImage: Sendable {
    /// In network space; large enough for the deepest style layer.
    public var image: Image
    /// Relative weight among several style images.
    public var weight: Double

    /// - Parameter weight: relative to those of the other style images.
    public init(image: Image, weight: Double = 1) {
        self.image = image
        self.weight = weight
    }

    /// Maximum enlargement of the longer side; more would only blur.
    static let largestEnlargement = 4.0

    /// The shortest side for which pooling leaves at least one pixel in the deepest of `layers`.
    static func smallestSide(for layers: [LossLayer]) -> Int {
        layers.map(\.smallestSide).max() ?? 1
    }

    /// The image with the share `crop` removed on each side.
    package func withoutEdge(_ crop: Double) -> StyleImage {
        let left = Int(crop * Double(image.width))
        let top = Int(crop * Double(image.height))
        guard left > 0 || top > 0 else { return self }
        let inner = image.cropped(x: left, y: top, width: image.width - 2 * left, height: image.height - 2 * top)
        return StyleImage(image: inner, weight: weight)
    }

    /// The size at which the style is computed. The longer side is `scale` times the frames' longer side, but at most
    /// ``largestEnlargement`` times its own. The shorter side is at least what the deepest of `layers` needs.
    ///
    /// - Throws: an error if one side is too short for the deepest layer.
    package func size(
        forFramesOf width: Int, _ height: Int, scale: Double, layers: [LossLayer]
    ) throws(OptimizationError) -> (width: Int, height: Int) {
        let least = Self.smallestSide(for: layers)
        guard image.channels == 3, min(image.width, image.height) >= least else {
            throw .style(
                "The style picture is \(image.width)x\(image.height) pixels; "
                    + "\(layers.max { $0.smallestSide < $1.smallestSide }?.description ?? "the loss network") needs at least \(least) a side to see a style in it."
            )
        }
        let wanted = scale * Double(max(width, height)) / Double(max(image.width, image.height))
        let needed = Double(least) / Double(min(image.width, image.height))
        let factor = max(min(wanted, Self.largestEnlargement), needed)
        func scaled(_ side: Int) -> Int { max(least, Int((Double(side) * factor).rounded())) }
        return (scaled(image.width), scaled(image.height))
    }
}
