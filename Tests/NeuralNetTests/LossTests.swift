import Imaging
import NeuralNet
import ReferenceNetwork
import TestSupport
import Testing

/// The reference losses against finite differences, and the fast losses against the reference.
@Suite struct LossTests {
    private let target = noise(channels: 3, height: 7, width: 5, seed: 2)
    private let input = noise(channels: 3, height: 7, width: 5, seed: 3)
    private let certainty = ReferenceTensor(
        channels: 1, height: 7, width: 5, values: noise(35, seed: 4).map { max(0, $0) })

    @Test func referenceGradientsAreDerivatives() {
        #expect(ReferenceContentLoss(target: target).largestGradientError(at: input) < 1e-7)
        let style = ReferenceStyleLoss(
            target: ReferenceStyleLoss.normalizedGramMatrix(noise(channels: 3, height: 4, width: 9)))
        #expect(style.largestGradientError(at: input) < 1e-7)
        for penalty in TemporalPenalty.allCases {
            let loss = ReferenceTemporalLoss(target: target, certainty: certainty, penalty: penalty)
            #expect(loss.largestGradientError(at: input) < 1e-7)
        }
        #expect(ReferenceTotalVariation().largestGradientError(at: input) < 1e-7)
    }

    @Test func definitionsByHand() {
        let two = ReferenceTensor(channels: 2, height: 1, width: 2, values: [1, 2, 3, 0])
        let zero = ReferenceTensor(channels: 2, height: 1, width: 2)
        #expect(ReferenceContentLoss(target: zero).value(two) == 14.0 / 4)
        // G = (5 3; 3 9), N M = 4.
        #expect(ReferenceStyleLoss.normalizedGramMatrix(two) == [1.25, 0.75, 0.75, 2.25])
        #expect(ReferenceStyleLoss(target: [0.25, 0.75, 0.75, 0.25]).value(two) == (1 + 4) / 4.0)
        let half = ReferenceTensor(channels: 1, height: 1, width: 2, values: [0.5, 1])
        #expect(
            ReferenceTemporalLoss(target: zero, certainty: half, penalty: .squared).value(two) == (0.5 + 4 + 4.5) / 4)
        #expect(
            ReferenceTemporalLoss(target: zero, certainty: half, penalty: .absolute).value(two) == (0.5 + 2 + 1.5) / 4)
        #expect(
            ReferenceTotalVariation().value(ReferenceTensor(channels: 1, height: 2, width: 2, values: [1, 2, 4, 8]))
                == 31)
    }

    /// Images of several chunks, odd sizes, and single rows and columns.
    @Test(arguments: [(113, 97), (1, 1), (1, 9), (17, 1), (2, 2)])
    func fastImageLossesMatchReference(width: Int, height: Int) {
        let (image, target, certainty) = inputs(width: width, height: height)
        let weights = Plane(
            width: width, height: height,
            values: zip(certainty.values, noise(width * height)).map { $0 * Float(abs($1)) })
        let certaintyTensor = ReferenceTensor(
            channels: 1, height: height, width: width, values: weights.values.map(Double.init))
        for penalty in TemporalPenalty.allCases {
            let reference = ReferenceTemporalLoss(
                target: ReferenceTensor(target), certainty: certaintyTensor, penalty: penalty)
            let fast = TemporalLoss(target: target, certainty: weights, penalty: penalty)
            compare(image, reference) { fast.addGradient(3, at: image, to: &$0, threads: $1) }
        }
        compare(image, ReferenceTotalVariation()) { TotalVariation.addGradient(3, at: image, to: &$0, threads: $1) }
    }

    private func compare(_ image: Image, _ reference: some ReferenceLoss, _ fast: (inout Image, Int) -> Double) {
        let before = inputs(width: image.width, height: image.height).prior
        let results = [1, 2, 5].map { threads in
            var gradient = before
            let value = fast(&gradient, threads)
            return (value, gradient)
        }
        for result in results.dropFirst() { #expect(result == results[0], "threads change nothing") }
        let expected = reference.value(ReferenceTensor(image))
        #expect(abs(results[0].0 - expected) <= 1e-6 * expected)
        let gradient = reference.gradient(ReferenceTensor(image))
        let sum = zip(gradient.values, before.samples).map { 3 * $0 + Double($1) }
        let scale = sum.map(abs).max() ?? 0
        #expect(zip(sum, results[0].1.samples).allSatisfy { abs($0 - Double($1)) <= 1e-6 * scale })
    }
}
