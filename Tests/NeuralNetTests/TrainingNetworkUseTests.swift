import Imaging
import NeuralNet
import ReferenceNetwork
import TestSupport
import Testing

/// What must not change gradients, and their use.
@Suite struct TrainingNetworkUseTests {
    private let description: ModelDescription
    private let parameters: NetworkParameters
    private let frame: Image
    private let prior: Image
    private let certainty: Plane<Float>
    private let gradient = randomImage(width: 44, height: 36, seed: 9)

    init() throws {
        description = ModelDescription(
            kind: .video, architecture: try Architecture(parsing: "c9s1-16,d32,d40,R40,R40d2,U2,c3s1-24,u16,c9s1-4"),
            padding: .replicate, isGated: true)
        parameters = try NetworkParameters(try Model(bytes: try Model.formulaBytes(description)))
        (frame, prior, certainty) = inputs(width: 44, height: 36)
    }

    private func network(threads: Int = 0, sharingWeightsOf other: TrainingNetwork? = nil) throws -> TrainingNetwork {
        let network = try TrainingNetwork(
            description: description, width: 44, height: 36, threads: threads, sharingWeightsOf: other)
        if other == nil { network.load(parameters.values) }
        return network
    }

    private func gradients(_ network: TrainingNetwork) throws -> [Float] {
        var gradients = [Float](repeating: 0, count: network.parameterCount)
        _ = try network.forward(frame: frame, prior: prior, certainty: certainty)
        try network.backward(gradient, into: &gradients)
        return gradients
    }

    @Test func threadsDoNotChangeABit() throws {
        let expected = try gradients(try network(threads: 1))
        for threads in [0, 2, 3, 7] { #expect(try gradients(try network(threads: threads)) == expected) }
    }

    @Test func everyVariantGivesTheSameGradients() throws {
        let expected = try ReferenceNetwork(model: try parameters.model(), width: 44, height: 36)
            .parameterGradients(gradient, frame: frame, prior: prior, certainty: certainty)
        let all = try withEachVariant { gradientErrors(try gradients(try network()), expected, parameters) }
        for errors in all {
            for (tensor, error) in errors { #expect(error < 1e-3, "\(tensor)") }
        }
    }

    @Test func outputsMatchInferenceNetwork() throws {
        let expected = try Network(model: try parameters.model(), width: 44, height: 36)
            .run(frame: frame, prior: prior, certainty: certainty)
        let network = try network()
        let image = try network.run(frame: frame, prior: prior, certainty: certainty)
        #expect(largestDifference(image.samples, expected.samples) < 1e-2, "weights are transformed in two ways")
        #expect(try network.forward(frame: frame, prior: prior, certainty: certainty) == image)
        #expect(try network.run(frame: frame) != image)
    }

    @Test func gradientsAreAdded() throws {
        let network = try network()
        let once = try gradients(network)
        var twice = [Float](repeating: 1, count: network.parameterCount)
        for _ in 0..<2 {
            _ = try network.run(frame: prior)
            _ = try network.forward(frame: frame, prior: prior, certainty: certainty)
            try network.backward(gradient, into: &twice)
        }
        let largest = once.map(abs).max() ?? 0
        #expect(largestDifference(twice, once.map { 1 + 2 * $0 }) < 1e-6 * largest + 1e-6)
    }

    /// Two forward passes, then both backward passes.
    @Test func networksShareWeights() throws {
        let first = try network()
        let second = try network(sharingWeightsOf: first)
        let expected = try gradients(first)
        var others = [Float](repeating: 0, count: first.parameterCount)
        _ = try first.forward(frame: prior)
        try first.backward(gradient, into: &others)

        _ = try first.forward(frame: frame, prior: prior, certainty: certainty)
        _ = try second.forward(frame: prior)
        var gradients = [Float](repeating: 0, count: first.parameterCount)
        try first.backward(gradient, into: &gradients)
        #expect(gradients == expected)
        gradients = [Float](repeating: 0, count: first.parameterCount)
        try second.backward(gradient, into: &gradients)
        #expect(gradients == others)

        let start = try NetworkParameters(random: description, seed: 2)
        second.load(start.values)
        #expect(try first.run(frame: frame) == second.run(frame: frame))
        #expect(try first.run(frame: frame) != network().run(frame: frame))
    }

    /// The change of a loss along its gradient with respect to each tensor, by central differences.
    @Test func finiteDifferences() throws {
        let network = try network()
        let gradients = try gradients(network)
        func loss(_ values: [Float]) throws -> Double {
            network.load(values)
            let image = try network.run(frame: frame, prior: prior, certainty: certainty)
            return zip(image.samples, gradient.samples).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        for tensor in parameters.tensors where !tensor.name.hasSuffix(".bias") {
            if tensor.name.hasSuffix("norm2.shift") { continue }  // removed by the next normalisation
            let norm = gradients[tensor.range].reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            let size = parameters.values[tensor.range].reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            var (ahead, behind) = (parameters.values, parameters.values)
            for index in tensor.range {
                let move = Float(Double(gradients[index]) / norm * size * 1e-3)
                ahead[index] += move
                behind[index] -= move
            }
            let slope = (try loss(ahead) - loss(behind)) / (2e-3 * size)
            #expect(abs(slope - norm) < 0.02 * norm, "\(tensor.name)")
        }
    }

    @Test func invalidSizesAndArchitecturesAreRejected() throws {
        #expect(throws: ModelError.self) { try TrainingNetwork(description: description, width: 0, height: 8) }
        #expect(throws: ModelError.self) { try TrainingNetwork(description: description, width: 8, height: 70000) }
        let growing = ModelDescription(kind: .video, architecture: try Architecture(parsing: "U2,c3s1-3"))
        #expect(throws: ModelError.self) { try TrainingNetwork(description: growing, width: 8, height: 8) }
    }
}
