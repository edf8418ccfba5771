import Imaging

/// The target of the style losses. For each style layer with N channels and M pixels it is the Gram matrix of the style
/// image's activations divided by N M (`StyleLoss`); for several style images, the weighted mean.
public struct StyleTarget: Sendable {
    /// [N][N] for each layer.
    public let gramMatrices: [LossLayer: [Float]]
    /// The factors of the layers' losses (`StyleNormalization`).
    private let scales: [LossLayer: Double]
    /// Distributions, in place of Gram matrices, for the sliced loss.
    private let sliced: [LossLayer: SlicedTarget]
    /// Which set of directions of the sliced loss is used, modulo their number. Training takes another in each step.
    public var slice = 0

    /// A target without layers: no style loss.
    public static let none = StyleTarget(gramMatrices: [:], scales: [:], sliced: [:])

    private init(
        gramMatrices: [LossLayer: [Float]], scales: [LossLayer: Double], sliced: [LossLayer: SlicedTarget]
    ) {
        self.gramMatrices = gramMatrices
        self.scales = scales
        self.sliced = sliced
    }

    /// - Parameters:
    ///   - layers: the layers of the style loss.
    ///   - images: style images in network space, of any sizes, with their blend weights. The weights must not be
    ///     negative or all 0; they are normalised to a sum of 1.
    ///   - statistic: what is compared in each layer.
    ///   - normalization: the relative weights of the layers' losses.
    ///   - other: a target whose random directions are shared, which saves their time and memory; the same result.
    ///   - threads: the maximum number of threads; 0: one for each processor. Results do not depend on it.
    /// - Throws: an error if there is no image or no positive weight, the network does not have a layer, an image is
    ///   too small for one, or there is not enough memory; `Cancelled`.
    public init(
        weights: LossNetworkWeights, layers: [LossLayer], pooling: Pooling = .max, images: [(Image, Double)],
        statistic: StyleStatistic = .gram, normalization: StyleNormalization = .none, sharing other: StyleTarget? = nil,
        threads: Int = 0
    ) throws {
        let sum = images.reduce(0) { $0 + $1.1 }
        guard !images.isEmpty else { throw ModelError("there is no style picture; name at least one") }
        guard images.allSatisfy({ $0.1 >= 0 && $0.1.isFinite }), sum > 0, sum.isFinite else {
            throw ModelError("the weights of the style pictures must not be negative or all 0")
        }
        var matrices: [LossLayer: [Float]] = [:]
        var maps: [LossLayer: [(features: FeatureMap, weight: Float)]] = [:]
        for (image, weight) in images where weight > 0 {
            let share = Float(weight / sum)
            for (reduction, layers) in layers.byReduction() {
                let image = image.reduced(by: reduction)
                let network = try LossNetwork(
                    weights: weights, layers: layers, pooling: pooling, width: image.width, height: image.height,
                    threads: threads, gradient: false)
                try network.forward(image)
                for layer in layers {
                    guard let features = network.features(of: layer) else { continue }
                    let layer = layer.reduced(by: reduction)
                    if statistic == .sliced {
                        maps[layer, default: []].append((try features.copy(), share))
                        continue
                    }
                    let matrix = try StyleLoss.normalizedGramMatrix(features, threads: threads)
                    let before = matrices[layer] ?? [Float](repeating: 0, count: matrix.count)
                    matrices[layer] = zip(before, matrix).map { $0 + share * $1 }
                }
            }
        }
        try Cancellation.check()
        var sliced: [LossLayer: SlicedTarget] = [:]
        for (layer, images) in maps {
            sliced[layer] = try SlicedTarget(
                layer: layer, images: images, sharing: other?.sliced[layer], threads: threads)
        }
        var scales = matrices.mapValues { normalization.scale(target: $0) }
        for (layer, target) in sliced { scales[layer] = normalization.scale(meanSquare: target.meanSquare) }
        try Cancellation.check()
        self.init(gramMatrices: matrices, scales: scales, sliced: sliced)
    }

    /// The style loss of a layer; nil if the target does not include the layer.
    package func loss(of layer: LossLayer, threads: Int) -> (any LayerStyleLoss)? {
        if let target = sliced[layer], let scale = scales[layer] {
            return SlicedStyleLoss(slice: target.slices[slice % target.slices.count], scale: scale, threads: threads)
        }
        guard let target = gramMatrices[layer], let scale = scales[layer] else { return nil }
        return StyleLoss(target: target, scale: scale, threads: threads)
    }
}
