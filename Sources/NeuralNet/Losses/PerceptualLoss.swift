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
    /// - Throws: an error if the network has no such layer, an image of this size is too small for one, or all takes more memory
    ///   than there is or than `MemoryLimit` allows.
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
        try Self.price(
            weights: weights, contentLayers: self.contentLayers, styleLayers: self.styleLayers, pooling: pooling,
            width: width, height: height, count: count, threads: threads
        ).check("the loss network at \(width)x\(height)", remedy: "take smaller pictures, or fewer at once")
        layers = Set(self.contentLayers + self.styleLayers).sorted()
        network =
            layers.isEmpty
            ? nil
            : try LossNetwork(
                weights: weights, layers: layers, pooling: pooling, width: width, height: height, count: count,
                threads: threads)
    }

    /// The memory that the losses will take.
    ///
    /// - Throws: an error if there can be none.
    package static func price(
        weights: LossNetworkWeights, contentLayers: [LossLayer], styleLayers: [LossLayer], pooling: Pooling = .max,
        width: Int, height: Int, count: Int = 1, threads: Int = 0
    ) throws(ModelError) -> PlanPrice {
        let layers = Set(contentLayers + styleLayers).sorted()
        guard !layers.isEmpty else { return PlanPrice() }
        var price = try LossNetwork.price(
            weights, layers: layers, pooling: pooling, width: width, height: height, count: count, threads: threads)
        for layer in contentLayers {
            let shift = layer.block - 1
            let pixels = (width >> shift) * (height >> shift)
            price.add(count * LossNetworkKind.channelsPerBlock[shift] * pixels)
        }
        return price
    }

    /// Makes `images` the ones whose content is kept. Until then there is no content loss.
    ///
    /// - Parameter images: network space, `count` of them, of the size given at the start.
    /// - Throws: `ModelError` if there is no memory to keep it; `Cancelled`.
    public func setContent(_ images: [Image]) throws {
        precondition(images.count == count, "a perceptual loss is of as many images as it was made for")
        guard let network, let deepest = contentLayers.max() else { return }
        try network.forward(images, upTo: deepest)
        for picture in images.indices {
            for layer in contentLayers {
                guard let features = network.features(of: layer, picture: picture) else { continue }
                if let known = content[picture][layer] {
                    known.replaceTarget(by: features)
                } else {
                    content[picture][layer] = ContentLoss(target: try features.copy(), threads: threads)
                }
            }
        }
    }

    /// The losses of `images`; their gradients take the place of what was in `gradients`.
    ///
    /// - Parameters:
    ///   - images: network space, `count` of them, of the size given at the start.
    ///   - gradients: as many, of the same shape.
    /// - Throws: `ModelError` if there is no memory to compute in; `Cancelled`.
    public func evaluate(_ images: [Image], gradients: inout [Image]) throws -> [PerceptualLossValue] {
        precondition(images.count == count && gradients.count == count)
        guard let network else {
            gradients = images.map { Image(width: $0.width, height: $0.height) }
            return images.map { _ in value([]) }
        }
        var losses = [[PerceptualLossValue.Layer]](repeating: [], count: count)
        try network.forward(images)
        try network.backward(into: &gradients) { picture, layer, features, gradient in
            var loss = PerceptualLossValue.Layer(layer: layer)
            if let content = content[picture][layer] {
                loss.content = try content.value(features)
                content.addGradient(contentWeight, at: features, to: gradient)
            }
            if let style = styleLoss(layer) {
                loss.style = try style.addGradient(styleWeight, at: features, to: gradient)
            }
            losses[picture].append(loss)
        }
        return losses.map { value($0.reversed()) }
    }

    /// The losses of `images` without their gradients, in about half the time.
    ///
    /// - Throws: `ModelError` if there is no memory to compute in; `Cancelled`.
    public func evaluate(_ images: [Image]) throws -> [PerceptualLossValue] {
        precondition(images.count == count)
        guard let network else { return images.map { _ in value([]) } }
        try network.forward(images)
        let values = try images.indices.map { picture in
            value(
                try layers.compactMap { layer in
                    try network.features(of: layer, picture: picture).map { features in
                        PerceptualLossValue.Layer(
                            layer: layer, content: try content[picture][layer]?.value(features) ?? 0,
                            style: try styleLoss(layer)?.value(features) ?? 0)
                    }
                })
        }
        try Cancellation.check()
        return values
    }

    private func styleLoss(_ layer: LossLayer) -> StyleLoss? {
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

/// One image alone.
extension PerceptualLoss {
    /// Makes `image` the one whose content is kept. Until then there is no content loss.
    ///
    /// - Parameter image: network space, of the size given at the start.
    /// - Precondition: made for one image.
    public func setContent(_ image: Image) throws { try setContent([image]) }

    /// The loss of `image`; its gradient takes the place of what was in `gradient`.
    ///
    /// - Parameters:
    ///   - image: network space, of the size given at the start.
    ///   - gradient: of the same shape.
    /// - Precondition: made for one image.
    public func evaluate(_ image: Image, gradient: inout Image) throws -> PerceptualLossValue {
        var gradients = [Image(width: 0, height: 0)]
        swap(&gradients[0], &gradient)
        defer { swap(&gradients[0], &gradient) }
        return try evaluate([image], gradients: &gradients)[0]
    }

    /// The loss of `image` without its gradient, in about half the time.
    ///
    /// - Precondition: made for one image.
    public func evaluate(_ image: Image) throws -> PerceptualLossValue { try evaluate([image])[0] }
}
