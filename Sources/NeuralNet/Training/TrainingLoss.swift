import Imaging

/// What `TrainingLoss` comes to for a batch: means over its pictures, all but the total unweighted.
public struct TrainingLossValue: Sendable, Equatable {
    /// The weighted sum of the others.
    public let total: Double
    /// `ContentLoss`, summed over its layers.
    public let content: Double
    /// `StyleLoss`, summed over its layers.
    public let style: Double
    /// `TemporalLoss` against the priors; a picture without one counts as 0.
    public let pixel: Double
    /// Twice the mean square of the differences of all pairs of neighbours (`TotalVariation`, divided by their number).
    public let totalVariation: Double
}

/// What a feed-forward network is trained to make small (paper 5.2): the mean over a batch's pictures of content and
/// style loss, of the pixel loss against the warped predecessor where that is certain, and of total variation.
///
/// For one thread at a time. Results do not depend on the number of threads.
public final class TrainingLoss {
    /// What each part of the loss is multiplied by.
    public struct Weights: Sendable, Equatable {
        public var content: Double
        /// In the authors' normalisation (`StyleLoss`).
        public var style: Double
        public var pixel: Double
        public var totalVariation: Double

        public init(content: Double, style: Double, pixel: Double, totalVariation: Double) {
            self.content = content
            self.style = style
            self.pixel = pixel
            self.totalVariation = totalVariation
        }
    }

    /// Content's and style's count as they were at the start; the others may change from batch to batch.
    public var weights: Weights
    private let perceptual: PerceptualLoss
    private let threads: Int

    /// - Parameters:
    ///   - network: the loss network.
    ///   - style: made with the same network, layers and pooling.
    ///   - width: of the pictures, in pixels.
    ///   - height: of the pictures, in pixels.
    ///   - count: the pictures of a batch, at least 1.
    ///   - threads: at most so many compute; 0: one for each processor.
    /// - Throws: an error if the network has no such layer, or a picture of this size is too small for one.
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

    /// The loss of a batch; the gradients with respect to its pictures take the place of what was in `gradients`.
    ///
    /// - Parameters:
    ///   - pictures: what the network made, in network space, of the size and number given at the start.
    ///   - frames: what it made them of, whose content counts.
    ///   - priors: the warped predecessors in network space, finite; nil for a picture that has none.
    ///   - certainties: of the priors, 0...1.
    ///   - gradients: one for each picture, of its shape.
    /// - Throws: `ModelError` if there is no memory to compute in; `Cancelled`.
    public func evaluate(
        _ pictures: [Image], frames: [Image], priors: [Image?], certainties: [Plane<Float>?], gradients: inout [Image]
    ) throws -> TrainingLossValue {
        precondition(frames.count == pictures.count && priors.count == pictures.count)
        precondition(certainties.count == pictures.count)
        try perceptual.setContent(frames)
        let values = try perceptual.evaluate(pictures, gradients: &gradients)
        let share = 1 / Double(pictures.count)
        var (pixel, variation) = (0.0, 0.0)
        for (index, picture) in pictures.enumerated() {
            gradients[index].scale(by: Float(share))
            if weights.pixel != 0, let prior = priors[index], let certainty = certainties[index] {
                pixel += TemporalLoss(target: prior, certainty: certainty).addGradient(
                    weights.pixel * share, at: picture, to: &gradients[index], threads: threads)
            }
            if weights.totalVariation != 0 {
                let factor = Self.variationFactor(of: picture)
                variation +=
                    factor
                    * TotalVariation.addGradient(
                        weights.totalVariation * share * factor, at: picture, to: &gradients[index], threads: threads)
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

    /// From half a sum over all pairs of neighbours to twice their mean, which is the sum of the vertical and the horizontal pairs' means
    /// where a picture is square.
    private static func variationFactor(of picture: Image) -> Double {
        let (width, height) = (picture.width, picture.height)
        let pairs = picture.channels * (width * (height - 1) + height * (width - 1))
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
