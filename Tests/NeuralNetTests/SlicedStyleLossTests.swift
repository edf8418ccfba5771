import Imaging
import NeuralNet
import ReferenceNetwork
import Support
import TestSupport
import Testing

/// The sliced style loss against its definition, in double precision.
@Suite struct SlicedStyleLossTests {
    private let weights = try! LossNetworkWeights.random()
    private let layers = [LossLayer(block: 1, convolution: 1), LossLayer(block: 2, convolution: 2)]

    private func image(_ width: Int, _ height: Int, seed: UInt64) -> Image {
        Image(width: width, height: height, samples: noise(3 * width * height, seed: seed).map { Float($0) * 70 })
    }

    private func features(_ image: Image, _ layer: LossLayer) throws -> FeatureMap {
        let network = try LossNetwork(
            weights: weights, layers: [layer], pooling: .max, width: image.width, height: image.height)
        try network.forward(image)
        return try #require(network.features(of: layer)).copy()
    }

    @Test func directionsAreOrthonormal() {
        for count in [1, 16, 64] {
            let matrix = randomRotation(count, seed: SplitMix(seed: 3)).map(Double.init)
            for row in 0..<count {
                for other in 0..<count {
                    let product = (0..<count).reduce(0) { $0 + matrix[row * count + $1] * matrix[other * count + $1] }
                    #expect(abs(product - (row == other ? 1 : 0)) < 1e-5)
                }
            }
        }
    }

    /// An image has its own distributions, and no other with the same Gram matrices in a layer must have them.
    @Test func theStyleImageItselfHasNoLoss() throws {
        let style = image(37, 29, seed: 1)
        let target = try StyleTarget(weights: weights, layers: layers, images: [(style, 1)], statistic: .sliced)
        for layer in layers {
            let loss = try #require(target.loss(of: layer, threads: 1))
            let own = try loss.value(features(style, layer))
            // Another noise would have the same distributions.
            var paler = style
            for index in paler.samples.indices { paler.samples[index] *= 0.4 }
            let other = try loss.value(features(paler, layer))
            // Between the quantiles, distributions are interpolated.
            #expect(own < 5e-3 * other && other > 0, "\(own) \(other)")
        }
    }

    /// With as many quantiles as pixels the definition can be followed value by value.
    @Test(arguments: [1, 3]) func valueAndGradientFollowTheDefinition(threads: Int) throws {
        let count = SlicedTarget.quantileCount
        let layer = layers[0]
        // 32 x 16 pixels: as many as quantiles.
        let (style, input) = (image(32, count / 32, seed: 4), image(32, count / 32, seed: 5))
        for slice in [0, 5, SlicedTarget.sliceCount + 5] {
            var target = try StyleTarget(weights: weights, layers: [layer], images: [(style, 1)], statistic: .sliced)
            target.slice = slice
            let loss = try #require(target.loss(of: layer, threads: threads))
            let (own, wanted) = (try features(input, layer), try features(style, layer))
            let channels = own.channels
            let directions = randomRotation(
                channels, seed: SlicedTarget.seed(layer, slice % SlicedTarget.sliceCount)
            )
            .map(Double.init)
            func projected(_ map: FeatureMap) -> [[Double]] {
                let values = map.planar().map(Double.init)
                return (0..<channels).map { row in
                    (0..<count).map { pixel in
                        (0..<channels).reduce(0) {
                            $0 + directions[row * channels + $1] * values[$1 * count + pixel]
                        }
                    }
                }
            }
            var sum = 0.0
            var differences = [[Double]](repeating: [Double](repeating: 0, count: count), count: channels)
            for (row, (mine, theirs)) in zip(projected(own), projected(wanted)).enumerated() {
                let sorted = theirs.sorted()
                for (rank, pixel) in mine.indices.sorted(by: { mine[$0] < mine[$1] }).enumerated() {
                    differences[row][pixel] = mine[pixel] - sorted[rank]
                    sum += differences[row][pixel] * differences[row][pixel]
                }
            }
            let total = Double(channels * count)
            let gradient = try own.copy()
            gradient.clear()
            let value = try loss.addGradient(3, at: own, to: gradient)
            #expect(abs(value - sum / total) < 1e-4 * value)
            #expect(try abs(loss.value(own) - value) < 1e-9 * value)
            let result = gradient.planar()
            var (error, largest) = (0.0, 0.0)
            for channel in 0..<channels {
                for pixel in 0..<count {
                    let slope = (0..<channels).reduce(0) {
                        $0 + directions[$1 * channels + channel] * differences[$1][pixel]
                    }
                    let expected = 3 * 2 / total * slope
                    error += abs(expected - Double(result[channel * count + pixel]))
                    largest += abs(expected)
                }
            }
            // Nearly equal values may change ranks in single precision, which the mean forgives.
            #expect(error < 1e-3 * largest)
        }
    }

    @Test func blendsAreBarycentres() throws {
        let images = [image(20, 16, seed: 6), image(24, 18, seed: 7)]
        let layer = layers[0]
        let own = try features(images[0], layer)
        func loss(_ weight: Double) throws -> Double {
            let target = try StyleTarget(
                weights: weights, layers: [layer], images: [(images[0], weight), (images[1], 1 - weight)],
                statistic: .sliced)
            return try #require(target.loss(of: layer, threads: 1)).value(own)
        }
        let values = try [1, 0.75, 0.5, 0.25, 0].map(loss)
        for (nearer, farther) in zip(values, values.dropFirst()) { #expect(nearer < farther) }
    }

    /// Targets of several styles share their directions and are the same as each alone.
    @Test func directionsAreShared() throws {
        let input = try features(image(18, 15, seed: 12), layers[1])
        func target(_ seed: UInt64, sharing other: StyleTarget? = nil) throws -> StyleTarget {
            try StyleTarget(
                weights: weights, layers: layers, images: [(image(33, 21, seed: seed), 1)], statistic: .sliced,
                sharing: other)
        }
        let first = try target(10)
        for slice in [0, 7] {
            let values = try [target(11), target(11, sharing: first)].map { target in
                var target = target
                target.slice = slice
                return try #require(target.loss(of: layers[1], threads: 1)).value(input)
            }
            #expect(values[0] == values[1] && values[0] > 0)
        }
    }

    @Test func layersAreNormalised() throws {
        let target = try StyleTarget(
            weights: weights, layers: layers, images: [(image(30, 22, seed: 8), 1)], statistic: .sliced,
            normalization: .layer)
        for layer in layers {
            let zero = try features(image(16, 16, seed: 9), layer)
            zero.clear()
            let value = try #require(target.loss(of: layer, threads: 1)).value(zero)
            #expect(abs(value - StyleNormalization.unit) < 0.02 * StyleNormalization.unit)
        }
    }
}
