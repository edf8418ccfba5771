// A first version on the plain layers, for those who call it to begin with; the blocked engine takes its place.

/// The activations of one layer, or their gradient.
public final class FeatureMap {
    var tensor: PlainTensor

    init(_ tensor: PlainTensor) { self.tensor = tensor }

    public var channels: Int { tensor.channels }
    public var height: Int { tensor.height }
    public var width: Int { tensor.width }

    /// `channels * height * width` values.
    public func planar() -> [Float] { tensor.values.map(Float.init) }

    public func copy() -> FeatureMap { FeatureMap(tensor) }

    /// N rows of N: the sum over all pixels of F_i F_j, undivided.
    public func gramMatrix(threads: Int = 0) -> [Float] {
        PlainStyleLoss.normalizedGramMatrix(tensor).map { Float($0 * Double(tensor.values.count)) }
    }

    public func squaredDistance(to other: FeatureMap, threads: Int = 0) -> Double {
        tensor.combined(with: other.tensor) { ($0 - $1) * ($0 - $1) }.values.reduce(0, +)
    }

    /// self += factor (one - other).
    public func add(
        _ factor: Float, timesDifferenceOf one: FeatureMap, and other: FeatureMap, threads: Int = 0
    ) {
        tensor += one.tensor.combined(with: other.tensor) { Double(factor) * ($0 - $1) }
    }

    /// self += factor M F.
    public func add(_ factor: Float, times matrix: [Float], on features: FeatureMap, threads: Int = 0) {
        let pixels = tensor.pixelCount
        for row in 0..<channels {
            for column in 0..<channels {
                let entry = Double(factor * matrix[row * channels + column])
                for pixel in 0..<pixels {
                    tensor.values[row * pixels + pixel] += entry * features.tensor.values[column * pixels + pixel]
                }
            }
        }
    }
}
