import Imaging
import NeuralNet
import Style
import TestSupport
import Testing
import Training

@Suite struct RecursionTests {
    /// The first step's losses equal those of the live path with the same network and priors, frame by frame.
    @Test(arguments: [PriorFill.mean, .noise]) func recursionMatchesTheLivePath(_ fill: PriorFill) throws {
        var sample = TrainingCase()
        sample.settings.batchSize = 1
        sample.settings.priorDropout = 0
        sample.settings.frames = try FrameSchedule(parsing: "0:3")
        sample.settings.fill = fill
        let trainer = try sample.trainer()
        let network = try Network(model: trainer.model(), width: 16, height: 16)
        try trainer.run { _ in false }

        let clip = DriftingTexture().batch(step: 0, count: 1, frames: 4, size: 16)[0]
        var prior: Prior?
        var image = try network.run(frame: clip.frames[0])
        for (index, motion) in clip.motions.enumerated() {
            let warped = Prior(
                warping: image, by: motion.flow, certainty: motion.certainty, fill: fill,
                seed: TrainingPlan(sample.settings).noiseSeed(step: 0, sample: 0, frame: index))
            image = try network.run(frame: clip.frames[index + 1], prior: warped.image, certainty: warped.certainty)
            prior = warped
        }
        let last = try #require(prior)
        var pixel = 0.0
        for position in image.samples.indices {
            let difference = Double(image.samples[position] - last.image.samples[position])
            pixel += Double(last.certainty.values[position % 256]) * difference * difference / 768
        }
        let losses = try #require(trainer.history.first?.losses)
        #expect(pixel > 0 && abs(Double(losses.pixel) / pixel - 1) < 1e-3, "\(losses.pixel) for \(pixel)")
    }

    @Test func photographsMakeATraining() throws {
        let photographs = (0..<3).map { seed in
            let texture = MovingTexture(seed: UInt64(seed))
            return Photograph(
                TrainingCase.textured(texture, width: 90, height: 70, scale: 2).pictureSpace())
        }
        var sample = TrainingCase()
        sample.source = SyntheticSequences(photographs: Array(photographs.dropFirst()), seed: 0)
        sample.validation = Validation(heldBack: [photographs[0]], size: 24, interval: 4)
        let trainer = try sample.trainer()
        var reports: [ValidationReport] = []
        try trainer.run {
            if let report = $0.validation { reports.append(report) }
            return true
        }
        #expect(reports.map(\.step) == [4, 6] && reports == trainer.validations)
        #expect(reports[1].recursion.map(\.frames) == Validation.depths && reports[1].photographs != nil)
        #expect(Validation(heldBack: [], size: 24).clips.isEmpty)
    }

    @Test func timeContinuesAfterAResume() throws {
        var sample = TrainingCase()
        sample.settings.length = .seconds(1)
        sample.settings.frames = try FrameSchedule(parsing: "0:1,50%:2")
        let first = try sample.trainer()
        let isFinished = try first.run { $0.step < 5 }
        #expect(!isFinished)
        let second = try sample.trainer(from: first.checkpoint())
        #expect(second.seconds == first.seconds)
        let end = try second.run()
        #expect(end && second.step > 5)
        #expect(second.history.suffix(3).allSatisfy { $0.frames != 1 })
    }
}
