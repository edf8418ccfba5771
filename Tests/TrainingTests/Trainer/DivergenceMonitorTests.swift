import Imaging
import NeuralNet
import TestSupport
import Testing
import Training

@Suite struct DivergenceMonitorTests {
    /// Returns samples with non-finite pixels from a given step on.
    private struct Broken: SequenceSource {
        let from: Int

        func batch(step: Int, count: Int, frames: Int, size: Int) -> [TrainingSequence] {
            let good = DriftingTexture().batch(step: step, count: count, frames: frames, size: size)
            guard step >= from else { return good }
            return good.map { sample in
                TrainingSequence(
                    frames: sample.frames.map {
                        Image(width: $0.width, height: $0.height, repeating: .nan)
                    }, motions: sample.motions)
            }
        }
    }

    @Test func aDivergedTrainingCanResumeFromItsLastGoodState() throws {
        var sample = TrainingCase()
        sample.settings.length = .steps(60)
        sample.source = Broken(from: 53)
        let trainer = try sample.trainer()
        var state: Checkpoint?
        do {
            try trainer.run()
        } catch TrainingError.diverged(let what, let step, let lastGood) {
            #expect(step == 54 && what.contains("not finite"))
            state = lastGood
        }
        let lastGood = try #require(state)
        #expect(lastGood.step == 50 && lastGood.rateFactor == 0.5)
        sample.source = DriftingTexture()
        let resumed = try sample.trainer(from: lastGood)
        var rates: [Double] = []
        try resumed.run {
            rates.append($0.learningRate)
            return true
        }
        #expect(resumed.step == 60)
        #expect(rates.first == sample.settings.learningRate * sample.settings.rateSchedule.factor(at: 50 / 60) / 2)
    }

    /// A network that cannot learn produces flat images; here only the total variation has a weight.
    @Test func flatImagesStopATraining() throws {
        var sample = TrainingCase()
        sample.settings.length = .steps(400)
        sample.settings.contentWeight = 1e-9
        sample.settings.styleWeight = 0
        sample.settings.pixelWeight = 0
        sample.settings.totalVariationWeight = 1000
        sample.settings.learningRate = 0.02
        let trainer = try sample.trainer()
        let error = #expect(throws: TrainingError.self) { try trainer.run() }
        #expect(error?.description.contains("gone flat") == true)
        #expect(trainer.step < 399)
    }

    @Test func aFlatStateIsNotKept() {
        var monitor = DivergenceMonitor(settings: TrainingSettings())
        let losses = TrainingLosses(content: 900, style: 100)
        #expect(monitor.isHealthy)
        #expect(monitor.record(losses, contrast: 0.1) == nil && !monitor.isHealthy, "first pictures may be flat")
        #expect(monitor.record(losses, contrast: 20) == nil && monitor.isHealthy)
        for _ in 2..<99 { #expect(monitor.record(losses, contrast: 0.1) == nil) }
        let problems = (0..<20).map { _ in monitor.record(losses, contrast: 0.1) }
        #expect(problems.dropLast().allSatisfy { $0 == nil })
        #expect(problems.last??.contains("gone flat") == true)
    }

    @Test func risingLossesStopATraining() {
        var monitor = DivergenceMonitor(settings: TrainingSettings())
        for _ in 0..<200 {
            #expect(monitor.record(TrainingLosses(content: 900, style: 100), contrast: 50) == nil)
        }
        #expect(monitor.isHealthy)
        // A few bad batches do not count, and neither does the pixel loss.
        for _ in 0..<3 { #expect(monitor.record(TrainingLosses(content: 4000, style: 400), contrast: 50) == nil) }
        for _ in 0..<200 {
            #expect(monitor.record(TrainingLosses(content: 900, style: 100, pixel: 1e4), contrast: 50) == nil)
        }
        let problems = (0..<100).compactMap { _ in
            monitor.record(TrainingLosses(content: 900, style: 2000), contrast: 50)
        }
        #expect(problems.first?.contains("times the best") == true && !monitor.isHealthy)
    }
}
