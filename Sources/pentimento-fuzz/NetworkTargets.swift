import Imaging
import NeuralNet

/// Parses architecture strings and runs the network, forward and backward.
let networkTargets: [any FuzzTarget] = [
    textTarget("architecture", words: architectureWords, seeds: architectureSeeds) { text in
        let words = text.split(separator: " ", maxSplits: 1)
        let architecture = try Architecture(parsing: String(words.first ?? ""))
        // The second word determines the remaining parameters.
        let choice = Int((words.dropFirst().first ?? "").utf8.reduce(UInt8(0)) { $0 &* 31 &+ $1 })
        let padding = Padding.allCases[choice % Padding.allCases.count]
        let (width, height) = (1 + choice % 23, 1 + choice / 11)
        let description = ModelDescription(
            kind: choice % 3 == 0 ? .image : .video, architecture: architecture, padding: padding,
            isGated: architecture.outputChannels == 4 && choice % 3 != 0)
        guard cost(of: architecture, pixels: width * height) < 200_000_000 else { return }
        let model = try Model(bytes: Model.formulaBytes(description))
        let frame = Image(width: width, height: height, repeating: 1)
        let certainty = Plane<Float>(width: width, height: height, repeating: 1)
        if let network = try? Network(model: model, width: width, height: height, threads: 2) {
            _ = try? network.run(frame: frame, prior: frame, certainty: certainty)
        }
        let training = try TrainingNetwork(description: description, width: width, height: height, threads: 2)
        _ = try training.forward(frame: frame, prior: frame, certainty: certainty)
        var gradients = [Float](repeating: 0, count: training.parameterCount)
        try training.backward(frame, into: &gradients)
    }
]

private let architectureWords = [
    "c9s1-16", "d32", "R64", "U2", "B2", "u16", "+1",
    "c3s1-4", "c3s1d2-8", "R8d2", "U4", "U8", ",", "-4", "-3", "c31s1-",
    "s8",
    "128",
    "528", "144", "2048",
]

private let architectureSeeds = [
    "c9s1-16,d32,d64,R64,U2,c3s1-32,U2,c9s1-4 a", "U2,c3s1-528,c3s1-3 b", "U4,c3s1-144,c3s1-3 c", "u576,d8,c3s1-4 d",
    "c3s1-16,d16,d16,U4,c31s1-160,c3s1-4 e", "c3s1-5,R5,c1s1-3 f",
    "c3s1-16,d24,d24,U2,c3s1-24,+1,U2,c3s1-16,+0,c3s1-4 i", "c3s1-5,B2,c5s1-8,d8,B3,c3s1-4,d4,c3s1-4 h",
    "c5s2-18,c3s1d2-34,R34d3,u20,c7s1-3 g",
]

/// Approximate number of multiplications of a run. Expensive networks are skipped.
private func cost(of architecture: Architecture, pixels: Int) -> Double {
    var channels = 7.0
    var scale = 1.0
    var cost = 0.0
    for layer in architecture.layers {
        switch layer {
        case .convolution(let kernel, let stride, _, let outputs):
            scale /= Double(stride * stride)
            cost += Double(kernel * kernel) * (channels + 16) * Double(outputs + 16) * max(scale, 1 / Double(pixels))
            channels = Double(outputs)
        case .residual(let count, _):
            cost += 18 * Double(count + 16) * Double(count + 16) * max(scale, 1 / Double(pixels))
        case .upsampling(let factor), .bilinearUpsampling(let factor): scale *= Double(factor * factor)
        case .sum: break
        case .fractionalConvolution(let outputs):
            cost += 9 * (channels + 16) * Double(outputs + 16) * max(scale, 1 / Double(pixels))
            scale *= 4
            channels = Double(outputs)
        }
    }
    return cost * Double(pixels)
}
