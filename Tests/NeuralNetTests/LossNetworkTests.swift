import CKernels
import Imaging
import NeuralNet
import ReferenceNetwork
import TestSupport
import Testing

/// The fast loss network against the reference implementation.
@Suite struct LossNetworkTests {
    @Test(arguments: [(17, 19), (37, 34)], Pooling.allCases)
    func activationsAndGradientMatchReference(size: (Int, Int), pooling: Pooling) throws {
        let (width, height) = size
        let weights = try normalizedWeights()
        for names in ["relu4_2,relu1_1,relu2_1,relu3_1,relu4_1,relu5_1", "relu1_2,relu2_2"] {
            let layers = try LossLayer.list(names)
            let image = randomImage(width: width, height: height, seed: 3)
            let reference = ReferenceLossNetwork(weights: weights, pooling: pooling)
            let expected = reference.features(of: ReferenceTensor(image), upTo: layers)
            var gradients: [LossLayer: ReferenceTensor] = [:]
            for layer in layers { gradients[layer] = expected[layer].map { mixed($0, by: layer.block) } }
            let expectedGradient = reference.backward(gradients, image: ReferenceTensor(image)).image

            _ = try withEachVariant {
                let network = try LossNetwork(
                    weights: weights, layers: layers, pooling: pooling, width: width, height: height)
                try network.forward(image)
                for layer in layers {
                    let features = try #require(network.features(of: layer))
                    #expect(relativeDistance(features.planar(), expected[layer]) < 1e-5, "\(layer)")
                }
                var gradient = Image(width: width, height: height, repeating: 7)
                var asked: [LossLayer] = []
                try network.backward(into: &gradient) { layer, features, gradient in
                    asked.append(layer)
                    try gradient.add(
                        1 / Float(layer.block), times: mixingMatrix(features.channels), on: features, threads: 2)
                }
                #expect(asked == layers.sorted(by: >))
                // Rounding may change the sign of an activation close to 0, or which value of a square is the maximum.
                #expect(relativeDistance(gradient.samples, ReferenceTensor(expectedGradient)) < 2e-3)
            }
        }
    }
}

/// Rounding may change the sign of an activation close to 0, or which value of a square is the maximum. With the same
/// signs and maxima, the fast network and the reference implementation have the same gradient.
@Suite struct LossNetworkDecisionTests {
    @Test(arguments: zip([(65, 49), (38, 83)], Pooling.allCases))
    func gradientMatchesReferenceWithTheSameDecisions(size: (Int, Int), pooling: Pooling) throws {
        let weights = try LossNetworkWeights.random(.vgg19)
        let layers = try LossLayer.list("relu1_1,relu2_2,relu3_4,relu4_2")
        let all = weights.kind.layers.filter { $0 <= layers[3] }
        let image = randomImage(width: size.0, height: size.1, seed: 8)
        let reference = ReferenceLossNetwork(weights: weights, pooling: pooling)
        _ = try withEachVariant {
            let thorough = try LossNetwork(
                weights: weights, layers: all, pooling: pooling, width: size.0, height: size.1)
            try thorough.forward(image)
            var features: [LossLayer: ReferenceTensor] = [:]
            for layer in all { features[layer] = ReferenceTensor(try #require(thorough.features(of: layer))) }
            let network = try LossNetwork(
                weights: weights, layers: layers, pooling: pooling, width: size.0, height: size.1)
            try network.forward(image)
            var gradient = Image(width: size.0, height: size.1)
            var gradients: [LossLayer: ReferenceTensor] = [:]
            try network.backward(into: &gradient) { layer, features, gradient in
                try gradient.add(1, times: mixingMatrix(features.channels), on: features)
                gradients[layer] = mixed(ReferenceTensor(features), by: 1)
            }
            let expected = reference.backward(gradients, image: ReferenceTensor(image), features: features)
            #expect(relativeDistance(gradient.samples, expected) < 1e-5)
        }
    }
}

extension ReferenceTensor {
    init(_ features: FeatureMap) {
        self.init(
            channels: features.channels, height: features.height, width: features.width,
            values: features.planar().map(Double.init))
    }
}

/// Random weights of a network with an input normalisation other than network space.
func normalizedWeights() throws -> LossNetworkWeights {
    let weights = try LossNetworkWeights.random()
    return try LossNetworkWeights(
        kind: weights.kind, convolutions: weights.convolutions, inputScale: [1, 0.5, 2], inputShift: [0, 3, -4])
}

/// A sparse matrix that is not symmetric.
private func mixingMatrix(_ channels: Int) -> [Float] {
    var matrix = [Float](repeating: 0, count: channels * channels)
    for i in 0..<channels { matrix[i * channels + (i * 7 + 3) % channels] = Float(i % 5) - 2 }
    return matrix
}

/// The matrix times the features, divided by a number.
private func mixed(_ features: ReferenceTensor, by divisor: Int) -> ReferenceTensor {
    let matrix = mixingMatrix(features.channels)
    let pixels = features.pixelCount
    var result = ReferenceTensor(channels: features.channels, height: features.height, width: features.width)
    for row in 0..<features.channels {
        for column in 0..<features.channels {
            let entry = Double(matrix[row * features.channels + column]) / Double(divisor)
            if entry == 0 { continue }
            for pixel in 0..<pixels {
                result.values[row * pixels + pixel] += entry * features.values[column * pixels + pixel]
            }
        }
    }
    return result
}

/// The L2 norm of the difference over that of the expected values; infinite if the sizes differ.
func relativeDistance(_ values: [Float], _ expected: ReferenceTensor?) -> Double {
    guard let expected, values.count == expected.values.count else { return .infinity }
    var (difference, size) = (0.0, 0.0)
    for (one, other) in zip(values, expected.values) {
        difference += (Double(one) - other) * (Double(one) - other)
        size += other * other
    }
    return (difference / size).squareRoot()
}

func randomImage(width: Int, height: Int, seed: UInt64) -> Image {
    var generator = SeededGenerator(seed: seed)
    return Image(
        width: width, height: height,
        samples: (0..<3 * width * height).map { _ in Float.random(in: -120...140, using: &generator) })
}
