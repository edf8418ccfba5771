import Imaging
import ModelFiles
import NeuralNet
import ReferenceNetwork
import TestSupport
import Testing

/// Activations, losses and gradients against PyTorch: outputs of `Fixtures/make_loss_cases.py`.
@Suite struct PerceptualLossCaseTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let pooling: Pooling
        let contentLayers: String
        let styleLayers: String
        /// Nil, with a message on standard output, if the weights are missing.
        let weights: @Sendable () throws -> LossNetworkWeights

        var testDescription: String { name }
    }

    static let paper = "relu1_1,relu2_1,relu3_1,relu4_1,relu5_1"

    static let cases = [
        Case(name: "random16", pooling: .max, contentLayers: "relu4_2", styleLayers: paper) {
            try .random(.vgg16)
        },
        Case(
            name: "random19", pooling: .average, contentLayers: "relu3_4,relu4_2",
            styleLayers: "relu1_2,relu2_2,relu3_3,relu4_3"
        ) {
            try LossNetworkWeights(
                kind: .vgg19, convolutions: LossNetworkWeights.random(.vgg19).convolutions,
                inputScale: LossNetworkInput.unitRGB.scale, inputShift: LossNetworkInput.unitRGB.shift)
        },
        Case(name: "real16", pooling: .max, contentLayers: "relu4_2", styleLayers: paper) {
            try LossNetworkWeights(contentsOf: TestData.lossNetwork("vgg16"))
        },
    ]

    private let expected: [String: SafeTensors.Tensor]

    init() throws {
        expected = try SafeTensors(contentsOf: TestData.fixture("loss-cases.safetensors", of: "NeuralNetTests")).tensors
    }

    @Test(arguments: cases) func referenceLossesMatchPyTorch(of testCase: Case) throws {
        let weights = try testCase.weights()
        let tolerance = 1e-6
        let network = ReferenceLossNetwork(weights: weights, pooling: testCase.pooling)
        let contentLayers = try LossLayer.list(testCase.contentLayers)
        let styleLayers = try LossLayer.list(testCase.styleLayers)
        func features(_ name: String) throws -> [LossLayer: ReferenceTensor] {
            network.features(of: ReferenceTensor(try read(name, of: testCase)), upTo: contentLayers + styleLayers)
        }
        let (found, content, first, second) = (
            try features("image"), try features("content"), try features("style1"), try features("style2")
        )
        for layer in Set(contentLayers + styleLayers) {
            let summary = try summary(try #require(found[layer]).values)
            #expect(relativeDifference(summary, try values(testCase, "\(layer)")) < tolerance, "\(layer)")
        }
        let contentLosses = try contentLayers.map { ReferenceContentLoss(target: try #require(content[$0])) }
        let styleLosses = try styleLayers.map { layer in
            let matrices = (
                ReferenceStyleLoss.normalizedGramMatrix(try #require(first[layer])),
                ReferenceStyleLoss.normalizedGramMatrix(try #require(second[layer]))
            )
            return ReferenceStyleLoss(target: zip(matrices.0, matrices.1).map { 0.25 * $0 + 0.75 * $1 })
        }
        let image = ReferenceTensor(try read("image", of: testCase))
        for (part, layers, losses) in [
            ("content", contentLayers, contentLosses as [any ReferenceLoss]), ("style", styleLayers, styleLosses),
        ] {
            let pairs = try zip(layers, losses).map { (layer: $0, loss: $1, features: try #require(found[$0])) }
            let lossValues = pairs.map { $0.loss.value($0.features) }
            #expect(relativeDifference(lossValues, try values(testCase, "\(part)Losses")) < tolerance)
            let gradients = Dictionary(uniqueKeysWithValues: pairs.map { ($0.layer, $0.loss.gradient($0.features)) })
            let gradient = network.backward(gradients, image: image, features: found)
            #expect(relativeDifference(gradient.values, try values(testCase, "\(part)Gradient")) < tolerance)
        }
    }

    @Test(arguments: cases) func fastLossesMatchPyTorch(of testCase: Case) throws {
        let weights = try testCase.weights()
        let tolerance = 1e-4
        let contentLayers = try LossLayer.list(testCase.contentLayers)
        let styleLayers = try LossLayer.list(testCase.styleLayers)
        let image = try read("image", of: testCase)
        _ = try withEachVariant {
            let network = try LossNetwork(
                weights: weights, layers: Array(Set(contentLayers + styleLayers)), pooling: testCase.pooling,
                width: image.width, height: image.height)
            try network.forward(image)
            for layer in Set(contentLayers + styleLayers) {
                let found = try #require(network.features(of: layer)).planar().map(Double.init)
                let error = relativeDifference(try summary(found), try values(testCase, "\(layer)"))
                #expect(error < tolerance, "\(layer)")
            }
            let style = try StyleTarget(
                weights: weights, layers: styleLayers, pooling: testCase.pooling,
                images: [(read("style1", of: testCase), 2), (read("style2", of: testCase), 6)])
            for (part, contentWeight, styleWeight) in [("content", 1.0, 0.0), ("style", 0, 20)] {
                let loss = try PerceptualLoss(
                    weights: weights, style: style, contentLayers: contentLayers, styleLayers: styleLayers,
                    contentWeight: contentWeight, styleWeight: styleWeight, pooling: testCase.pooling,
                    width: image.width, height: image.height)
                try loss.setContent(try read("content", of: testCase))
                var gradient = Image(width: image.width, height: image.height, repeating: .nan)
                let value = try loss.evaluate(image, gradient: &gradient)
                let losses = part == "content" ? value.layers.map(\.content) : value.layers.map(\.style)
                #expect(relativeDifference(losses, try values(testCase, "\(part)Losses")) < tolerance)
                let weight = contentWeight + styleWeight
                let expectedGradient = try values(testCase, "\(part)Gradient").map { $0 * weight }
                #expect(relativeDifference(gradient.samples.map(Double.init), expectedGradient) < tolerance)
                #expect(try loss.evaluate(image) == value, "with and without gradient")
            }
        }
    }

    private func values(_ testCase: Case, _ name: String) throws -> [Double] {
        try #require(expected["\(testCase.name).\(name)"]).values.map(Double.init)
    }

    /// In network space.
    private func read(_ name: String, of testCase: Case) throws -> Image {
        let tensor = try #require(expected["\(testCase.name).\(name)"])
        return Image(width: tensor.shape[2], height: tensor.shape[1], samples: tensor.values).networkSpace()
    }

    /// The maximum, the mean, the root mean square, and 32 evenly spaced values.
    private func summary(_ values: [Double]) throws -> [Double] {
        let count = Double(values.count)
        let (sum, squares) = values.reduce((0, 0)) { ($0.0 + $1, $0.1 + $1 * $1) }
        return [try #require(values.max()), sum / count, (squares / count).squareRoot()]
            + (0..<32).map { values[$0 * (values.count / 32)] }
    }
}
