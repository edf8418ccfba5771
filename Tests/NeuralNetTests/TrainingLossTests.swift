import Imaging
import NeuralNet
import ReferenceNetwork
import TestSupport
import Testing

/// The loss of a batch against its definition.
@Suite struct TrainingLossTests {
    private let size = 12
    private let layers: [LossLayer]
    private let weights: LossNetworkWeights
    private let style: StyleTarget
    private let images: [Image]
    private let frames: [Image]
    private let prior: Image
    private var certainty: Plane<Float>

    init() throws {
        layers = try LossLayer.list("relu1_2,relu2_2")
        weights = try LossNetworkWeights.random()
        let size = size
        style = try StyleTarget(
            weights: weights, layers: layers, images: [(randomImage(width: 9, height: 10, seed: 9), 1)])
        images = [1, 2].map { randomImage(width: size, height: size, seed: $0) }
        frames = [3, 4].map { randomImage(width: size, height: size, seed: $0) }
        prior = randomImage(width: size, height: size, seed: 5)
        certainty = Plane(width: size, height: size, repeating: 1)
        for index in 0..<40 { certainty.values[index * 3] = Float(index % 4) / 4 }
    }

    private func loss(content: Double, style styleWeight: Double, pixel: Double, variation: Double) throws
        -> TrainingLoss
    {
        try TrainingLoss(
            network: weights, style: style, contentLayers: [layers[1]], styleLayers: layers,
            weights: TrainingLoss.Weights(
                content: content, style: styleWeight, pixel: pixel, totalVariation: variation),
            width: size, height: size, count: 2)
    }

    /// None of the first image; two of the second, the same with different shares.
    private var targets: [[TrainingLoss.PixelTarget]] {
        [[], [.init(prior, certainty: certainty, share: 0.25), .init(prior, certainty: certainty, share: 0.75)]]
    }

    private func evaluate(_ loss: TrainingLoss) throws -> (value: TrainingLossValue, gradients: [Image]) {
        var gradients = images.map { Image(width: $0.width, height: $0.height, repeating: .nan) }
        let value = try loss.evaluate(
            images, frames: frames, targets: targets, gradients: &gradients)
        return (value, gradients)
    }

    /// Means over the batch; an image without a prior has a pixel loss of 0.
    @Test func partsMatchTheirDefinitions() throws {
        let found = try evaluate(try loss(content: 1, style: 12, pixel: 500, variation: 0.05)).value
        let perceptual = try PerceptualLoss(
            weights: weights, style: style, contentLayers: [layers[1]], styleLayers: layers, contentWeight: 1,
            styleWeight: 12, width: size, height: size)
        var (content, styleSum, variation, pixel) = (0.0, 0.0, 0.0, 0.0)
        for (image, frame) in zip(images, frames) {
            try perceptual.setContent(frame)
            let value = try perceptual.evaluate(image)
            content += value.content / 2
            styleSum += value.style / 2
            var (down, right) = (0.0, 0.0)
            for index in image.samples.indices {
                if index / size % size + 1 < size {
                    let difference = Double(image.samples[index + size] - image.samples[index])
                    down += difference * difference
                }
                if index % size + 1 < size {
                    let difference = Double(image.samples[index + 1] - image.samples[index])
                    right += difference * difference
                }
            }
            variation += (down + right) / Double(3 * size * (size - 1)) / 2
        }
        for (index, value) in images[1].samples.enumerated() {
            let difference = Double(value - prior.samples[index])
            pixel += Double(certainty.values[index % (size * size)]) * difference * difference
        }
        pixel /= Double(2 * 3 * size * size)
        #expect(abs(found.content / content - 1) < 1e-5)
        #expect(abs(found.style / styleSum - 1) < 1e-5)
        #expect(abs(found.totalVariation / variation - 1) < 1e-5)
        #expect(abs(found.pixel / pixel - 1) < 1e-5)
        #expect(abs(found.total / (content + 12 * styleSum + 500 * pixel + 0.05 * variation) - 1) < 1e-5)
    }

    @Test func perceptualGradientsAreThoseOfEachImageOverTheBatch() throws {
        let gradients = try evaluate(try loss(content: 2, style: 3, pixel: 0, variation: 0)).gradients
        let perceptual = try PerceptualLoss(
            weights: weights, style: style, contentLayers: [layers[1]], styleLayers: layers, contentWeight: 1,
            styleWeight: 1.5, width: size, height: size)
        for (index, image) in images.enumerated() {
            var gradient = image
            try perceptual.setContent(frames[index])
            _ = try perceptual.evaluate(image, gradient: &gradient)
            #expect(relativeDistance(gradients[index].samples, ReferenceTensor(gradient)) < 2e-3)
        }
    }

    /// The gradient's inner product with a direction against central differences, which are exact for squares.
    @Test(arguments: [(1.0, 0.0), (0, 1), (500, 0.05)])
    func otherGradientsAreDerivatives(_ weights: (pixel: Double, variation: Double)) throws {
        let loss = try loss(content: 0, style: 0, pixel: weights.pixel, variation: weights.variation)
        let gradients = try evaluate(loss).gradients
        let directions = [6, 7].map { randomImage(width: size, height: size, seed: $0) }
        func total(_ factor: Float) throws -> Double {
            let moved = zip(images, directions).map { image, direction in
                Image(
                    width: size, height: size,
                    samples: zip(image.samples, direction.samples).map { $0 + factor * $1 })
            }
            var ignored = moved
            return try loss.evaluate(
                moved, frames: frames, targets: targets, gradients: &ignored
            ).total
        }
        let difference = (try total(1) - total(-1)) / 2
        var product = 0.0
        for (gradient, direction) in zip(gradients, directions) {
            for (one, other) in zip(gradient.samples, direction.samples) { product += Double(one) * Double(other) }
        }
        #expect(try abs(product - difference) < 1e-4 * total(1))
    }
}
