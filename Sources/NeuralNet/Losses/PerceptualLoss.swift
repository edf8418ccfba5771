import Imaging

/// The value of `PerceptualLoss` for an image.
public struct PerceptualLossValue: Sendable, Equatable {
    /// The losses of one layer, unweighted; 0 if the layer does not have that loss.
    public struct Layer: Sendable, Equatable {
        /// Where the activations were taken.
        public let layer: LossLayer
        /// `ContentLoss` (equation 1).
        public internal(set) var content = 0.0
        /// `StyleLoss` (equation 2), in the authors' normalisation.
        public internal(set) var style = 0.0
    }

    /// alpha content + beta style (paper, equation 3).
    public let total: Double
    /// The sum of all layers' content losses, unweighted (`ContentLoss`).
    public let content: Double
    /// The sum of all layers' style losses, unweighted (`StyleLoss`).
    public let style: Double
    /// In network order.
    public let layers: [Layer]
}

/// The perceptual loss of images (paper, equation 3), the weighted sum of content and style losses, and its gradient:
/// one forward and one backward pass through the loss network, as deep as the layers need, for each reduction among them. Losses of weight 0 are not
/// computed.
///
/// A batch of images of the same size and style takes less time than the images one by one. Only one thread may use an
/// instance at a time.
public final class PerceptualLoss {
    /// Alpha; 0: no content loss.
    public let contentWeight: Double
    /// Beta, in the authors' normalisation (`StyleLoss`); 0: no style loss.
    public let styleWeight: Double
    /// The number of images in a batch.
    public let count: Int
    /// The target of the style loss; may be replaced at any time.
    public var style: StyleTarget

    /// The loss network for the layers of each reduction; empty if both weights are 0.
    private let levels: [(reduction: Int, network: LossNetwork)]
    private let layers: [LossLayer]
    private let contentLayers: [LossLayer]
    private let styleLayers: [LossLayer]
    private let threads: Int
    /// The content losses of each image; empty before `setContent`.
    private var content: [[LossLayer: ContentLoss]]

    /// - Parameters:
    ///   - style: computed with the same weights, pooling and layers.
    ///   - contentWeight: alpha.
    ///   - styleWeight: beta, in the authors' normalisation (`StyleLoss`).
    ///   - width: width of the images in pixels.
    ///   - height: height of the images in pixels.
    ///   - count: the number of images in a batch, at least 1.
    ///   - threads: the maximum number of threads; 0: one for each processor. Results do not depend on it.
    /// - Throws: an error if the network does not have a layer, the images are too small for one, an allocation fails,
    ///   or `MemoryLimit` is exceeded.
    public init(
        weights: LossNetworkWeights, style: StyleTarget, contentLayers: [LossLayer], styleLayers: [LossLayer],
        contentWeight: Double, styleWeight: Double, pooling: Pooling = .max, width: Int, height: Int, count: Int = 1,
        threads: Int = 0
    ) throws(ModelError) {
        self.style = style
        self.contentWeight = contentWeight
        self.styleWeight = styleWeight
        self.contentLayers = contentWeight == 0 ? [] : contentLayers
        self.styleLayers = styleWeight == 0 ? [] : styleLayers
        self.count = count
        self.threads = threads
        content = Array(repeating: [:], count: count)
        try Self.cost(
            weights: weights, contentLayers: self.contentLayers, styleLayers: self.styleLayers, pooling: pooling,
            width: width, height: height, count: count, threads: threads
        ).check("the loss network at \(width)x\(height)", remedy: "take smaller pictures, or fewer at once")
        layers = Set(self.contentLayers + self.styleLayers).sorted()
        levels = try layers.byReduction().map { (reduction, layers) throws(ModelError) in
            let network = try LossNetwork(
                weights: weights, layers: layers, pooling: pooling, width: width / reduction,
                height: height / reduction, count: count, threads: threads)
            return (reduction, network)
        }
    }

    /// The memory that the losses would take.
    ///
    /// - Throws: the errors of the initialiser, except for memory.
    package static func cost(
        weights: LossNetworkWeights, contentLayers: [LossLayer], styleLayers: [LossLayer], pooling: Pooling = .max,
        width: Int, height: Int, count: Int = 1, threads: Int = 0
    ) throws(ModelError) -> PlanCost {
        let layers = Set(contentLayers + styleLayers).sorted()
        guard !layers.isEmpty else { return PlanCost() }
        var cost = PlanCost()
        for (reduction, layers) in layers.byReduction() {
            cost.add(
                try LossNetwork.cost(
                    weights, layers: layers, pooling: pooling, width: width / reduction, height: height / reduction,
                    count: count, threads: threads))
            // The reduced images and their gradients.
            if reduction > 1 { cost.add(count * 6 * (width / reduction) * (height / reduction)) }
        }
        for layer in contentLayers {
            let pixels = (width / layer.smallestSide) * (height / layer.smallestSide)
            cost.add(count * LossNetworkKind.channelsPerBlock[layer.block - 1] * pixels)
        }
        return cost
    }

    /// Sets the content images. Before the first call there is no content loss.
    ///
    /// - Parameter images: `count` images in network space, of the size given to the initialiser.
    /// - Throws: `ModelError` if an allocation fails; `Cancelled`.
    public func setContent(_ images: [Image]) throws {
        precondition(images.count == count, "the perceptual loss was made for another number of images")
        for (reduction, network) in levels {
            let layers = contentLayers.filter { $0.reduction == reduction }
            guard let deepest = layers.max() else { continue }
            try network.forward(images.map { $0.reduced(by: reduction) }, upTo: deepest.reduced(by: 1))
            for index in images.indices {
                for layer in layers {
                    guard let features = network.features(of: layer.reduced(by: 1), image: index) else { continue }
                    if let known = content[index][layer] {
                        known.replaceTarget(by: features)
                    } else {
                        content[index][layer] = ContentLoss(target: try features.copy(), threads: threads)
                    }
                }
            }
        }
    }

    /// Computes the losses of `images` and their gradients, which overwrite `gradients`.
    ///
    /// - Parameters:
    ///   - images: `count` images in network space, of the size given to the initialiser.
    ///   - gradients: one for each image, with the same shape.
    /// - Throws: `ModelError` if an allocation fails; `Cancelled`.
    public func evaluate(_ images: [Image], gradients: inout [Image]) throws -> [PerceptualLossValue] {
        precondition(images.count == count && gradients.count == count)
        var losses = [[PerceptualLossValue.Layer]](repeating: [], count: count)
        if levels.first?.reduction != 1 { gradients = images.map { Image(width: $0.width, height: $0.height) } }
        for (reduction, network) in levels {
            try network.forward(images.map { $0.reduced(by: reduction) })
            if reduction == 1 {
                try addGradients(of: network, reduction, into: &gradients, &losses)
                continue
            }
            var reduced = images.map { Image(width: $0.width / reduction, height: $0.height / reduction) }
            try addGradients(of: network, reduction, into: &reduced, &losses)
            for index in images.indices { gradients[index].addGradient(ofReduced: reduced[index], by: reduction) }
        }
        return losses.map { value($0.sorted { $0.layer < $1.layer }) }
    }

    /// Runs the backward pass of one reduction; `gradients` are overwritten, `losses` extended.
    private func addGradients(
        of network: LossNetwork, _ reduction: Int, into gradients: inout [Image],
        _ losses: inout [[PerceptualLossValue.Layer]]
    ) throws {
        try network.backward(into: &gradients) { index, layer, features, gradient in
            let layer = layer.reduced(by: reduction)
            var loss = PerceptualLossValue.Layer(layer: layer)
            if let content = content[index][layer] {
                loss.content = try content.value(features)
                content.addGradient(contentWeight, at: features, to: gradient)
            }
            if let style = styleLoss(layer) {
                loss.style = try style.addGradient(styleWeight, at: features, to: gradient)
            }
            losses[index].append(loss)
        }
    }

    /// Computes the losses of `images` without gradients, in about half the time.
    ///
    /// - Throws: `ModelError` if an allocation fails; `Cancelled`.
    public func evaluate(_ images: [Image]) throws -> [PerceptualLossValue] {
        precondition(images.count == count)
        var losses = [[PerceptualLossValue.Layer]](repeating: [], count: count)
        for (reduction, network) in levels {
            try network.forward(images.map { $0.reduced(by: reduction) })
            for layer in layers where layer.reduction == reduction {
                for index in images.indices {
                    guard let features = network.features(of: layer.reduced(by: 1), image: index) else { continue }
                    losses[index].append(
                        PerceptualLossValue.Layer(
                            layer: layer, content: try content[index][layer]?.value(features) ?? 0,
                            style: try styleLoss(layer)?.value(features) ?? 0))
                }
            }
        }
        try Cancellation.check()
        return losses.map(value)
    }

    private func styleLoss(_ layer: LossLayer) -> (any LayerStyleLoss)? {
        guard styleLayers.contains(layer) else { return nil }
        return style.loss(of: layer, threads: threads)
    }

    private func value(_ layers: [PerceptualLossValue.Layer]) -> PerceptualLossValue {
        let content = layers.reduce(0) { $0 + $1.content }
        let style = layers.reduce(0) { $0 + $1.style }
        return PerceptualLossValue(
            total: contentWeight * content + styleWeight * style, content: content, style: style, layers: layers)
    }
}

/// Evaluation of a single image.
extension PerceptualLoss {
    /// Sets the content image. Before the first call there is no content loss.
    ///
    /// - Parameter image: in network space, of the size given to the initialiser.
    /// - Precondition: `count` is 1.
    public func setContent(_ image: Image) throws { try setContent([image]) }

    /// Computes the loss of `image` and its gradient, which overwrites `gradient`.
    ///
    /// - Parameters:
    ///   - image: in network space, of the size given to the initialiser.
    ///   - gradient: of the same shape.
    /// - Precondition: `count` is 1.
    public func evaluate(_ image: Image, gradient: inout Image) throws -> PerceptualLossValue {
        var gradients = [Image(width: 0, height: 0)]
        swap(&gradients[0], &gradient)
        defer { swap(&gradients[0], &gradient) }
        return try evaluate([image], gradients: &gradients)[0]
    }

    /// Computes the loss of `image` without its gradient, in about half the time.
    ///
    /// - Precondition: `count` is 1.
    public func evaluate(_ image: Image) throws -> PerceptualLossValue { try evaluate([image])[0] }
}
