import Imaging
import ModelFiles
import NeuralNet
import TestSupport
import Testing

/// The network against PyTorch: outputs of `Fixtures/make_network_cases.py`, weights and inputs from formulas.
@Suite struct NetworkCaseTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        var kind = ModelDescription.Kind.video
        let architecture: String
        let padding: Padding
        var isGated = false
        let width: Int
        let height: Int

        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "paper", architecture: "c9s1-32,d64,d128,R128,R128,R128,R128,R128,U2,c3s1-64,U2,c9s1-3",
            padding: .reflectStart, width: 48, height: 44),
        Case(
            name: "default", architecture: "c9s1-12,d20,d24,R24,R24,u20,u12,c9s1-3", padding: .reflectStart, width: 32,
            height: 20),
        Case(
            name: "dilated", architecture: "c5s1-18,d34,R34d2,c3s1d3-20,U2,c3s1-16,c7s1-4", padding: .reflect,
            isGated: true, width: 28, height: 40),
        Case(
            name: "repeated", kind: .image, architecture: "c9s1-16,d16,R16,U2,c9s1-3", padding: .replicate, width: 24,
            height: 36),
        Case(name: "zeros", architecture: "c3s2-17,d33,R33,R33,U4,c11s1-3", padding: .zero, width: 40, height: 24),
        Case(
            name: "unpadded", architecture: "c9s1-16,d24,R24,U2,c3s1-16,c5s1-3", padding: .none, width: 24, height: 28),
        Case(
            name: "skips", architecture: "c5s1-12,d16,d24,R24,B2,c3s1-16,+1,B2,c3s1-12,+0,c5s1-4", padding: .replicate,
            isGated: true, width: 44, height: 36),
        Case(
            name: "uneven", kind: .image, architecture: "c9s1-16,d24,d40,R40,U2,c3s1-24,U2,c9s1-3",
            padding: .reflectStart, width: 29, height: 23),
    ]

    /// 1e-4 of the output range of 150 * tanh.
    static let tolerance: Float = 0.03

    private let expected: [String: SafeTensors.Tensor]

    init() throws {
        expected = try SafeTensors(contentsOf: TestData.fixture("network-cases.safetensors", of: "NeuralNetTests"))
            .tensors
    }

    @Test(arguments: cases) func networkMatchesPyTorch(of testCase: Case) throws {
        let description = ModelDescription(
            kind: testCase.kind, architecture: try Architecture(parsing: testCase.architecture),
            padding: testCase.padding, isGated: testCase.isGated)
        let model = try Model(bytes: try Model.formulaBytes(description))
        try check(testCase.name, model, width: testCase.width, height: testCase.height)
    }

    @Test func shippedModelMatchesPyTorch() throws {
        let model = try Model(contentsOf: "\(TestData.repository)/Plugins/GstPentimento/Models/paintings.safetensors")
        #expect(model.description.isGated)
        try check("shipped", model.selecting("scream"), width: 52, height: 44)
    }

    private func check(_ name: String, _ model: Model, width: Int, height: Int) throws {
        let network = try Network(model: model, width: width, height: height)
        let (frame, prior, certainty) = inputs(width: width, height: height)
        let first = try #require(expected["\(name).first"])
        #expect(largestDifference(try network.run(frame: frame).samples, first.values) < Self.tolerance)
        if model.description.kind == .image { return }

        let next = try #require(expected["\(name).next"])
        let output = try network.run(frame: frame, prior: prior, certainty: certainty)
        #expect(largestDifference(output.samples, next.values) < Self.tolerance)
        #expect(largestDifference(first.values, next.values) > 1, "the prior makes a difference")
        if !model.description.isGated { return }

        let steady = try #require(expected["\(name).steady"])
        let steadier = try network.run(frame: frame, prior: prior, certainty: certainty, coherence: 1.5)
        #expect(largestDifference(steadier.samples, steady.values) < Self.tolerance)
        #expect(largestDifference(next.values, steady.values) > 1, "coherence makes a difference")
    }
}
