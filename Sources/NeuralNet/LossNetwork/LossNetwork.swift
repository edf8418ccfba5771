// A first version on the plain layers, for those who call it to begin with; the blocked engine takes its place.
import Imaging

/// The convolutions of a classification network, as deep as some of its layers need, and their gradient with respect to
/// the image.
public final class LossNetwork {
    private let network: PlainLossNetwork
    private let layers: [LossLayer]
    private var image: PlainTensor?
    private var kept: [LossLayer: FeatureMap] = [:]

    public init(
        weights: LossNetworkWeights, layers: [LossLayer], pooling: Pooling, width: Int, height: Int, threads: Int = 0,
        gradient: Bool = true
    ) throws(ModelError) {
        for layer in layers where !weights.kind.layers.contains(layer) {
            throw ModelError("\(weights.kind) has no layer \(layer)")
        }
        let halvings = (layers.map(\.block).max() ?? 1) - 1
        guard width >> halvings > 0, height >> halvings > 0 else {
            throw ModelError("a picture of \(width)x\(height) pixels is too small for the loss network")
        }
        network = PlainLossNetwork(weights: weights, pooling: pooling)
        self.layers = layers
    }

    /// - Parameter image: network space.
    public func forward(_ image: Image) {
        let image = PlainTensor(image)
        self.image = image
        kept = network.features(of: image, upTo: layers).filter { layers.contains($0.key) }.mapValues(FeatureMap.init)
    }

    /// Valid until the next forward.
    public func features(of layer: LossLayer) -> FeatureMap? { kept[layer] }

    /// Asks at each of the layers, deepest first, for what the losses add to the gradient with respect to its activations; the gradient with
    /// respect to the image of the last forward takes the place of what was in `gradient`.
    public func backward(
        into gradient: inout Image, _ add: (_ layer: LossLayer, _ features: FeatureMap, _ gradient: FeatureMap) -> Void
    ) {
        guard let image else { return }
        var gradients: [LossLayer: PlainTensor] = [:]
        for layer in layers.sorted().reversed() {
            guard let features = kept[layer] else { continue }
            let added = FeatureMap(
                PlainTensor(channels: features.channels, height: features.height, width: features.width))
            add(layer, features, added)
            gradients[layer] = added.tensor
        }
        gradient = network.backward(gradients, image: image).image
    }
}
