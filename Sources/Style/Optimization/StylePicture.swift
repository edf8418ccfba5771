import Imaging
import NeuralNet

/// A picture whose style is wanted, and how much of it.
public struct StylePicture: Sendable {
    /// In network space, of any size that ``OptimizationSettings`` can work with.
    public var image: Image
    /// Its share among several; only ratios count.
    public var weight: Double

    public init(image: Image, weight: Double = 1) {
        self.image = image
        self.weight = weight
    }

    /// The longer side may grow to so many times its own length; more would only blur.
    static let largestEnlargement = 4.0

    /// The smallest side that pooling leaves something of down to the deepest of `layers`.
    static func smallestSide(for layers: [LossLayer]) -> Int {
        1 << ((layers.map(\.block).max() ?? 1) - 1)
    }

    /// The picture without the share `crop` of it on each side.
    package func withoutEdge(_ crop: Double) -> StylePicture {
        let left = Int(crop * Double(image.width))
        let top = Int(crop * Double(image.height))
        guard left > 0 || top > 0 else { return self }
        let inner = image.cropped(x: left, y: top, width: image.width - 2 * left, height: image.height - 2 * top)
        return StylePicture(image: inner, weight: weight)
    }

    /// The size at which the picture is looked at: its longer side is `scale` times the frames' longer side, but at
    /// most ``largestEnlargement`` times its own, and its shorter side is no shorter than the deepest of `layers`
    /// needs.
    ///
    /// - Throws: an error if the picture has nothing to show: one of its sides is too short for the deepest layer.
    package func size(
        forFramesOf width: Int, _ height: Int, scale: Double, layers: [LossLayer]
    ) throws(OptimizationError) -> (width: Int, height: Int) {
        let least = Self.smallestSide(for: layers)
        guard image.channels == 3, min(image.width, image.height) >= least else {
            throw .style(
                "The style picture is \(image.width)x\(image.height) pixels; "
                    + "\(layers.max()?.description ?? "the loss network") needs at least \(least) a side to see a style in it."
            )
        }
        let wanted = scale * Double(max(width, height)) / Double(max(image.width, image.height))
        let needed = Double(least) / Double(min(image.width, image.height))
        let factor = max(min(wanted, Self.largestEnlargement), needed)
        func scaled(_ side: Int) -> Int { max(least, Int((Double(side) * factor).rounded())) }
        return (scaled(image.width), scaled(image.height))
    }
}
