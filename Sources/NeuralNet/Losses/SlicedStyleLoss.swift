import Support

/// A sliced Wasserstein style loss of one layer with N channels and M pixels (Heitz et al. 2021, "A Sliced Wasserstein
/// Loss for Neural Texture Synthesis"): the activations are projected onto N orthogonal directions, and along each the
/// distribution of the M values is compared with the style image's. It is the mean over directions and ranks of the
/// squared difference of sorted values.
///
/// A Gram matrix compares second moments only, which a carpet of dots can match; distributions it cannot.
public struct SlicedStyleLoss: LayerStyleLoss {
    private let slice: SlicedTarget.Slice
    private let scale: Double
    private let threads: Int

    init(slice: SlicedTarget.Slice, scale: Double, threads: Int) {
        self.slice = slice
        self.scale = scale
        self.threads = threads
    }

    public func value(_ features: FeatureMap) throws(ModelError) -> Double { try difference(features).loss }

    public func addGradient(
        _ weight: Double, at features: FeatureMap, to gradient: FeatureMap
    ) throws(ModelError) -> Double {
        let (difference, loss) = try difference(features)
        let factor = 2 * scale * weight / Self.count(features)
        // The directions are orthonormal: the transpose is the inverse.
        try gradient.add(Float(factor), times: slice.transposed, on: difference, threads: threads)
        return loss
    }

    /// The projections minus the style image's quantiles of the same ranks, and the loss.
    private func difference(_ features: FeatureMap) throws(ModelError) -> (FeatureMap, loss: Double) {
        let projected = try features.multiplied(by: slice.directions, threads: threads)
        let sum = try projected.subtract(quantiles: slice.quantiles, threads: threads)
        return (projected, scale * sum / Self.count(features))
    }

    private static func count(_ features: FeatureMap) -> Double {
        Double(features.channels * features.height * features.width)
    }
}

/// The style image's distributions in one layer, along several sets of directions.
package struct SlicedTarget: Sendable {
    /// An orthonormal basis and the distribution along each of its directions.
    struct Slice: Sendable {
        /// A direction in each row, [N][N].
        let directions: [Float]
        let transposed: [Float]
        /// [N][``SlicedTarget/quantileCount``].
        var quantiles: [Float]
    }

    /// Number of bases. Training uses one in each step, so that no single set of directions can be overfitted.
    package static let sliceCount = 12
    /// Values that describe a distribution.
    package static let quantileCount = 512

    private(set) var slices: [Slice]
    /// Mean square of the activations.
    let meanSquare: Double

    /// - Parameters:
    ///   - images: activations of the style images in this layer, with weights that sum to 1. The quantiles of several
    ///     are averaged: the one-dimensional Wasserstein barycentre.
    ///   - other: a target of the same layer, whose directions are shared.
    /// - Throws: an error if an allocation fails.
    init(
        layer: LossLayer, images: [(features: FeatureMap, weight: Float)], sharing other: SlicedTarget?, threads: Int
    ) throws(ModelError) {
        let channels = images[0].features.channels
        slices = (0..<Self.sliceCount).map { index in
            if var slice = other?.slices[index] {
                slice.quantiles = []
                return slice
            }
            let directions = randomRotation(channels, seed: Self.seed(layer, index))
            return Slice(directions: directions, transposed: transposed(directions, channels), quantiles: [])
        }
        for index in slices.indices {
            var quantiles = [Float](repeating: 0, count: channels * Self.quantileCount)
            for (features, weight) in images {
                let imageQuantiles = try features.multiplied(by: slices[index].directions, threads: threads)
                    .quantiles(Self.quantileCount, threads: threads)
                for place in imageQuantiles.indices { quantiles[place] += weight * imageQuantiles[place] }
            }
            slices[index].quantiles = quantiles
        }
        let values = slices[0].quantiles
        meanSquare = values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)
    }

    /// Seed of a layer's directions.
    package static func seed(_ layer: LossLayer, _ slice: Int) -> SplitMix {
        SplitMix(seed: 0x736c_6963, layer.block, layer.convolution, slice)
    }
}

/// A random orthogonal matrix, [count][count]: Gram-Schmidt on normally distributed rows.
package func randomRotation(_ count: Int, seed: SplitMix) -> [Float] {
    var random = seed
    // A sum of uniform numbers is close enough to a normal distribution.
    var matrix = (0..<count * count).map { _ in (0..<4).reduce(Float(-2)) { sum, _ in sum + random.nextUnit() } }
    matrix.withUnsafeMutableBufferPointer { matrix in
        for row in 0..<count {
            let start = row * count
            // Twice, since rounding errors of the first time remain.
            for earlier in Array(0..<row) + Array(0..<row) {
                let earlierStart = earlier * count
                var product: Float = 0
                for i in 0..<count { product += matrix[start + i] * matrix[earlierStart + i] }
                for i in 0..<count { matrix[start + i] -= product * matrix[earlierStart + i] }
            }
            var length: Float = 0
            for i in 0..<count { length += matrix[start + i] * matrix[start + i] }
            let factor = 1 / length.squareRoot()
            for i in 0..<count { matrix[start + i] *= factor }
        }
    }
    return matrix
}

private func transposed(_ matrix: [Float], _ count: Int) -> [Float] {
    (0..<count * count).map { matrix[$0 % count * count + $0 / count] }
}
