import Imaging
import NeuralNet
import TestSupport
import Testing

/// The reference losses against finite differences, and the fast losses against the reference.
@Suite struct LossTests {
    private let target = noise(channels: 3, height: 7, width: 5, seed: 2)
    private let input = noise(channels: 3, height: 7, width: 5, seed: 3)
    private let certainty = PlainTensor(
        channels: 1, height: 7, width: 5, values: noise(35, seed: 4).map { max(0, $0) })

    @Test func referenceGradientsAreDerivatives() {
        #expect(PlainContentLoss(target: target).largestGradientError(at: input) < 1e-7)
        let style = PlainStyleLoss(target: PlainStyleLoss.normalizedGramMatrix(noise(channels: 3, height: 4, width: 9)))
        #expect(style.largestGradientError(at: input) < 1e-7)
        for penalty in TemporalPenalty.allCases {
            let loss = PlainTemporalLoss(target: target, certainty: certainty, penalty: penalty)
            #expect(loss.largestGradientError(at: input) < 1e-7)
        }
        #expect(PlainTotalVariation().largestGradientError(at: input) < 1e-7)
    }

    @Test func definitionsByHand() {
        let two = PlainTensor(channels: 2, height: 1, width: 2, values: [1, 2, 3, 0])
        let zero = PlainTensor(channels: 2, height: 1, width: 2)
        #expect(PlainContentLoss(target: zero).value(two) == 14.0 / 4)
        // G = (5 3; 3 9), N M = 4.
        #expect(PlainStyleLoss.normalizedGramMatrix(two) == [1.25, 0.75, 0.75, 2.25])
        #expect(PlainStyleLoss(target: [0.25, 0.75, 0.75, 0.25]).value(two) == (1 + 4) / 4.0)
        let half = PlainTensor(channels: 1, height: 1, width: 2, values: [0.5, 1])
        #expect(PlainTemporalLoss(target: zero, certainty: half, penalty: .squared).value(two) == (0.5 + 4 + 4.5) / 4)
        #expect(PlainTemporalLoss(target: zero, certainty: half, penalty: .absolute).value(two) == (0.5 + 2 + 1.5) / 4)
        #expect(PlainTotalVariation().value(PlainTensor(channels: 1, height: 2, width: 2, values: [1, 2, 4, 8])) == 31)
    }

    /// Images of several chunks, odd sizes, and single rows and columns.
    @Test(arguments: [(113, 97), (1, 1), (1, 9), (17, 1), (2, 2)])
    func fastImageLossesMatchReference(width: Int, height: Int) {
        let (image, target, certainty) = inputs(width: width, height: height)
        let weights = Plane(
            width: width, height: height,
            values: zip(certainty.values, noise(width * height)).map { $0 * Float(abs($1)) })
        let plainWeights = PlainTensor(
            channels: 1, height: height, width: width, values: weights.values.map(Double.init))
        for penalty in TemporalPenalty.allCases {
            let plain = PlainTemporalLoss(target: PlainTensor(target), certainty: plainWeights, penalty: penalty)
            let fast = TemporalLoss(target: target, certainty: weights, penalty: penalty)
            compare(image, plain) { fast.addGradient(3, at: image, to: &$0, threads: $1) }
        }
        compare(image, PlainTotalVariation()) { TotalVariation.addGradient(3, at: image, to: &$0, threads: $1) }
    }

    private func compare(_ image: Image, _ plain: some PlainLoss, _ fast: (inout Image, Int) -> Double) {
        let before = inputs(width: image.width, height: image.height).prior
        let results = [1, 2, 5].map { threads in
            var gradient = before
            let value = fast(&gradient, threads)
            return (value, gradient)
        }
        for result in results.dropFirst() { #expect(result == results[0], "threads change nothing") }
        let expected = plain.value(PlainTensor(image))
        #expect(abs(results[0].0 - expected) <= 1e-6 * expected)
        let gradient = plain.gradient(PlainTensor(image))
        let sum = zip(gradient.values, before.samples).map { 3 * $0 + Double($1) }
        let scale = sum.map(abs).max() ?? 0
        #expect(zip(sum, results[0].1.samples).allSatisfy { abs($0 - Double($1)) <= 1e-6 * scale })
    }
}
