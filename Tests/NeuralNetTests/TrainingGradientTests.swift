import Imaging
import ModelFiles
import NeuralNet
import TestSupport
import Testing

/// The gradients of whole networks against PyTorch: outputs of `Fixtures/make_training_gradients.py`, with weights and
/// inputs from formulas. The loss is the sum of output times frame / 100.
@Suite struct TrainingGradientTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        var kind = ModelDescription.Kind.video
        let architecture: String
        let padding: Padding
        var isGated = false
        var hasPrior = true
        let width: Int
        let height: Int

        var testDescription: String { name }
    }

    static let small = [
        Case(
            name: "gated", architecture: "c5s1-6,d10,R10,U2,c3s1-7,c5s1-4", padding: .replicate, isGated: true,
            width: 28, height: 20),
        Case(
            name: "first", architecture: "c5s1-6,d10,R10,U2,c3s1-7,c5s1-4", padding: .replicate, isGated: true,
            hasPrior: false, width: 28, height: 20),
        Case(
            name: "image", kind: .image, architecture: "c3s1-6,d8,R8,R8,u6,c3s1-3", padding: .zero, width: 24,
            height: 28),
        Case(
            name: "skips", architecture: "c5s1-6,d8,d10,R10,B2,c3s1-8,+1,B2,c3s1-6,+0,c5s1-4", padding: .replicate,
            isGated: true, width: 28, height: 20),
        Case(name: "dilated", architecture: "c3s1d2-9,R9d2,c3s1-3", padding: .reflect, width: 24, height: 20),
        Case(name: "cropped", architecture: "c3s1-5,d6,d8,R8,U4,c3s1-3", padding: .reflectStart, width: 25, height: 23),
    ]

    private let fixture: [String: SafeTensors.Tensor]

    init() throws {
        fixture = try SafeTensors(
            contentsOf: TestData.fixture("training-gradients.safetensors", of: "NeuralNetTests")
        ).tensors
    }

    @Test(arguments: small) func smallNetworks(of testCase: Case) throws {
        let (parameters, gradients) = try gradients(of: testCase)
        let expected = try parameters.tensors.map { tensor in
            try #require(fixture["\(testCase.name)/\(tensor.name)"]).values.map(Double.init)
        }
        for (tensor, error) in gradientErrors(gradients, expected, parameters) {
            #expect(error < 1e-3, "\(tensor)")
        }
    }

    /// For each tensor the gradient's norm, and its inner product with numbers from the formula.
    @Test(arguments: [
        ("default", "c5s1-8,d24,d48,R48,R48,R48,R48,B2,c3s1-24,+1,B2,c5s1-4"),
        ("first-default", "c9s1-16,d32,d64,R64,R64,R64,R64,R64,U2,c3s1-32,U2,c9s1-4"),
    ])
    func defaultNetworks(name: String, architecture: String) throws {
        let (parameters, gradients) = try gradients(
            of: Case(
                name: name, architecture: architecture, padding: .replicate, isGated: true, width: 48, height: 44))
        for (index, tensor) in parameters.tensors.enumerated() where !tensor.name.hasSuffix(".bias") {
            let expected = try #require(fixture["\(name)/\(tensor.name)"]).values.map(Double.init)
            let values = zip(gradients[tensor.range], reductions(of: tensor, in: parameters)).map { Double($0) * $1 }
            let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            var state = UInt32(1001 + index)
            let scale = (3 / Double(tensor.range.count / tensor.shape[0])).squareRoot()
            var product = 0.0
            for value in values {
                state = state &* 1_664_525 &+ 1_013_904_223
                product += value * (Double((state >> 8) % 2001) / 1000 - 1) * scale
            }
            if tensor.name.hasSuffix("norm2.shift") { continue }  // removed by the next normalisation
            #expect(abs(norm - expected[0]) < 2e-3 * expected[0], "\(tensor.name)")
            #expect(abs(product - expected[1]) < 2e-3 * expected[0], "\(tensor.name)")
        }
    }

    private func gradients(of testCase: Case) throws -> (NetworkParameters, [Float]) {
        let description = ModelDescription(
            kind: testCase.kind, architecture: try Architecture(parsing: testCase.architecture),
            padding: testCase.padding, isGated: testCase.isGated)
        let parameters = try NetworkParameters(try Model(bytes: try Model.formulaBytes(description)))
        let network = try TrainingNetwork(
            description: description, width: testCase.width, height: testCase.height)
        network.load(parameters.values)
        let (frame, prior, certainty) = inputs(width: testCase.width, height: testCase.height)
        _ = try network.forward(
            frame: frame, prior: testCase.hasPrior ? prior : nil, certainty: testCase.hasPrior ? certainty : nil)
        var gradients = [Float](repeating: 0, count: network.parameterCount)
        let gradient = Image(
            width: testCase.width, height: testCase.height, samples: frame.samples.map { $0 / 100 })
        try network.backward(gradient, into: &gradients)
        return (parameters, gradients)
    }
}
