import Imaging
import ModelFiles
import NeuralNet
import TestSupport
import Testing

/// A model trained elsewhere, against the test case published with it, which PyTorch computed.
@Suite struct SharedCaseTests {
    @Test func modelMatchesPublishedCase() throws {
        let path = try TestData.real("models/scream-case.safetensors")
        let file = try TestData.real("models/scream.safetensors")
        let model = try Model(contentsOf: file)
        let cases = try SafeTensors(contentsOf: path).tensors
        for name in ["first", "next"] {
            let input = try #require(cases["\(name).input"])
            let expected = try #require(cases["\(name).output"])
            let (height, width) = (input.shape[2], input.shape[3])
            let pixels = width * height
            let network = try Network(model: model, width: width, height: height)
            let output = try network.run(
                frame: Image(width: width, height: height, samples: Array(input.values[..<(3 * pixels)])),
                prior: Image(width: width, height: height, samples: Array(input.values[(3 * pixels)..<(6 * pixels)])),
                certainty: Plane(width: width, height: height, values: Array(input.values[(6 * pixels)...])))
            #expect(largestDifference(output.samples, expected.values) < 0.03, "1e-4 of the range of 300, \(name)")
        }
    }
}

/// The largest absolute difference; infinite if the counts differ or a value is NaN.
func largestDifference(_ first: [Float], _ second: [Float]) -> Float {
    guard first.count == second.count else { return .infinity }
    return zip(first, second).reduce(0) { largest, pair in
        let difference = abs(pair.0 - pair.1)
        return difference.isNaN ? .infinity : max(largest, difference)
    }
}
