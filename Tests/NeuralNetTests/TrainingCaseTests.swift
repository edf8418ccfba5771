import Imaging
import ModelFiles
import NeuralNet
import TestSupport
import Testing

/// Twenty training steps against PyTorch: outputs of `Fixtures/make_training_case.py`, which defines the network, the
/// batch and the settings.
@Suite struct TrainingCaseTests {
    private let expected: [String: SafeTensors.Tensor]

    init() throws {
        expected = try SafeTensors(contentsOf: TestData.fixture("training-case.safetensors", of: "NeuralNetTests"))
            .tensors
    }

    @Test func lossesWithRandomLossNetworkMatchPyTorch() throws {
        try follow("random", lossNetwork: .random())
    }

    @Test func lossesWithVGGMatchPyTorch() throws {
        try follow("real", lossNetwork: LossNetworkWeights(contentsOf: TestData.lossNetwork("vgg16")))
    }

    private func follow(_ name: String, lossNetwork: LossNetworkWeights) throws {
        let frames = try (1...3).map { try image("frame\($0)") }
        let size = frames[0].width
        let certainties = try certainties(size: size)
        let priors = try (1...2).map { index in
            var prior = try image("prior\(index)")
            for sample in prior.samples.indices {
                prior.samples[sample] *= certainties[index - 1].values[sample % prior.pixelCount]
            }
            return prior
        }
        let description = ModelDescription(
            kind: .video, architecture: try Architecture(parsing: "c9s1-6,d10,R10,U2,c9s1-4"), padding: .replicate,
            isGated: true)
        var parameters = try #require(expected["parameters"]).values
        let first = try TrainingNetwork(description: description, width: size, height: size)
        let networks =
            [first]
            + (try (1...2).map { _ in
                try TrainingNetwork(
                    description: description, width: size, height: size, sharingWeightsOf: first)
            })
        let styleLayers = try LossLayer.list("relu1_2,relu2_2,relu3_3,relu4_3")
        let loss = try TrainingLoss(
            network: lossNetwork,
            style: StyleTarget(weights: lossNetwork, layers: styleLayers, images: [(image("style"), 1)]),
            contentLayers: [styleLayers[2]], styleLayers: styleLayers,
            weights: TrainingLoss.Weights(content: 1, style: 12, pixel: 500, totalVariation: 0.05),
            width: size, height: size, count: 3)

        var adam = AdamState(count: parameters.count)
        var gradients = frames
        let rows = try #require(expected["\(name)Losses"]).values
        for step in 0..<20 {
            first.load(parameters)
            let images = try networks.enumerated().map { index, network in
                index < 2
                    ? try network.forward(frame: frames[index], prior: priors[index], certainty: certainties[index])
                    : try network.forward(frame: frames[index], prior: nil, certainty: nil)
            }
            let targets = zip(priors, certainties).map { [TrainingLoss.PixelTarget($0, certainty: $1)] } + [[]]
            let value = try loss.evaluate(images, frames: frames, targets: targets, gradients: &gradients)
            let found = [value.content, value.style, value.pixel, value.totalVariation]
            for (part, (own, peer)) in zip(found, rows[4 * step..<4 * step + 4]).enumerated() {
                #expect(abs(own / Double(peer) - 1) < 0.01, "step \(step), part \(part)")
            }
            var slope = [Float](repeating: 0, count: parameters.count)
            for (network, gradient) in zip(networks, gradients) { try network.backward(gradient, into: &slope) }
            adam.step(&parameters, gradient: slope, rate: 2e-3)
        }
    }

    /// In network space.
    private func image(_ name: String) throws -> Image {
        let tensor = try #require(expected[name])
        return Image(width: tensor.shape[2], height: tensor.shape[1], samples: tensor.values).networkSpace()
    }

    private func certainties(size: Int) throws -> [Plane<Float>] {
        let values = try #require(expected["certainty"]).values
        return [0, 1].map { index in
            Plane(
                width: size, height: size, values: Array(values[index * size * size..<(index + 1) * size * size]))
        }
    }
}
