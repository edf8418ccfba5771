import Imaging
import NeuralNet
import Style
import TestSupport
import Testing
import Training

/// Training on several styles at once: shared convolutions, instance-norm parameters of each style.
@Suite struct SeparateStylesTests {
    private func sample(steps: Int) -> TrainingCase {
        var sample = TrainingCase()
        sample.settings.kind = .image
        sample.settings.architecture = "c3s1-4,d8,R8,U2,c3s1-3"
        sample.settings.separatesStyles = true
        sample.settings.length = .steps(steps)
        return sample
    }

    private func trainer(
        _ sample: TrainingCase, names: [String] = ["a", "b", "c"], initial: Model? = nil,
        from checkpoint: Checkpoint? = nil
    ) throws -> Trainer {
        let styles = [99, 7, 3].map {
            StyleImage(
                image: TrainingCase.textured(MovingTexture(seed: $0), width: 40, height: 36, scale: Int($0 % 5) + 2))
        }
        return try Trainer(
            settings: sample.settings, styles: styles, names: names, lossNetwork: TrainingCase.lossNetwork,
            source: sample.source, validation: sample.validation, initial: initial, checkpoint: checkpoint)
    }

    @Test func everyStyleHasItsTurn() {
        let plan = TrainingPlan(sample(steps: 1).settings)
        for round in 0..<20 {
            #expect(Set((0..<5).map { plan.style(at: 5 * round + $0, of: 5) }) == Set(0..<5))
        }
        #expect(Set((0..<20).map { round in (0..<5).map { plan.style(at: 5 * round + $0, of: 5) } }).count > 5)
        #expect((0..<9).allSatisfy { plan.style(at: $0, of: 1) == 0 })
    }

    @Test func stylesDifferInTheirNormsOnly() throws {
        let trainer = try trainer(sample(steps: 9))
        try trainer.run()
        let model = try Model(bytes: trainer.encodedModel())
        #expect(model.styles == ["a", "b", "c"])
        let parameters = try model.styles.map { try NetworkParameters(model.selecting($0)) }
        let ranges = NormRanges(parameters[0])
        #expect(Set(parameters.map { ranges.values(in: $0.values) }).count == 3)
        var last = parameters[2]
        ranges.store(ranges.values(in: parameters[0].values), in: &last.values)
        #expect(last.values == parameters[0].values)
    }

    /// A style keeps its norms from the initial model; a new one begins with those of the first. The kinds may differ.
    @Test func stylesBeginWithTheirOwnNorms() throws {
        let trained = try trainer(sample(steps: 9))
        try trained.run()
        let initial = try Model(bytes: trained.encodedModel())
        var video = sample(steps: 1)
        video.settings.kind = .video
        video.settings.architecture = nil
        video.settings.coherence = 0
        for sample in [sample(steps: 1), video] {
            let next = try trainer(sample, names: ["c", "new", "b"], initial: initial)
            let start = try Model(bytes: next.encodedModel())
            for (style, origin) in [("c", "c"), ("new", "a"), ("b", "b")] {
                let expected = try NetworkParameters(
                    description: start.selecting(style).description, adapting: initial.selecting(origin))
                #expect(try NetworkParameters(start.selecting(style)).values == expected.values, "\(style)")
            }
        }
    }

    @Test func resumingGivesTheSameBytes() throws {
        let sample = sample(steps: 8)
        let whole = try trainer(sample)
        try whole.run()
        let first = try trainer(sample)
        try first.run { $0.step < 4 }
        let folder = try TemporaryFolder()
        try first.checkpoint().write(to: folder.path("state"))
        let second = try trainer(sample, from: Checkpoint(contentsOf: folder.path("state")))
        #expect(second.step == 4)
        try second.run()
        #expect(try second.encodedModel() == whole.encodedModel())
        #expect(throws: TrainingError.self, "other styles") {
            try trainer(sample, names: ["a", "b"], from: first.checkpoint())
        }
    }

    @Test func validationCoversAllStyles() throws {
        var sample = sample(steps: 3)
        sample.validation = Validation(photographs: [TrainingCase.painting], interval: 3)
        let trainer = try trainer(sample)
        try trainer.run()
        let report = try #require(trainer.validations.last?.photographs)
        #expect(report.style > 0 && report.content > 0)
    }

    @Test func namesDiffer() {
        for names in [["a", "b"], ["a", "a", "b"], []] {
            #expect(throws: TrainingError.self) { try trainer(sample(steps: 1), names: names) }
        }
    }
}
