import Flow
import Imaging
import NeuralNet
import Style
import TestSupport
import Testing

@Suite struct FrameOptimizerTests {
    private let frame = OptimizationCase.image(seed: 1)

    private func optimizer(
        _ settings: OptimizationSettings = OptimizationCase.settings(), style: [StyleImage] = OptimizationCase.style
    ) throws -> FrameOptimizer {
        try FrameOptimizer(
            settings: settings, network: OptimizationCase.network.get(), styles: style, width: frame.width,
            height: frame.height)
    }

    private func flat() -> Image { Image(width: frame.width, height: frame.height) }

    @Test(arguments: OptimizationSettings.Method.allCases)
    func theLossFallsAndItsPartsAddUp(method: OptimizationSettings.Method) throws {
        let optimizer = try optimizer(OptimizationCase.settings { $0.method = method })
        let target = TemporalTarget(
            image: OptimizationCase.image(seed: 2), certainty: OptimizationCase.plane { x, _ in x < 9 ? 1 : 0 })
        var seen: [OptimizationProgress] = []
        let task = FrameTask(frame: frame, start: flat(), targets: [target], iterations: 15, number: 3, frames: 7)
        let result = try optimizer.optimize(task) {
            seen.append($0)
            return true
        }
        #expect(seen.map(\.iteration) == Array(1...15))
        #expect(seen.map(\.isLast) == Array(repeating: false, count: 14) + [true])
        #expect(seen.allSatisfy { $0.frame == 3 && $0.frames == 7 && $0.iterations == 15 })
        #expect(seen[14].loss < 0.8 * seen[0].loss)
        #expect(seen[14].content > 0 && seen[14].style > 0 && seen[14].temporal > 0)
        #expect(seen[14].loss == seen[14].content + seen[14].style + seen[14].temporal)
        #expect(seen[14].image == result.image && seen[14].terms == result.terms)
        #expect(result.iterations == 15 && result.evaluations >= 15)
        // The reported terms equal those of another evaluation of the result.
        let again = try optimizer.optimize(
            FrameTask(frame: frame, start: result.image, targets: [target], iterations: 1))
        #expect(again.terms.loss <= result.terms.loss)
    }

    @Test func weightsScaleTheirTerms() throws {
        func first(_ change: (inout OptimizationSettings) -> Void) throws -> EnergyTerms {
            let target = TemporalTarget(image: frame, certainty: OptimizationCase.plane { _, _ in 1 })
            let task = FrameTask(frame: frame, start: flat(), targets: [target], iterations: 1)
            var terms = EnergyTerms()
            // Adam's start point is not visible; the point after one step hardly differs from it.
            _ = try optimizer(
                OptimizationCase.settings {
                    $0.method = .adam
                    change(&$0)
                }
            ).optimize(task) {
                terms = $0.terms
                return true
            }
            return terms
        }
        let one = try first { $0.totalVariationWeight = 1 }
        let two = try first {
            $0.contentWeight *= 2
            $0.styleWeight *= 2
            $0.temporalWeight *= 2
            $0.totalVariationWeight = 2
        }
        for (one, two) in [
            (one.content, two.content), (one.style, two.style), (one.temporal, two.temporal),
            (one.totalVariation, two.totalVariation),
        ] { #expect(one > 0 && abs(two / one - 2) < 1e-5) }
        // The mean of squares, and twice the mean of absolute values (A.4).
        let steps = frame.samples.map { Double($0) }
        let squares = steps.reduce(0) { $0 + $1 * $1 } / Double(steps.count)
        let absolutes = steps.reduce(0) { $0 + abs($1) } / Double(steps.count)
        #expect(abs(one.temporal / (200 * squares) - 1) < 0.05)
        let absolute = try first { $0.temporalPenalty = .absolute }
        #expect(abs(absolute.temporal / (2 * 200 * absolutes) - 1) < 0.05)
    }

    @Test func severalStylesAreBlendedByTheirShares() throws {
        let images = (5...6).map { OptimizationCase.image(seed: $0, width: 32, height: 26) }
        func result(_ weights: [Double]) throws -> Image {
            let styles = zip(images, weights).map { StyleImage(image: $0, weight: $1) }
            return try optimizer(style: styles).optimize(FrameTask(frame: frame, start: flat(), iterations: 6)).image
        }
        #expect(try result([1, 0]) == result([0.5]))
        #expect(try result([1, 3]) == result([0.25, 0.75]))
        #expect(try result([1, 3]) != result([3, 1]))
    }

    @Test func theRuleComparesWithAWindowAgo() {
        var rule = StoppingRule(tolerance: 0.01, window: 3)
        // 100 to 99.5 in three iterations is less than 1 %.
        let answers = [200, 100, 100, 99.8, 99.5].map { rule.shouldStop(after: $0) }
        #expect(answers == [false, false, false, false, true])
        var never = StoppingRule(tolerance: 0, window: 1)
        #expect(![1, 1, 1].contains { never.shouldStop(after: $0) })
    }

    @Test func anOptimisationStopsWhereTheLossHardlyChanges() throws {
        let settings = OptimizationCase.settings {
            $0.tolerance = 0.05
            $0.toleranceWindow = 4
        }
        var losses: [Double] = []
        let task = FrameTask(frame: frame, start: flat(), iterations: 200)
        let result = try optimizer(settings).optimize(task) {
            losses.append($0.loss)
            return true
        }
        let count = losses.count
        #expect(count < 200 && result.iterations == count)
        #expect(abs(losses[count - 5] - losses[count - 1]) < 0.05 * losses[count - 5])
        #expect((4..<count - 1).allSatisfy { abs(losses[$0 - 4] - losses[$0]) >= 0.05 * losses[$0 - 4] })

        var whole = task
        (whole.stopsEarly, whole.iterations) = (false, count + 3)
        #expect(try optimizer(settings).optimize(whole).iterations == count + 3)
    }

    @Test func nonFiniteValuesAreReportedWithTheFrame() throws {
        var broken = frame
        broken.samples[100] = .nan
        let optimizer = try optimizer()
        #expect(throws: OptimizationError.notANumber(frame: 12, pass: 1, iteration: 0, what: "a sample of the frame")) {
            try optimizer.optimize(FrameTask(frame: broken, start: flat(), iterations: 3, number: 12))
        }
        #expect(
            throws: OptimizationError.notANumber(
                frame: 1, pass: 2, iteration: 0, what: "a sample of what it starts from")
        ) {
            try optimizer.optimize(FrameTask(frame: frame, start: broken, iterations: 3, pass: 2))
        }
        var target = TemporalTarget(image: broken, certainty: OptimizationCase.plane { _, _ in 1 })
        let error = OptimizationError.notANumber(frame: 4, pass: 1, iteration: 1, what: "the temporal loss")
        #expect(throws: error) {
            try optimizer.optimize(FrameTask(frame: frame, start: flat(), targets: [target], iterations: 3, number: 4))
        }
        #expect(error.description.contains("Frame 4: the temporal loss is not finite in iteration 1"))
        target.image.samples[100] = .infinity
        #expect(throws: error) {
            try optimizer.optimize(FrameTask(frame: frame, start: flat(), targets: [target], iterations: 3, number: 4))
        }
        // The optimiser can still be used.
        _ = try optimizer.optimize(FrameTask(frame: frame, start: flat(), iterations: 1))
    }

    @Test func anotherSizeIsReportedAsAnError() throws {
        let small = Image(width: 8, height: 8)
        #expect(throws: OptimizationError.self) {
            try optimizer().optimize(FrameTask(frame: small, start: small, iterations: 1))
        }
        #expect(throws: (any Error).self) {
            _ = try FrameOptimizer(
                settings: OptimizationCase.settings(), network: OptimizationCase.network.get(),
                styles: OptimizationCase.style, width: 1, height: 1)
        }
    }

    @Test func observersCancel() throws {
        var iterations = 0
        #expect(throws: OptimizationCancelled()) {
            try optimizer().optimize(FrameTask(frame: frame, start: flat(), iterations: 50)) {
                iterations = $0.iteration
                return $0.iteration < 4
            }
        }
        #expect(iterations == 4)
    }
}
