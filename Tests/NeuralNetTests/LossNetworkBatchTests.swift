import Imaging
import NeuralNet
import ReferenceNetwork
import TestSupport
import Testing

/// A batch of images against each image alone.
@Suite struct LossNetworkBatchTests {
    /// Odd sizes, where the last row or column is not pooled; layers with separate and with fused pooling.
    @Test(arguments: [(21, 37), (24, 32), (35, 42)], Pooling.allCases)
    func activationsAndGradientsMatchSingleImages(size: (Int, Int), pooling: Pooling) throws {
        let (width, height) = size
        let weights = try normalizedWeights()
        let images = (1...3).map { randomImage(width: width, height: height, seed: UInt64($0)) }
        for names in ["relu1_2,relu2_2,relu3_1", "relu3_3", "relu1_1,relu4_1"] {
            let layers = try LossLayer.list(names)
            let together = try LossNetwork(
                weights: weights, layers: layers, pooling: pooling, width: width, height: height, count: 3)
            let alone = try LossNetwork(
                weights: weights, layers: layers, pooling: pooling, width: width, height: height)
            // The rows between images hold values of an earlier evaluation.
            for images in [images.map { scaled($0, by: -3) }, images] {
                try together.forward(images)
                let features = try layers.map { layer in
                    try images.indices.map { try #require(together.features(of: layer, image: $0)).planar() }
                }
                var gradients = images.map { _ in Image(width: width, height: height, repeating: 7) }
                var asked: [(Int, LossLayer)] = []
                try together.backward(into: &gradients) { number, layer, features, gradient in
                    asked.append((number, layer))
                    try gradient.add(Float(number + 1), times: halves(features.channels), on: features)
                }
                #expect(asked.map(\.1) == layers.sorted(by: >).flatMap { Array(repeating: $0, count: 3) })
                #expect(asked.map(\.0) == layers.flatMap { _ in [0, 1, 2] })
                for (number, image) in images.enumerated() {
                    var gradient = Image(width: width, height: height)
                    try alone.forward(image)
                    for (index, layer) in layers.enumerated() {
                        let own = ReferenceTensor(try #require(alone.features(of: layer)))
                        #expect(relativeDistance(features[index][number], own) < 1e-5, "\(layer)")
                    }
                    try alone.backward(into: &gradient) { _, features, gradient in
                        try gradient.add(Float(number + 1), times: halves(features.channels), on: features)
                    }
                    // Rounding may change the sign of an activation close to 0, or which value of a square is the
                    // maximum.
                    #expect(relativeDistance(gradients[number].samples, ReferenceTensor(gradient)) < 2e-3)
                }
            }
        }
    }

    @Test func contentPassStopsAtItsLayer() throws {
        let layers = try LossLayer.list("relu1_2,relu2_1")
        let network = try LossNetwork(
            weights: LossNetworkWeights.random(), layers: layers, pooling: .max, width: 12, height: 10, count: 2)
        let (first, second) = (randomImage(width: 12, height: 10, seed: 1), randomImage(width: 12, height: 10, seed: 2))
        try network.forward([first, second])
        let deep = try #require(network.features(of: layers[1])).planar()
        let shallow = try #require(network.features(of: layers[0], image: 1)).planar()
        try network.forward([second, first], upTo: layers[0])
        #expect(relativeDistance(shallow, network.features(of: layers[0]).map { ReferenceTensor($0) }) < 1e-5)
        try network.forward([first, second])
        #expect(network.features(of: layers[1])?.planar() == deep)
    }

    @Test func threadsDoNotChangeABit() throws {
        let layers = try LossLayer.list("relu1_2,relu3_2")
        let weights = try LossNetworkWeights.random()
        let images = (1...4).map { randomImage(width: 33, height: 46, seed: UInt64($0)) }
        let results = try [1, 2, 5].map { threads in
            let network = try LossNetwork(
                weights: weights, layers: layers, pooling: .max, width: 33, height: 46, count: 4, threads: threads)
            var gradients = images
            try network.forward(images)
            try network.backward(into: &gradients) { _, _, own, gradient in
                try gradient.add(1e-3, times: own.gramMatrix(threads: threads), on: own, threads: threads)
            }
            return gradients.map(\.samples)
        }
        #expect(results[0] == results[1] && results[0] == results[2])
    }

    private func scaled(_ image: Image, by factor: Float) -> Image {
        Image(width: image.width, height: image.height, samples: image.samples.map { $0 * factor })
    }

    private func halves(_ channels: Int) -> [Float] {
        var matrix = [Float](repeating: 0, count: channels * channels)
        for i in 0..<channels { matrix[i * channels + (i * 5 + 1) % channels] = Float(i % 3) - 0.5 }
        return matrix
    }
}
