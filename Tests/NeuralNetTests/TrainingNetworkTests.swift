import CKernels
import Imaging
import NeuralNet
import ReferenceNetwork
import TestSupport
import Testing

/// The fast backward pass against the reference implementation, with every kind of layer and padding.
@Suite struct TrainingNetworkTests {
    static let architectures = [
        "c9s1-16,d32,R32,U2,c3s1-16,c9s1-3",
        "c9s1-8,d20,d33,R33,R33,U2,c3s1-17,U2,c9s1-4",
        "c3s1-5,R5,c1s1-3",
        "c3s1-16,d24,R24,d40,R40,U2,c3s1-24,+2,U2,c3s1-16,+0,c3s1-4",
        "c5s1-20,c3s1-20,+0,c3s1-20,R20,c3s1-20,+3,c3s1-3",
        "c5s2-18,c3s1d2-34,R34d3,u20,c7s1-3",
        "c9s1-16,d24,d40,R40,u24,u16,c9s1-4",
        "R7,U2,R7,d40,U3,c3s3-16,u3,c3s2-4",
        "U2,c5s2-20,c9s1-3",
        "c11s1-20,U4,c5s4-3",
        "u16,d40,c3s1-3",
        "c3s1-20,R20,R20,R20,u3",
        "c9s1-40,c9s1-4",
    ]

    @Test(arguments: EngineTests.bilinear) func gradientsThroughBilinearUpsampling(text: String) throws {
        try gradientsMatchReference(text: text, padding: .replicate)
    }

    @Test(arguments: architectures, Padding.allCases)
    func gradientsMatchReference(text: String, padding: Padding) throws {
        let architecture = try Architecture(parsing: text)
        let description = ModelDescription(
            kind: .video, architecture: architecture, padding: padding, isGated: text.hasSuffix("-4"))
        for (width, height) in [(24, 20), (37, 22)] {
            let parameters = try NetworkParameters(try Model(bytes: try Model.formulaBytes(description)))
            guard let reference = try? ReferenceNetwork(model: try parameters.model(), width: width, height: height)
            else {
                continue
            }
            let network = try TrainingNetwork(description: description, width: width, height: height)
            network.load(parameters.values)
            let (frame, prior, certainty) = inputs(width: width, height: height)
            let image = try network.forward(frame: frame, prior: prior, certainty: certainty)
            let expectedImage = reference.run(frame: frame, prior: prior, certainty: certainty)
            #expect(largestDifference(image.samples, expectedImage.samples) < 0.03)

            let gradient = randomImage(width: width, height: height, seed: 4)
            var gradients = [Float](repeating: 0, count: network.parameterCount)
            try network.backward(gradient, into: &gradients)
            let expected = reference.parameterGradients(gradient, frame: frame, prior: prior, certainty: certainty)
            for (tensor, error) in gradientErrors(gradients, expected, parameters) {
                #expect(error < 1e-3, "\(error): \(tensor) of \(text), \(padding), \(width)x\(height)")
            }
        }
    }
}

/// The errors of gradients against those with respect to the model's tensors. They are relative to the largest value of
/// each tensor, or to a thousandth of the largest of its kind: a bias or shift before a normalisation has a gradient of
/// 0, except for rounding errors.
func gradientErrors(
    _ gradients: [Float], _ expected: [[Double]], _ parameters: NetworkParameters
) -> [(tensor: String, error: Double)] {
    let wanted = zip(parameters.tensors, expected).map { tensor, values in
        zip(values, reductions(of: tensor, in: parameters)).map { $0 / $1 }
    }
    func kind(_ tensor: NetworkParameters.Tensor) -> Substring { tensor.name.split(separator: ".").last ?? "" }
    return zip(parameters.tensors, wanted).map { tensor, values in
        let peers = zip(parameters.tensors, wanted).filter { kind($0.0) == kind(tensor) }
        let largest = peers.flatMap { $0.1.map(abs) }.max() ?? 0
        let scale = max(values.map(abs).max() ?? 0, largest / 1000)
        let difference = zip(gradients[tensor.range], values).map { abs(Double($0) - $1) }.max() ?? .infinity
        return (tensor.name, values.count == tensor.range.count ? difference / scale : .infinity)
    }
}

/// The divisor of each value of a tensor between the parameter vector and the network.
func reductions(of tensor: NetworkParameters.Tensor, in parameters: NetworkParameters) -> [Double] {
    let isLast = tensor.name.hasPrefix("\(parameters.description.architecture.layers.count - 1).")
    return (0..<tensor.range.count).map { index in
        let isGate = index / (tensor.range.count / tensor.shape[0]) == 3
        return isLast ? Double(isGate ? NetworkParameters.gateReduction : NetworkParameters.colorReduction) : 1
    }
}
