import Flow
import Imaging
import NeuralNet
import Style
import TestSupport
import Testing
import Training

@Suite struct RecursionTests {
    /// The first step's losses equal those of the live path with the same network and priors, frame by frame. With a
    /// long-term share, the first output is a second target.
    @Test(arguments: [(PriorFill.mean, 0.0), (.noise, 0), (.mean, 0.25), (.noise, 1)])
    func recursionMatchesTheLivePath(_ fill: PriorFill, longTermShare: Double) throws {
        var sample = TrainingCase()
        sample.settings.batchSize = 1
        sample.settings.priorDropout = 0
        sample.settings.frames = try FrameSchedule(parsing: "0:2")
        sample.settings.fill = fill == .noise ? .noise : .mean
        sample.settings.longTermShare = longTermShare
        let trainer = try sample.trainer()
        let network = try Network(model: trainer.model(), width: 16, height: 16)
        try trainer.run { _ in false }

        let plan = TrainingPlan(sample.settings)
        let clip = DriftingTexture().batch(step: 0, count: 1, frames: 3, size: 16)[0]
        let empty = Prior.empty(
            width: 16, height: 16, fill: fill, seed: plan.noiseSeed(step: 0, sample: 0, frame: clip.frames.count))
        var prior: Prior?
        let first = try network.run(frame: clip.frames[0], prior: empty.image, certainty: empty.certainty)
        var image = first
        for (index, motion) in clip.motions.enumerated() {
            let warped = Prior(
                warping: image, by: motion.flow, certainty: motion.certainty, fill: fill,
                seed: plan.noiseSeed(step: 0, sample: 0, frame: index))
            image = try network.run(frame: clip.frames[index + 1], prior: warped.image, certainty: warped.certainty)
            prior = warped
        }
        let last = try #require(prior)
        #expect(plan.longTermDistance(step: 0, sample: 0, frames: 2) == 2)
        let path = clip.motions[1].continued(by: clip.motions[0])
        let early = first.warped(by: path.flow, interpolation: .bicubic)
        func distance(from target: Image, _ certainty: Plane<Float>) -> Double {
            image.samples.indices.reduce(0) { sum, position in
                let difference = Double(image.samples[position] - target.samples[position])
                return sum + Double(certainty.values[position % 256]) * difference * difference / 768
            }
        }
        let pixel =
            (1 - longTermShare) * distance(from: last.image, last.certainty)
            + longTermShare * distance(from: early, path.certainty)
        let losses = try #require(trainer.history.first?.losses)
        #expect(pixel > 0 && abs(Double(losses.pixel) / pixel - 1) < 1e-3, "\(losses.pixel) for \(pixel)")
    }

    @Test func longTermDistancesCoverTheirRange() {
        let plan = TrainingPlan(TrainingSettings())
        #expect(plan.longTermDistance(step: 0, sample: 0, frames: 1) == nil)
        for (frames, range) in [(2, 2...2), (9, 2...9), (50, 2...20)] {
            let found = Set((0..<400).compactMap { plan.longTermDistance(step: $0, sample: 1, frames: frames) })
            #expect(found == Set(range))
        }
    }

    @Test func photographsMakeATraining() throws {
        let photographs = (0..<3).map { seed in
            let texture = MovingTexture(seed: UInt64(seed))
            return Photograph(
                TrainingCase.textured(texture, width: 90, height: 70, scale: 2).pictureSpace())
        }
        var sample = TrainingCase()
        sample.source = SyntheticSequences(photographs: Array(photographs.dropFirst()), seed: 0)
        sample.validation = Validation(heldOut: [photographs[0]], size: 24, interval: 4)
        let trainer = try sample.trainer()
        var reports: [ValidationReport] = []
        try trainer.run {
            if let report = $0.validation { reports.append(report) }
            return true
        }
        #expect(reports.map(\.step) == [4, 6] && reports == trainer.validations)
        #expect(reports[1].recursion.map(\.frames) == Validation.depths && reports[1].photographs != nil)
        #expect(Validation(heldOut: [], size: 24).clips.isEmpty)
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
