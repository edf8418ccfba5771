import Imaging
import NeuralNet
import Style
import TestSupport
import Testing
import Training

/// Training of a new style that begins with a model of several.
@Suite struct AdaptationTests {
    private static let names = ["a", "b", "c"]

    private func sample(steps: Int) -> TrainingCase {
        var sample = TrainingCase()
        sample.settings.kind = .image
        sample.settings.architecture = "c3s1-4,d8,R8,U2,c3s1-3"
        sample.settings.length = .steps(steps)
        sample.settings.coherence = 0
        sample.validation = Validation(photographs: [TrainingCase.painting], interval: 1000)
        return sample
    }

    private func style(_ seed: UInt64) -> StyleImage {
        StyleImage(image: TrainingCase.textured(MovingTexture(seed: seed), width: 40, height: 36, scale: 4))
    }

    /// Three styles whose norms differ clearly.
    private func initial() throws -> Model {
        var sample = sample(steps: 12)
        sample.settings.separatesStyles = true
        let trainer = try Trainer(
            settings: sample.settings, styles: [style(99), style(7), style(3)], names: Self.names,
            lossNetwork: TrainingCase.lossNetwork, source: sample.source)
        try trainer.run()
        return try Model(bytes: trainer.encodedModel())
    }

    private func trainer(_ sample: TrainingCase, _ painting: StyleImage, initial: Model) throws -> Trainer {
        try Trainer(
            settings: sample.settings, styles: [painting], lossNetwork: TrainingCase.lossNetwork,
            source: sample.source, validation: sample.validation, initial: initial)
    }

    @Test(arguments: [UInt64(99), 7, 3, 12]) func aStyleBeginsWithTheNearest(seed: UInt64) throws {
        let (sample, initial) = (sample(steps: 1), try initial())
        let validation = try #require(sample.validation)
        let losses = try Self.names.map { name in
            try #require(
                validation.report(
                    of: initial.selecting(name), settings: sample.settings, styles: [style(seed)],
                    lossNetwork: TrainingCase.lossNetwork
                ).photographs
            ).style
        }
        let nearest = try #require(losses.indices.min { losses[$0] < losses[$1] })
        let start = try Model(bytes: trainer(sample, style(seed), initial: initial).encodedModel())
        let isNearest =
            try NetworkParameters(start).values == NetworkParameters(initial.selecting(Self.names[nearest])).values
        #expect(isNearest)
    }

    @Test func withoutPhotographsItBeginsWithTheFirst() throws {
        var sample = sample(steps: 1)
        sample.validation = nil
        let initial = try initial()
        let start = try Model(bytes: trainer(sample, style(3), initial: initial).encodedModel())
        let isFirst = try NetworkParameters(start).values == NetworkParameters(initial.selecting("a")).values
        #expect(isFirst)
    }

    @Test func convolutionsLearnAtTheirOwnRate() throws {
        let initial = try initial()
        /// Largest change of the norms, and of the other parameters, in the first step of Adam.
        func changes(_ rate: FactorSchedule?) throws -> (norms: Float, others: Float) {
            var sample = sample(steps: 1)
            sample.settings.convolutionRate = rate
            let trainer = try trainer(sample, style(12), initial: initial)
            let before = try NetworkParameters(Model(bytes: trainer.encodedModel()))
            try trainer.run()
            let after = try NetworkParameters(Model(bytes: trainer.encodedModel()))
            let ranges = NormRanges(before)
            func largest(_ parameters: (NetworkParameters) -> [Float]) -> Float {
                zip(parameters(before), parameters(after)).map { abs($0 - $1) }.max() ?? 0
            }
            let norms = largest { ranges.values(in: $0.values) }
            let others = largest {
                var values = $0.values
                ranges.store(Array(repeating: 0, count: ranges.count), in: &values)
                return values
            }
            return (norms, others)
        }
        let rate = Float(sample(steps: 1).settings.learningRate)
        let fixed = try changes(FactorSchedule(parsing: "0%:0"))
        #expect(fixed.others == 0 && abs(fixed.norms - rate) < 0.01 * rate)
        let adapting = try changes(nil)
        #expect(abs(adapting.others - 0.1 * rate) < 0.01 * rate && abs(adapting.norms - rate) < 0.01 * rate)
        let constant = try changes(.constant)
        #expect(abs(constant.others - rate) < 0.01 * rate)
    }
}
