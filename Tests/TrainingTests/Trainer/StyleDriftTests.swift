import Testing
import Training

@Suite struct StyleDriftTests {
    /// The factor after a number of steps. Every third step is a single frame with a style loss of 1000; the others
    /// have eight recursive frames.
    private func factor(limit: Double = 1.05, steps: Int, recursive: (_ factor: Double) -> Double) -> Double {
        var drift = StyleDrift(limit: limit)
        for step in 0..<steps {
            let style = step % 3 == 0 ? 1000 : 1000 * recursive(drift.factor)
            drift.record(
                TrainingRecord(frames: step % 3 == 0 ? 0 : 8, losses: TrainingLosses(style: Float(style))))
        }
        return drift.factor
    }

    @Test func theFactorRisesBelowTheLimit() {
        let early = factor(steps: 50) { _ in 0.8 }
        #expect(early > 0.1 && early < 0.5)
        #expect(factor(steps: 2000) { _ in 0.8 } == 1)
    }

    @Test func theFactorFallsAboveTheLimit() {
        #expect(factor(steps: 2000) { _ in 3 } == 0.02)
    }

    /// The drift is proportional to the weight, 1.05 at a factor of 0.7.
    @Test func theFactorSettlesWhereTheDriftIsAtItsLimit() {
        let settled = factor(steps: 4000) { 1.05 * ($0 / 0.7) }
        #expect(abs(settled / 0.7 - 1) < 0.02)
        let looser = factor(limit: 1.2, steps: 4000) { 1.05 * ($0 / 0.7) }
        #expect(abs(looser / 0.8 - 1) < 0.02)
    }

    @Test func withoutALimitTheWeightStaysWhatItIs() {
        #expect(factor(limit: 0, steps: 500) { _ in 3 } == 1)
    }

    /// Two frames say nothing about longer recursion.
    @Test func shortRecursionsAreIgnored() {
        var drift = StyleDrift(limit: 1.05)
        for step in 0..<1000 {
            drift.record(
                TrainingRecord(frames: step % 2, losses: TrainingLosses(style: step % 2 == 0 ? 1000 : 9000)))
        }
        #expect(drift.factor == 1)
    }

    @Test func lossesOfZeroAreAccepted() {
        #expect((0.02...4).contains(factor(steps: 500) { _ in 0 }))
    }
}
