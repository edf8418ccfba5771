import Style
import Testing

@Suite struct TimeEstimateTests {
    private func mark(
        frame: Int, frames: Int? = nil, pass: Int = 1, iteration: Int, of iterations: Int, isLast: Bool = false
    ) -> OptimizationEstimate.Position {
        .init(frame: frame, frames: frames, pass: pass, iteration: iteration, iterations: iterations, isLast: isLast)
    }

    @Test func estimatesUseLimitsFirstAndThenFinishedFrames() throws {
        var settings = OptimizationSettings()
        (settings.firstIterations, settings.nextIterations) = (100, 50)
        var estimate = OptimizationEstimate(settings: settings, frames: 5)
        #expect(estimate.secondsLeft == nil && !estimate.isReliable)
        estimate.begin(at: 1000)
        for iteration in 1...10 {
            estimate.add(mark(frame: 1, iteration: iteration, of: 100), at: 1000 + 2 * Double(iteration))
        }
        #expect(estimate.isReliable && estimate.secondsPerIteration == 2)
        // 90 of the first frame, 50 of each of four others.
        #expect(estimate.secondsLeftOfFrame == 180 && estimate.secondsLeft == 580.0)
        estimate.add(mark(frame: 1, iteration: 11, of: 100, isLast: true), at: 1022)
        #expect(estimate.secondsLeft == 400)
        for iteration in 1...20 {
            estimate.add(
                mark(frame: 2, iteration: iteration, of: 50, isLast: iteration == 20),
                at: 1022 + 2 * Double(iteration))
        }
        // The second frame took 20 iterations.
        #expect(estimate.secondsLeft == 120.0)
    }

    @Test func theClockStartsWithTheFirstRecordIfNotStartedBefore() {
        var estimate = TimeEstimate()
        estimate.record(units: 4, at: 100)
        #expect(estimate.secondsPerUnit == nil && estimate.seconds(for: 3) == nil)
        for unit in 1...3 { estimate.record(units: 4 + unit, at: 100 + Double(unit) / 2) }
        #expect(estimate.isReliable && estimate.seconds(for: 10) == 5 && estimate.seconds(for: -1) == 0)
    }

    /// The speed of the last units counts, whatever the first ones took.
    @Test func theEstimateFollowsTheSpeed() throws {
        var estimate = TimeEstimate()
        estimate.begin(at: 0)
        for unit in 1...100 { estimate.record(units: unit, at: 2 * Double(unit)) }
        #expect(estimate.seconds(for: 10) == 20)
        for unit in 101...300 { estimate.record(units: unit, at: 200 + Double(unit - 100) / 2) }
        let left = try #require(estimate.seconds(for: 10))
        #expect(abs(left - 5) < 0.5)
        // A stopped process hardly matters.
        estimate.record(units: 301, at: 10_000)
        let stopped = try #require(estimate.seconds(for: 10))
        #expect(stopped < 1.5 * left)
        // A pause counts for the next unit.
        var paused = TimeEstimate()
        paused.begin(at: 0)
        paused.record(units: 1, at: 1)
        paused.record(units: 1, at: 5)
        #expect(paused.secondsPerUnit == 1)
        paused.record(units: 2, at: 6)
        #expect(paused.secondsPerUnit == 3)
    }

    @Test func passesHaveAllTheirIterations() throws {
        var settings = OptimizationSettings()
        (settings.passes, settings.passIterations) = (3, 10)
        var estimate = OptimizationEstimate(settings: settings)
        estimate.begin(at: 0)
        estimate.add(mark(frame: 4, frames: 4, pass: 3, iteration: 1, of: 10), at: 1)
        // The last pass starts with the last frame.
        #expect(estimate.secondsLeft == 39.0)
        estimate.add(mark(frame: 2, frames: 4, pass: 2, iteration: 10, of: 10, isLast: true), at: 10)
        #expect(estimate.secondsLeft == 60.0)
    }

    @Test func anEndlessClipHasNoEstimate() throws {
        var estimate = OptimizationEstimate(settings: OptimizationSettings())
        estimate.begin(at: 0)
        estimate.add(mark(frame: 1, iteration: 1, of: 10), at: 1)
        #expect(estimate.secondsLeft == nil && estimate.secondsLeftOfFrame == 9)
    }
}
