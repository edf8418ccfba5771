import Imaging
import NeuralNet
import ReferenceNetwork
import TestSupport
import Testing

/// The settings of a perceptual loss, with random weights and as few blocks as necessary.
@Suite struct PerceptualLossTests {
    private let weights: LossNetworkWeights
    private let content: [LossLayer]
    private let style: [LossLayer]
    private let width = 21
    private let height = 13
    private let image: Image
    private let frame: Image
    private let painting: Image

    init() throws {
        weights = try normalizedWeights()
        content = try LossLayer.list("relu2_2")
        style = try LossLayer.list("relu1_1,relu2_2")
        image = randomImage(width: width, height: height, seed: 1)
        frame = randomImage(width: width, height: height, seed: 2)
        painting = randomImage(width: 9, height: 30, seed: 3)
    }

    private func loss(
        content contentWeight: Double, style styleWeight: Double, of images: [(Image, Double)]? = nil,
        threads: Int = 0
    ) throws -> PerceptualLoss {
        let target = try StyleTarget(
            weights: weights, layers: style, images: images ?? [(painting, 1)], threads: threads)
        let loss = try PerceptualLoss(
            weights: weights, style: target, contentLayers: content, styleLayers: style, contentWeight: contentWeight,
            styleWeight: styleWeight, width: width, height: height, threads: threads)
        try loss.setContent(frame)
        return loss
    }

    private func evaluate(_ loss: PerceptualLoss) throws -> (value: PerceptualLossValue, gradient: [Double]) {
        var gradient = Image(width: width, height: height, repeating: .nan)
        let value = try loss.evaluate(image, gradient: &gradient)
        return (value, gradient.samples.map(Double.init))
    }

    @Test func referenceGradientIsTheDerivative() {
        let network = ReferenceLossNetwork(weights: weights, pooling: .average)
        let small = ReferenceTensor(randomImage(width: 4, height: 5, seed: 4))
        let layers = style
        func losses(_ features: [LossLayer: ReferenceTensor]) -> [(
            layer: LossLayer, loss: any ReferenceLoss, at: ReferenceTensor
        )] {
            layers.compactMap { layer in
                features[layer].map { at in
                    let target = [Double](repeating: 3, count: at.channels * at.channels)
                    return (layer, ReferenceStyleLoss(target: target), at)
                }
            }
        }
        let gradients = losses(network.features(of: small, upTo: layers)).map { ($0.layer, $0.loss.gradient($0.at)) }
        let gradient = network.backward(Dictionary(uniqueKeysWithValues: gradients), image: small)
        let differences = finiteDifferences(at: small.values) { values in
            var changed = small
            changed.values = values
            return losses(network.features(of: changed, upTo: layers)).reduce(0) { $0 + $1.loss.value($1.at) }
        }
        #expect(relativeDifference(gradient.values, differences) < 1e-6)
    }

    @Test func totalIsTheWeightedSum() throws {
        let whole = try evaluate(try loss(content: 0.5, style: 20))
        let contentPart = try evaluate(try loss(content: 1, style: 0))
        let stylePart = try evaluate(try loss(content: 0, style: 1))
        #expect(whole.value.layers.map(\.layer) == style)
        #expect(contentPart.value.layers.map(\.layer) == content)
        #expect(contentPart.value.style == 0 && stylePart.value.content == 0)
        #expect(whole.value.content == contentPart.value.content && whole.value.content > 0)
        #expect(whole.value.style == stylePart.value.style && whole.value.style > 0)
        #expect(whole.value.total == 0.5 * whole.value.content + 20 * whole.value.style)
        #expect(whole.value.style == whole.value.layers.reduce(0) { $0 + $1.style })
        let sum = zip(contentPart.gradient, stylePart.gradient).map { 0.5 * $0 + 20 * $1 }
        #expect(relativeDifference(whole.gradient, sum) < 1e-5)
    }

    @Test func threadsDoNotChangeABit() throws {
        let one = try evaluate(try loss(content: 1, style: 20, threads: 1))
        for threads in [2, 3, 7] {
            let other = try evaluate(try loss(content: 1, style: 20, threads: threads))
            #expect(other.value == one.value && other.gradient == one.gradient, "\(threads) threads")
        }
    }

    @Test func evaluationsAreIndependent() throws {
        let loss = try loss(content: 1, style: 20)
        let first = try evaluate(loss)
        try loss.setContent(image)
        let own = try evaluate(loss)
        #expect(own.value.content == 0)
        #expect(own.value.style == first.value.style)
        try loss.setContent(frame)
        let again = try evaluate(loss)
        #expect(again.value == first.value && again.gradient == first.gradient)
    }

    @Test func styleLossOfTheStyleImageIsZero() throws {
        let own = try evaluate(try loss(content: 0, style: 1, of: [(image, 5)]))
        #expect(own.value.style == 0)
        #expect(own.gradient.allSatisfy { $0 == 0 })
    }

    @Test func stylesAreBlendedByTheirWeights() throws {
        let other = randomImage(width: 14, height: 8, seed: 5)
        func matrix(_ images: [(Image, Double)]) throws -> [Double] {
            let target = try StyleTarget(weights: weights, layers: style, images: images)
            return try #require(target.gramMatrices[style[1]]).map(Double.init)
        }
        let (first, second) = (try matrix([(painting, 1)]), try matrix([(other, 7)]))
        let blended = try matrix([(painting, 3), (other, 1), (frame, 0)])
        #expect(relativeDifference(blended, zip(first, second).map { 0.75 * $0 + 0.25 * $1 }) < 1e-6)
        #expect(relativeDifference(blended, first) > 1e-3)
    }

    @Test func batchMatchesSingleImages() throws {
        let target = try StyleTarget(weights: weights, layers: style, images: [(painting, 1)])
        func loss(of count: Int) throws -> PerceptualLoss {
            try PerceptualLoss(
                weights: weights, style: target, contentLayers: content, styleLayers: style, contentWeight: 2,
                styleWeight: 5, width: width, height: height, count: count)
        }
        let (together, alone) = (try loss(of: 2), try loss(of: 1))
        let other = randomImage(width: width, height: height, seed: 5)
        // The content is replaced in the same memory.
        for frames in [[other, frame], [frame, other]] {
            try together.setContent(frames)
            let images = [image, randomImage(width: width, height: height, seed: 6)]
            var gradients = images
            let values = try together.evaluate(images, gradients: &gradients)
            #expect(try values.map(\.total) == together.evaluate(images).map(\.total))
            for (index, image) in images.enumerated() {
                try alone.setContent(frames[index])
                var gradient = Image(width: width, height: height)
                let value = try alone.evaluate(image, gradient: &gradient)
                #expect(values[index].layers.map(\.layer) == value.layers.map(\.layer))
                #expect(abs(values[index].content - value.content) <= 1e-5 * value.content)
                #expect(abs(values[index].style - value.style) <= 1e-5 * value.style)
                #expect(relativeDistance(gradients[index].samples, ReferenceTensor(gradient)) < 2e-3)
            }
        }
    }

    @Test func lossesWithoutWeightAreNotComputed() throws {
        let nothing = try evaluate(try loss(content: 0, style: 0))
        #expect(nothing.value.total == 0 && nothing.value.layers.isEmpty)
        #expect(nothing.gradient.allSatisfy { $0 == 0 })
    }

    @Test func nanPropagates() throws {
        let loss = try loss(content: 1, style: 1)
        var broken = image
        broken.samples[40] = .nan
        var gradient = Image(width: width, height: height)
        #expect(try loss.evaluate(broken, gradient: &gradient).total.isNaN)
        #expect(try evaluate(loss).value.total.isFinite, "the next image is as good as ever")
    }

    @Test func invalidSettingsAreRejected() throws {
        for images in [
            [], [(painting, 0.0)], [(painting, 1), (frame, -1)], [(painting, .nan)], [(painting, .infinity)],
        ] {
            #expect(throws: ModelError.self) {
                try StyleTarget(weights: weights, layers: style, images: images)
            }
        }
        let point = Image(width: 1, height: 1)
        #expect(throws: ModelError.self) { try StyleTarget(weights: weights, layers: style, images: [(point, 1)]) }
        #expect(throws: ModelError.self) {
            try PerceptualLoss(
                weights: weights, style: .none, contentLayers: LossLayer.list("relu5_4"), styleLayers: [],
                contentWeight: 1, styleWeight: 0, width: 32, height: 32)
        }
    }
}
