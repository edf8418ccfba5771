import NeuralNet
import ReferenceNetwork
import TestSupport
import Testing

/// Pseudo-random numbers in -1...1, the same in every run.
func noise(_ count: Int, seed: UInt64 = 1) -> [Double] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Double.random(in: -1...1, using: &generator) }
}

func noise(channels: Int, height: Int, width: Int, seed: UInt64 = 1) -> ReferenceTensor {
    ReferenceTensor(
        channels: channels, height: height, width: width, values: noise(channels * height * width, seed: seed))
}

/// Central differences of a function of many variables.
func finiteDifferences(
    at point: [Double], step: Double = 1e-5, of function: ([Double]) -> Double
) -> [Double] {
    point.indices.map { index in
        var ahead = point
        var behind = point
        ahead[index] += step
        behind[index] -= step
        return (function(ahead) - function(behind)) / (2 * step)
    }
}

/// The largest difference of two lists over the largest value of the second; infinite if they cannot be
/// compared.
func relativeDifference(_ values: [Double], _ expected: [Double]) -> Double {
    guard values.count == expected.count, let scale = expected.map(abs).max(), scale > 0 else { return .infinity }
    return zip(values, expected).reduce(0) { largest, pair in
        let difference = abs(pair.0 - pair.1) / scale
        return difference <= largest ? largest : difference.isNaN ? .infinity : difference
    }
}

extension ReferenceLayer {
    /// The largest error of the layer's gradients, with respect to the input and all parameters, against finite
    /// differences of a randomly weighted sum of its output. Relative to the largest of all gradients, because some are
    /// zero (of a bias before a normalisation).
    func largestGradientError(at input: ReferenceTensor) -> Double {
        let output = forward(input)
        let direction = noise(channels: output.channels, height: output.height, width: output.width, seed: 99)
        func along(_ layer: Self, _ input: ReferenceTensor) -> Double {
            zip(layer.forward(input).values, direction.values).reduce(0) { $0 + $1.0 * $1.1 }
        }
        var gradients = [backward(direction, input: input).values]
        var differences = [
            finiteDifferences(at: input.values) { values in
                var changed = input
                changed.values = values
                return along(self, changed)
            }
        ]
        gradients += parameterGradients(direction, input: input)
        for index in parameters.indices {
            differences.append(
                finiteDifferences(at: parameters[index]) { values in
                    var changed = self
                    changed.parameters[index] = values
                    return along(changed, input)
                })
        }
        guard gradients.map(\.count) == differences.map(\.count) else { return .infinity }
        return relativeDifference(gradients.flatMap { $0 }, differences.flatMap { $0 })
    }
}

extension ReferenceLoss {
    /// The largest relative error of the loss's gradient against finite differences of its value.
    func largestGradientError(at input: ReferenceTensor) -> Double {
        relativeDifference(
            gradient(input).values,
            finiteDifferences(at: input.values) { values in
                var changed = input
                changed.values = values
                return value(changed)
            })
    }
}
