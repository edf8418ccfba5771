import Imaging

/// The style of one or more pictures: for each style layer, the Gram matrix of the picture's activations divided by N M, the
/// channels times the picture's own pixels there (`StyleLoss`); of several pictures, the mean by their weights.
public struct StyleTarget: Sendable {
    /// N rows of N for each layer.
    public let gramMatrices: [LossLayer: [Float]]
    /// How the layers' losses are balanced.
    public let normalization: StyleNormalization

    /// No style at all.
    public static let none = StyleTarget(gramMatrices: [:])

    private init(gramMatrices: [LossLayer: [Float]]) {
        self.gramMatrices = gramMatrices
        normalization = .none
    }

    /// - Parameters:
    ///   - layers: where the style is looked at.
    ///   - pictures: in network space, of any sizes, with the weights to blend them by, none negative and not all 0; only their ratios count.
    ///   - normalization: how the layers' losses are balanced.
    ///   - threads: at most so many compute; 0: one for each processor. Results do not depend on it.
    /// - Throws: an error if there is no picture, no weight, no such layer, if a picture is too small for a layer, or takes more
    ///   memory than there is; `Cancelled`.
    public init(
        weights: LossNetworkWeights, layers: [LossLayer], pooling: Pooling = .max, pictures: [(Image, Double)],
        normalization: StyleNormalization = .none, threads: Int = 0
    ) throws {
        let sum = pictures.reduce(0) { $0 + $1.1 }
        guard !pictures.isEmpty else { throw ModelError("there is no style picture; name at least one") }
        guard pictures.allSatisfy({ $0.1 >= 0 && $0.1.isFinite }), sum > 0, sum.isFinite else {
            throw ModelError("the weights of the style pictures must be positive numbers")
        }
        var matrices: [LossLayer: [Float]] = [:]
        for (picture, weight) in pictures where weight > 0 && !layers.isEmpty {
            let network = try LossNetwork(
                weights: weights, layers: layers, pooling: pooling, width: picture.width, height: picture.height,
                threads: threads, gradient: false)
            try network.forward(picture)
            let share = Float(weight / sum)
            for layer in layers {
                guard let features = network.features(of: layer) else { continue }
                let matrix = try StyleLoss.normalizedGramMatrix(features, threads: threads)
                let before = matrices[layer] ?? [Float](repeating: 0, count: matrix.count)
                matrices[layer] = zip(before, matrix).map { $0 + share * $1 }
            }
        }
        try Cancellation.check()
        gramMatrices = matrices
        self.normalization = normalization
    }

    /// The style loss of a layer; nil where the style has none there.
    func loss(of layer: LossLayer, threads: Int) -> StyleLoss? {
        gramMatrices[layer].map {
            StyleLoss(target: $0, scale: normalization.scale(target: $0), threads: threads)
        }
    }
}
