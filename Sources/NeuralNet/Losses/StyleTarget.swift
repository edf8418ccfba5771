import Imaging

/// The target of the style losses. For each style layer with N channels and M pixels it is the Gram matrix of the style
/// image's activations divided by N M (`StyleLoss`); for several style images, the weighted mean.
public struct StyleTarget: Sendable {
    /// [N][N] for each layer.
    public let gramMatrices: [LossLayer: [Float]]
    /// The factors of the layers' losses (`StyleNormalization`).
    private let scales: [LossLayer: Double]

    /// A target without layers: no style loss.
    public static let none = StyleTarget(gramMatrices: [:], scales: [:])

    private init(gramMatrices: [LossLayer: [Float]], scales: [LossLayer: Double]) {
        self.gramMatrices = gramMatrices
        self.scales = scales
    }

    /// - Parameters:
    ///   - layers: the layers of the style loss.
    ///   - pictures: style images in network space, of any sizes, with their blend weights. The weights must not be
    ///     negative or all 0; they are normalised to a sum of 1.
    ///   - normalization: the relative weights of the layers' losses.
    ///   - threads: the maximum number of threads; 0: one for each processor. Results do not depend on it.
    /// - Throws: an error if there is no image or no positive weight, the network does not have a layer, an image is
    ///   too small for one, or there is not enough memory; `Cancelled`.
    public init(
        weights: LossNetworkWeights, layers: [LossLayer], pooling: Pooling = .max, pictures: [(Image, Double)],
        normalization: StyleNormalization = .none, threads: Int = 0
    ) throws {
        let sum = pictures.reduce(0) { $0 + $1.1 }
        guard !pictures.isEmpty else { throw ModelError("there is no style picture; name at least one") }
        guard pictures.allSatisfy({ $0.1 >= 0 && $0.1.isFinite }), sum > 0, sum.isFinite else {
            throw ModelError("the weights of the style pictures must not be negative or all 0")
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
        self.init(gramMatrices: matrices, scales: matrices.mapValues(normalization.scale))
    }

    /// The style loss of a layer; nil if the target does not include the layer.
    func loss(of layer: LossLayer, threads: Int) -> StyleLoss? {
        guard let target = gramMatrices[layer], let scale = scales[layer] else { return nil }
        return StyleLoss(target: target, scale: scale, threads: threads)
    }
}
