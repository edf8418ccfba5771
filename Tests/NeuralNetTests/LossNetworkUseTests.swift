import Imaging
import NeuralNet
import TestSupport
import Testing

/// What must not change the values, and which settings are rejected.
@Suite struct LossNetworkUseTests {
    private let layers = [LossLayer(block: 1, convolution: 1), LossLayer(block: 3, convolution: 2)]

    @Test func threadsAndEarlierEvaluationsDoNotChangeABit() throws {
        let weights = try LossNetworkWeights.random()
        let images = [1, 2].map { randomImage(width: 61, height: 43, seed: $0) }
        var results: [[[Float]]] = []
        for threads in [1, 2, 5] {
            let network = try LossNetwork(
                weights: weights, layers: layers, pooling: .max, width: 61, height: 43, threads: threads)
            for image in images + images {
                var gradient = Image(width: 61, height: 43)
                var features: [[Float]] = []
                try network.forward(image)
                try network.backward(into: &gradient) { _, own, gradient in
                    features.append(own.planar())
                    try gradient.add(1e-3, times: own.gramMatrix(threads: threads), on: own, threads: threads)
                }
                results.append(features + [gradient.samples])
            }
        }
        for index in results.indices { #expect(results[index] == results[index % 2]) }
        #expect(results[0] != results[1])
    }

    @Test func featuresAreKeptWithoutGradientAndCopiesPersist() throws {
        let weights = try LossNetworkWeights.random()
        let network = try LossNetwork(
            weights: weights, layers: layers, pooling: .average, width: 16, height: 9, gradient: false)
        try network.forward(randomImage(width: 16, height: 9, seed: 1))
        let copies = try layers.map { try #require(network.features(of: $0)).copy() }
        #expect(copies.map(\.width) == [16, 4] && copies.map(\.height) == [9, 2])
        for (layer, copy) in zip(layers, copies) {
            #expect(network.features(of: layer)?.planar() == copy.planar())
            #expect(try network.features(of: layer)?.squaredDistance(to: copy) == 0)
        }
        try network.forward(randomImage(width: 16, height: 9, seed: 2))
        #expect(network.features(of: layers[0])?.planar() != copies[0].planar())
        #expect(network.features(of: LossLayer(block: 2, convolution: 1)) == nil)
    }

    @Test func nanPropagates() throws {
        let network = try LossNetwork(
            weights: LossNetworkWeights.random(), layers: layers, pooling: .max, width: 16, height: 16)
        var image = randomImage(width: 16, height: 16, seed: 1)
        image.samples[100] = .nan
        try network.forward(image)
        for layer in layers {
            let features = try #require(network.features(of: layer))
            #expect(features.planar().contains { $0.isNaN })
        }
    }

    @Test func invalidSizesAndLayersAreRejected() throws {
        let weights = try LossNetworkWeights.random()
        func refusal(_ layers: [LossLayer], _ width: Int, _ height: Int) -> String? {
            do {
                _ = try LossNetwork(weights: weights, layers: layers, pooling: .max, width: width, height: height)
                return nil
            } catch {
                return error.description
            }
        }
        let deep = LossLayer(block: 5, convolution: 1)
        #expect(refusal([deep], 16, 16) == nil)
        #expect(refusal([deep], 15, 400)?.contains("15x400") == true)
        #expect(refusal([layers[0]], 1, 1) == nil)
        #expect(refusal([layers[0]], 0, 5) != nil)
        #expect(refusal([], 20, 20) != nil)
        #expect(refusal([LossLayer(block: 3, convolution: 4)], 64, 64)?.contains("relu3_4") == true)
    }
}
