import Imaging

/// What `PerceptualLoss` comes to for an image.
public struct PerceptualLossValue: Sendable, Equatable {
    /// The losses of one layer, unweighted; 0 where the layer has no such loss.
    public struct Layer: Sendable, Equatable {
        public let layer: LossLayer
        public internal(set) var content = 0.0
        public internal(set) var style = 0.0
    }

    /// alpha content + beta style (paper, equation 3).
    public let total: Double
    /// The sum of all layers' content losses, unweighted (`ContentLoss`).
    public let content: Double
    /// The sum of all layers' style losses, unweighted (`StyleLoss`).
    public let style: Double
    /// The first layer first.
    public let layers: [Layer]
}

/// The perceptual loss of images (paper, equation 3), for each the weighted sum of content and style losses, and its gradient: one pass
/// forward through the loss network and one backward, as deep as the layers need. A loss of weight 0 is not computed at all.
///
/// Several images, of one size and of one style, are evaluated together in less time than one after the other. For one thread at a time.
public final class PerceptualLoss {
    public let contentWeight: Double
    public let styleWeight: Double
    /// The images that are evaluated together.
    public let count: Int
    /// What the images are to look like; may be replaced at any time.
    public var style: StyleTarget

    /// Nil where nothing has a weight.
    private let network: LossNetwork?
    private let layers: [LossLayer]
    private let contentLayers: [LossLayer]
    private let styleLayers: [LossLayer]
    private let threads: Int
    /// One for each image, once there is a content.
    private var content: [[LossLayer: ContentLoss]]

    /// - Parameters:
    ///   - style: made with the same weights, pooling and layers.
    ///   - contentWeight: alpha.
    ///   - styleWeight: beta, in the authors' normalisation (`StyleLoss`).
    ///   - width: of the images, in pixels.
    ///   - height: of the images, in pixels.
    ///   - count: of the images that are evaluated together, at least 1.
    ///   - threads: at most so many compute; 0: one for each processor. Results do not depend on it.
    /// - Throws: an error if the network has no such layer, or an image of this size is too small for one.
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
        layers = Set(self.contentLayers + self.styleLayers).sorted()
        network =
            layers.isEmpty
            ? nil
            : try LossNetwork(
                weights: weights, layers: layers, pooling: pooling, width: width, height: height, count: count,
                threads: threads)
    }

    /// Makes `images` the ones whose content is kept. Until then there is no content loss.
    ///
    /// - Parameter images: network space, `count` of them, of the size given at the start.
    public func setContent(_ images: [Image]) {
        precondition(images.count == count, "a perceptual loss is of as many images as it was made for")
        guard let network, let deepest = contentLayers.max() else { return }
        network.forward(images, upTo: deepest)
        for picture in images.indices {
            for layer in contentLayers {
                guard let features = network.features(of: layer, picture: picture) else { continue }
                if let known = content[picture][layer] {
                    known.replaceTarget(by: features)
                } else {
                    content[picture][layer] = ContentLoss(target: features.copy(), threads: threads)
                }
            }
        }
    }

    /// The losses of `images`; their gradients take the place of what was in `gradients`.
    ///
    /// - Parameters:
    ///   - images: network space, `count` of them, of the size given at the start.
    ///   - gradients: as many, of the same shape.
    public func evaluate(_ images: [Image], gradients: inout [Image]) -> [PerceptualLossValue] {
        precondition(images.count == count && gradients.count == count)
        guard let network else {
            gradients = images.map { Image(width: $0.width, height: $0.height) }
            return images.map { _ in value([]) }
        }
        var losses = [[PerceptualLossValue.Layer]](repeating: [], count: count)
        network.forward(images)
        network.backward(into: &gradients) { picture, layer, features, gradient in
            var loss = PerceptualLossValue.Layer(layer: layer)
            if let content = content[picture][layer] {
                loss.content = content.value(features)
                content.addGradient(contentWeight, at: features, to: gradient)
            }
            if let style = styleLoss(layer) {
                loss.style = style.addGradient(styleWeight, at: features, to: gradient)
            }
            losses[picture].append(loss)
        }
        return losses.map { value($0.reversed()) }
    }

    /// The losses of `images` without their gradients, in about half the time.
    public func evaluate(_ images: [Image]) -> [PerceptualLossValue] {
        precondition(images.count == count)
        guard let network else { return images.map { _ in value([]) } }
        network.forward(images)
        return images.indices.map { picture in
            value(
                layers.compactMap { layer in
                    network.features(of: layer, picture: picture).map { features in
                        PerceptualLossValue.Layer(
                            layer: layer, content: content[picture][layer]?.value(features) ?? 0,
                            style: styleLoss(layer)?.value(features) ?? 0)
                    }
                })
        }
    }

    private func styleLoss(_ layer: LossLayer) -> StyleLoss? {
        guard styleLayers.contains(layer) else { return nil }
        return style.gramMatrices[layer].map { StyleLoss(target: $0, threads: threads) }
    }

    private func value(_ layers: [PerceptualLossValue.Layer]) -> PerceptualLossValue {
        let content = layers.reduce(0) { $0 + $1.content }
        let style = layers.reduce(0) { $0 + $1.style }
        return PerceptualLossValue(
            total: contentWeight * content + styleWeight * style, content: content, style: style, layers: layers)
    }
}

/// One image alone.
extension PerceptualLoss {
    /// Makes `image` the one whose content is kept. Until then there is no content loss.
    ///
    /// - Parameter image: network space, of the size given at the start.
    /// - Precondition: made for one image.
    public func setContent(_ image: Image) { setContent([image]) }

    /// The loss of `image`; its gradient takes the place of what was in `gradient`.
    ///
    /// - Parameters:
    ///   - image: network space, of the size given at the start.
    ///   - gradient: of the same shape.
    /// - Precondition: made for one image.
    public func evaluate(_ image: Image, gradient: inout Image) -> PerceptualLossValue {
        var gradients = [Image(width: 0, height: 0)]
        swap(&gradients[0], &gradient)
        defer { swap(&gradients[0], &gradient) }
        return evaluate([image], gradients: &gradients)[0]
    }

    /// The loss of `image` without its gradient, in about half the time.
    ///
    /// - Precondition: made for one image.
    public func evaluate(_ image: Image) -> PerceptualLossValue { evaluate([image])[0] }
}
