import Imaging
import NeuralNet
import TestSupport
import Testing

@Suite struct NetworkParametersTests {
    static func description(
        _ text: String = "c9s1-4,d6,R6,U2,c3s1-5,c3s1-4", kind: ModelDescription.Kind = .video, isGated: Bool = true
    ) throws -> ModelDescription {
        ModelDescription(
            kind: kind, architecture: try Architecture(parsing: text), padding: .replicate, isGated: isGated)
    }

    @Test func modelRoundTripIsExact() throws {
        let bytes = try Model.formulaBytes(try Self.description(), seed: 5)
        #expect(try NetworkParameters(try Model(bytes: bytes)).encoded() == bytes)
    }

    @Test func initialParameters() throws {
        let start = try NetworkParameters(random: try Self.description(), seed: 3)
        #expect(start.values == (try NetworkParameters(random: try Self.description(), seed: 3)).values)
        #expect(start.values != (try NetworkParameters(random: try Self.description(), seed: 4)).values)
        func values(_ name: String) throws -> ArraySlice<Float> {
            start.values[try #require(start.tensors.first { $0.name == name }).range]
        }
        let limit = 1 / Float(7 * 81).squareRoot()
        #expect(try values("0.conv.weight").map(abs).max() ?? 0 > 0.98 * limit)
        #expect(try (values("0.conv.weight") + values("0.conv.bias")).allSatisfy { abs($0) <= limit })
        let mean = try values("0.conv.weight").reduce(0, +) / Float(7 * 81 * 4)
        #expect(abs(mean) < 0.1 * limit)
        #expect(try values("2.norm2.scale").allSatisfy { $0 == 1 })
        #expect(try values("2.norm2.shift").allSatisfy { $0 == 0 })
        let last = try values("5.conv.weight")
        #expect(last.suffix(45).allSatisfy { $0 == 0 } && last.prefix(135).allSatisfy { $0 != 0 }, "the gate's are 0")
        #expect(try values("5.conv.bias").last == 0)
    }

    /// The initial output is nearly grey, and shows half of a prior with certainty 1.
    @Test func theGateStartsHalfOpen() throws {
        let start = try NetworkParameters(random: try Self.description(), seed: 1)
        let network = try TrainingNetwork(description: start.description, width: 12, height: 8)
        network.load(start.values)
        let (frame, prior, certainty) = inputs(width: 12, height: 8)
        let image = try network.run(frame: frame, prior: prior, certainty: certainty)
        for (index, value) in image.samples.enumerated() {
            #expect(abs(value - 0.5 * certainty.values[index % 96] * prior.samples[index]) < 2)
        }
    }

    @Test func gateIsAddedOrDropped() throws {
        let plain = try Model(
            bytes: try Model.formulaBytes(try Self.description("c3s1-4,R4,c3s1-3", kind: .image, isGated: false)))
        let gated = try NetworkParameters(
            description: try Self.description("c3s1-4,R4,c3s1-4"), adapting: plain)
        let back = try NetworkParameters(description: plain.description, adapting: try gated.model())
        #expect(back.encoded() == (try NetworkParameters(plain)).encoded())

        let (frame, prior, certainty) = inputs(width: 9, height: 8)
        let expected = try Network(model: plain, width: 9, height: 8).run(frame: frame)
        let network = try Network(model: try gated.model(), width: 9, height: 8)
        #expect(largestDifference(try network.run(frame: frame).samples, expected.samples) < 1e-3)
        let mixed = try network.run(frame: frame, prior: prior, certainty: certainty)
        for index in mixed.samples.indices {
            let share = certainty.values[index % 72] / 2
            let wanted = (1 - share) * expected.samples[index] + share * prior.samples[index]
            #expect(abs(mixed.samples[index] - wanted) < 1e-2)
        }
    }

    @Test(arguments: ["c3s1-4,R4,R4,c3s1-4", "c3s1-5,R5,c3s1-4", "c5s1-4,R4,c3s1-4", "c3s1-4,c3s1-4,c3s1-4"])
    func differentArchitectureIsRejected(text: String) throws {
        let model = try Model(bytes: try Model.formulaBytes(try Self.description("c3s1-4,R4,c3s1-4")))
        let error = #expect(throws: ModelError.self) {
            try NetworkParameters(description: try Self.description(text), adapting: model)
        }
        #expect(error?.description.contains("cannot start from") == true)
    }

    @Test func wrongCountsAreRejected() throws {
        #expect(throws: ModelError.self) {
            try NetworkParameters(description: try Self.description(), values: [1, 2, 3])
        }
    }
}
