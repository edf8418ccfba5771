import Imaging

/// The value of `TrainingLoss` for a batch: means over its images, unweighted except for the total.
public struct TrainingLossValue: Sendable, Equatable {
    /// The weighted sum of the other values.
    public let total: Double
    /// `ContentLoss`, summed over its layers.
    public let content: Double
    /// `StyleLoss`, summed over its layers.
    public let style: Double
    /// `TemporalLoss` against earlier outputs; 0 for an image without any.
    public let pixel: Double
    /// Twice the mean squared difference of all pairs of neighbours (`TotalVariation`, divided by their number).
    public let totalVariation: Double
}

/// The training loss of a feed-forward network (paper 5.2): the weighted sum of content loss, style loss, pixel loss
/// against earlier outputs weighted by their certainty, and total variation, averaged over a batch.
///
/// Only one thread may use an instance at a time. Results do not depend on the number of threads.
public final class TrainingLoss {
    /// The weights of the parts of the loss.
    public struct Weights: Sendable, Equatable {
        /// Alpha of equation 3.
        public var content: Double
        /// In the authors' normalisation (`StyleLoss`).
        public var style: Double
        /// Of `TemporalLoss` against earlier outputs.
        public var pixel: Double
        /// Of twice the mean squared difference of neighbours.
        public var totalVariation: Double

        /// Weights of 0 disable a part.
        public init(content: Double, style: Double, pixel: Double, totalVariation: Double) {
            self.content = content
            self.style = style
            self.pixel = pixel
            self.totalVariation = totalVariation
        }
    }

    /// An earlier output that the pixel loss compares an image with.
    public struct PixelTarget: Sendable {
        /// Warped to the image, in network space, finite.
        public var image: Image
        /// 0...1.
        public var certainty: Plane<Float>
        /// Weight among the targets of the image.
        public var share: Double

        /// - Parameter share: weight among the targets of the image.
        public init(_ image: Image, certainty: Plane<Float>, share: Double = 1) {
            self.image = image
            self.certainty = certainty
            self.share = share
        }
    }

    /// The pixel and total variation weights may be changed between batches; content and style weights may not.
    public var weights: Weights
    private let perceptual: PerceptualLoss
    /// The target of the style loss; may be replaced between batches.
    public var style: StyleTarget {
        get { perceptual.style }
        set { perceptual.style = newValue }
    }
    private let threads: Int

    /// - Parameters:
    ///   - network: the loss network.
    ///   - style: computed with the same network, layers and pooling.
    ///   - width: width of the images in pixels.
    ///   - height: height of the images in pixels.
    ///   - count: the number of images in a batch, at least 1.
    ///   - threads: the maximum number of threads; 0: one for each processor.
    /// - Throws: an error if the network does not have a layer, or the images are too small for one.
    public init(
        network: LossNetworkWeights, style: StyleTarget, contentLayers: [LossLayer], styleLayers: [LossLayer],
        weights: Weights, pooling: Pooling = .max, width: Int, height: Int, count: Int, threads: Int = 0
    ) throws(ModelError) {
        self.weights = weights
        self.threads = threads
        perceptual = try PerceptualLoss(
            weights: network, style: style, contentLayers: contentLayers, styleLayers: styleLayers,
            contentWeight: weights.content, styleWeight: weights.style, pooling: pooling, width: width, height: height,
            count: count,
            threads: threads)
    }

    /// Computes the loss of a batch and its gradients, which overwrite `gradients`.
    ///
    /// - Parameters:
    ///   - images: the network's outputs in network space, with the size and number given to the initialiser.
    ///   - frames: the network's inputs, for the content loss.
    ///   - targets: of the pixel loss of each image: earlier outputs, warped.
    ///   - gradients: with respect to each image, with the same shape.
    /// - Throws: `ModelError` if an allocation fails; `Cancelled`.
    public func evaluate(
        _ images: [Image], frames: [Image], targets: [[PixelTarget]], gradients: inout [Image]
    ) throws -> TrainingLossValue {
        precondition(frames.count == images.count && targets.count == images.count)
        try perceptual.setContent(frames)
        let values = try perceptual.evaluate(images, gradients: &gradients)
        let share = 1 / Double(images.count)
        var (pixel, variation) = (0.0, 0.0)
        for (index, image) in images.enumerated() {
            gradients[index].scale(by: Float(share))
            for target in targets[index] where weights.pixel != 0 {
                let factor = share * target.share
                pixel +=
                    target.share
                    * TemporalLoss(target: target.image, certainty: target.certainty).addGradient(
                        weights.pixel * factor, at: image, to: &gradients[index], threads: threads)
            }
            if weights.totalVariation != 0 {
                let factor = Self.variationFactor(of: image)
                variation +=
                    factor
                    * TotalVariation.addGradient(
                        weights.totalVariation * share * factor, at: image, to: &gradients[index], threads: threads)
            }
        }
        try Cancellation.check()
        let content = values.reduce(0) { $0 + $1.content } * share
        let style = values.reduce(0) { $0 + $1.style } * share
        (pixel, variation) = (pixel * share, variation * share)
        return TrainingLossValue(
            total: weights.content * content + weights.style * style + weights.pixel * pixel
                + weights.totalVariation * variation,
            content: content, style: style, pixel: pixel, totalVariation: variation)
    }

    /// The factor from half the sum over all pairs of neighbours to twice their mean. For a square image that is the
    /// sum of the means over vertical and horizontal pairs.
    private static func variationFactor(of image: Image) -> Double {
        let (width, height) = (image.width, image.height)
        let pairs = image.channels * (width * (height - 1) + height * (width - 1))
        return 4 / Double(max(1, pairs))
    }
}

extension Image {
    fileprivate mutating func scale(by factor: Float) {
        samples.withUnsafeMutableBufferPointer { samples in
            for index in samples.indices { samples[index] *= factor }
        }
    }
}
