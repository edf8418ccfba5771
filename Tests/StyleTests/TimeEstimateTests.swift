import Imaging
import NeuralNet
import Style
import Testing

@Suite struct TimeEstimateTests {
    private func progress(
        frame: Int, frames: Int? = nil, pass: Int = 1, iteration: Int, of iterations: Int, isLast: Bool = false
    ) throws -> OptimizationProgress {
        OptimizationProgress(
            frame: frame, frames: frames, pass: pass, passes: 1, iteration: iteration, iterations: iterations,
            evaluations: iteration, isLast: isLast, terms: EnergyTerms(), image: Image(width: 0, height: 0))
    }

    @Test func aClipIsReckonedByItsLimitsAndThenByWhatFramesTook() throws {
        var settings = OptimizationSettings()
        (settings.firstIterations, settings.nextIterations) = (100, 50)
        var estimate = TimeEstimate(settings: settings, frames: 5)
        #expect(estimate.secondsLeft == nil && !estimate.isReliable)
        estimate.begin(at: 1000)
        for iteration in 1...10 {
            estimate.add(try progress(frame: 1, iteration: iteration, of: 100), at: 1000 + 2 * Double(iteration))
        }
        #expect(estimate.isReliable && estimate.secondsPerIteration == 2)
        // 90 of the first, 50 of each of four others.
        #expect(estimate.secondsLeftOfFrame == 180 && estimate.secondsLeft == 580.0)
        estimate.add(try progress(frame: 1, iteration: 11, of: 100, isLast: true), at: 1022)
        #expect(estimate.secondsLeft == 400)
        for iteration in 1...20 {
            estimate.add(
                try progress(frame: 2, iteration: iteration, of: 50, isLast: iteration == 20),
                at: 1022 + 2 * Double(iteration))
        }
        // The second frame took 20.
        #expect(estimate.secondsLeft == 120.0)
    }

    @Test func passesHaveAllTheirIterations() throws {
        var settings = OptimizationSettings()
        (settings.passes, settings.passIterations) = (3, 10)
        var estimate = TimeEstimate(settings: settings)
        estimate.begin(at: 0)
        estimate.add(try progress(frame: 4, frames: 4, pass: 3, iteration: 1, of: 10), at: 1)
        // The last pass begins with the last frame.
        #expect(estimate.secondsLeft == 39.0)
        estimate.add(try progress(frame: 2, frames: 4, pass: 2, iteration: 10, of: 10, isLast: true), at: 2)
        #expect(estimate.secondsLeft == 60.0)
    }

    @Test func nobodyKnowsHowLongAnEndlessClipTakes() throws {
        var estimate = TimeEstimate(settings: OptimizationSettings())
        estimate.begin(at: 0)
        estimate.add(try progress(frame: 1, iteration: 1, of: 10), at: 1)
        #expect(estimate.secondsLeft == nil && estimate.secondsLeftOfFrame == 9)
    }
}
