/// The style loss of one layer, of N channels and M pixels: the mean over the N^2 entries of (G / (N M) - A)^2, where G = F F^T is
/// the Gram matrix of the layer's activations F and A that of the style picture, divided by its own N M.
///
/// That is the paper's equation 2 in the normalisation of the authors' program, 1/N^2 times what the paper writes, and
/// the one that their weights belong to.
public struct StyleLoss {
    private let target: [Float]
    private let scale: Double
    private let threads: Int

    /// - Parameters:
    ///   - target: A, N rows of N.
    ///   - scale: what the loss is multiplied by (`StyleNormalization`).
    ///   - threads: at most so many compute; 0: one for each processor. Results do not depend on it.
    public init(target: [Float], scale: Double = 1, threads: Int = 0) {
        self.target = target
        self.scale = scale
        self.threads = threads
    }

    /// - Parameter features: F, with as many channels as the target has rows.
    /// - Throws: an error if there is no memory to compute it in.
    public func value(_ features: FeatureMap) throws(ModelError) -> Double {
        scale * Self.meanSquare(try difference(features))
    }

    /// The same; adds `weight` times the loss's gradient with respect to F, weight 4 / (N^3 M) (G / (N M) - A) F, to `gradient`.
    ///
    /// - Throws: an error if there is no memory to compute it in.
    public func addGradient(
        _ weight: Double, at features: FeatureMap, to gradient: FeatureMap
    ) throws(ModelError) -> Double {
        let difference = try difference(features)
        let entries = Double(target.count)
        let factor = 4 * scale * weight / (entries * Double(features.channels * features.height * features.width))
        try gradient.add(Float(factor), times: difference, on: features, threads: threads)
        return scale * Self.meanSquare(difference)
    }

    /// G / (N M), the style of activations: N rows of N.
    static func normalizedGramMatrix(_ features: FeatureMap, threads: Int) throws(ModelError) -> [Float] {
        let factor = 1 / Float(features.channels * features.height * features.width)
        return try features.gramMatrix(threads: threads).map { $0 * factor }
    }

    private func difference(_ features: FeatureMap) throws(ModelError) -> [Float] {
        zip(try Self.normalizedGramMatrix(features, threads: threads), target).map { $0 - $1 }
    }

    static func meanSquare(_ values: [Float]) -> Double {
        values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)
    }
}

/// How the style losses of several layers are balanced.
public enum StyleNormalization: String, CaseIterable, Sendable {
    /// As they are (`StyleLoss`). Shallow layers, whose activations are large, then outweigh deep ones.
    case none
    /// Each layer's loss is divided by the mean square of its target A, so that a picture without any style has the same loss in
    /// every layer: ``StyleNormalization/unit``.
    case layer

    /// The loss of a layer whose Gram matrix is 0, where layers are normalised. Of the order of raw losses, so that the same style
    /// weights are of use for both.
    public static let unit = 1e5

    /// What the loss of a layer with this target is multiplied by.
    func scale(target: [Float]) -> Double {
        switch self {
        case .none: 1
        case .layer: Self.unit / max(StyleLoss.meanSquare(target), .leastNormalMagnitude)
        }
    }
}

/// `StyleLoss` as its definition says.
package struct PlainStyleLoss: PlainLoss {
    private let target: [Double]

    /// - Parameter target: A, N rows of N.
    package init(target: [Double]) { self.target = target }

    package func value(_ input: PlainTensor) -> Double {
        difference(input).reduce(0) { $0 + $1 * $1 } / Double(target.count)
    }

    /// Both factors of F F^T depend on F, and G - A is symmetric, hence 2 times 2.
    package func gradient(_ input: PlainTensor) -> PlainTensor {
        let difference = difference(input)
        let factor = 4 / (Double(target.count) * Double(input.values.count))
        return PlainTensor(channels: input.channels, height: input.height, width: input.width) { row, plane in
            for column in 0..<input.channels {
                let entry = factor * difference[row * input.channels + column]
                let other = input.range(ofChannel: column).lowerBound
                for pixel in plane.indices { plane[pixel] += entry * input.values[other + pixel] }
            }
        }
    }

    /// G / (N M).
    package static func normalizedGramMatrix(_ features: PlainTensor) -> [Double] {
        PlainTensor(channels: features.channels, height: 1, width: features.channels) { row, entries in
            let first = features.range(ofChannel: row).lowerBound
            for column in entries.indices {
                let second = features.range(ofChannel: column).lowerBound
                var sum = 0.0
                for pixel in 0..<features.pixelCount {
                    sum += features.values[first + pixel] * features.values[second + pixel]
                }
                entries[column] = sum / Double(features.values.count)
            }
        }.values
    }

    private func difference(_ input: PlainTensor) -> [Double] {
        zip(Self.normalizedGramMatrix(input), target).map { $0 - $1 }
    }
}
