import Imaging
import NeuralNet
import TestSupport
import Testing

/// Layers of a reduced image, such as `relu2_1/2`: the loss of the averaged image, and its gradient spread evenly.
@Suite struct ReducedLayerTests {
    private let weights = try! LossNetworkWeights.random()

    /// Each pixel the mean of `factor` x `factor`; what remains at the right and below is left out.
    private func averaged(_ image: Image, by factor: Int) -> Image {
        let (width, height) = (image.width / factor, image.height / factor)
        var samples: [Float] = []
        for channel in 0..<3 {
            for y in 0..<height {
                for x in 0..<width {
                    var sum = 0.0
                    for dy in 0..<factor {
                        for dx in 0..<factor {
                            let row = channel * image.height + y * factor + dy
                            sum += Double(image.samples[row * image.width + x * factor + dx])
                        }
                    }
                    samples.append(Float(sum / Double(factor * factor)))
                }
            }
        }
        return Image(width: width, height: height, samples: samples)
    }

    private func evaluate(
        _ image: Image, content: String, style: String, frame: Image, painting: Image,
        _ statistic: StyleStatistic = .gram
    ) throws -> (value: PerceptualLossValue, gradient: Image) {
        let (contentLayers, styleLayers) = (try LossLayer.list(content), try LossLayer.list(style))
        let target = try StyleTarget(
            weights: weights, layers: styleLayers, images: [(painting, 1)], statistic: statistic)
        let loss = try PerceptualLoss(
            weights: weights, style: target, contentLayers: contentLayers, styleLayers: styleLayers,
            contentWeight: 2, styleWeight: 3, width: image.width, height: image.height)
        try loss.setContent(frame)
        var gradient = Image(width: image.width, height: image.height, repeating: .nan)
        let value = try loss.evaluate(image, gradient: &gradient)
        #expect(try loss.evaluate(image) == value, "with and without gradient")
        return (value, gradient)
    }

    @Test(arguments: [2, 4], StyleStatistic.allCases) func lossesAreThoseOfTheReducedImage(
        factor: Int, statistic: StyleStatistic
    ) throws {
        let (image, frame) = (
            randomImage(width: 43, height: 30, seed: 1), randomImage(width: 43, height: 30, seed: 2)
        )
        let painting = randomImage(width: 37, height: 50, seed: 3)
        let reduced = try evaluate(
            averaged(image, by: factor), content: "relu2_2", style: "relu1_1,relu2_1",
            frame: averaged(frame, by: factor), painting: averaged(painting, by: factor), statistic)
        let found = try evaluate(
            image, content: "relu2_2/\(factor)", style: "relu1_1/\(factor),relu2_1/\(factor)", frame: frame,
            painting: painting, statistic)
        let full = try evaluate(image, content: "relu1_2", style: "relu1_2", frame: frame, painting: painting)
        let both = try evaluate(
            image, content: "relu1_2,relu2_2/\(factor)", style: "relu1_2,relu1_1/\(factor),relu2_1/\(factor)",
            frame: frame, painting: painting)
        func relative(_ one: Double, _ other: Double) -> Double { abs(one - other) / other }
        #expect(relative(found.value.total, reduced.value.total) < 1e-4)
        if statistic == .gram {
            #expect(relative(both.value.total, found.value.total + full.value.total) < 1e-4)
            #expect(both.value.layers.map(\.layer) == both.value.layers.map(\.layer).sorted())
        }
        let share = 1 / Float(factor * factor)
        var (error, sum) = (0.0, 0.0)
        for channel in 0..<3 {
            for y in 0..<image.height {
                for x in 0..<image.width {
                    let index = (channel * image.height + y) * image.width + x
                    let (column, row) = (x / factor, y / factor)
                    let isInside = column < reduced.gradient.width && row < reduced.gradient.height
                    let reducedIndex = (channel * reduced.gradient.height + row) * reduced.gradient.width + column
                    let expected = isInside ? share * reduced.gradient.samples[reducedIndex] : 0
                    error += Double(abs(found.gradient.samples[index] - expected))
                    sum += Double(abs(expected))
                    if statistic == .gram {
                        let total = found.gradient.samples[index] + full.gradient.samples[index]
                        error += Double(abs(both.gradient.samples[index] - total))
                    }
                }
            }
        }
        #expect(error < 1e-3 * sum)
    }

    @Test func namesAreReadAndWritten() throws {
        #expect(try LossLayer("relu3_1/2") == LossLayer(block: 3, convolution: 1, reduction: 2))
        for name in ["relu1_1", "relu4_1/2", "relu5_4/8"] { #expect(try LossLayer(name).description == name) }
        for name in ["relu3_1/3", "relu3_1/", "relu3_1/1/2", "relu9_1/2", "relu3_1/16", "/2", ""] {
            #expect(throws: ModelError.self) { try LossLayer(name) }
        }
        #expect(throws: ModelError.self) { try LossLayer.list("relu1_1/2,relu1_1/2") }
        #expect(try LossLayer.list("relu1_1/2,relu1_1").sorted().first?.reduction == 1)
    }

    @Test func smallImagesAreRejected() throws {
        let image = randomImage(width: 15, height: 40, seed: 4)
        #expect(throws: ModelError.self) {
            try StyleTarget(weights: weights, layers: LossLayer.list("relu4_1/2"), images: [(image, 1)])
        }
        _ = try StyleTarget(weights: weights, layers: LossLayer.list("relu3_1/2"), images: [(image, 1)])
    }
}
