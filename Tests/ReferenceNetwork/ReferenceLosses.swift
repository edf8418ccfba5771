import NeuralNet

/// The reference implementation of a loss, in double precision, which the fast one is tested against.
package protocol ReferenceLoss: Sendable {
    /// L(x), for activations or for an image x.
    func value(_ input: ReferenceTensor) -> Double
    /// dL/dx.
    func gradient(_ input: ReferenceTensor) -> ReferenceTensor
}

/// The reference implementation of `ContentLoss`.
package struct ReferenceContentLoss: ReferenceLoss {
    private let target: ReferenceTensor

    package init(target: ReferenceTensor) { self.target = target }

    package func value(_ input: ReferenceTensor) -> Double {
        input.combined(with: target) { ($0 - $1) * ($0 - $1) }.values.reduce(0, +) / Double(input.values.count)
    }

    package func gradient(_ input: ReferenceTensor) -> ReferenceTensor {
        input.combined(with: target) { 2 * ($0 - $1) / Double(input.values.count) }
    }
}

/// The reference implementation of `StyleLoss`.
package struct ReferenceStyleLoss: ReferenceLoss {
    private let target: [Double]

    /// - Parameter target: A, [N][N].
    package init(target: [Double]) { self.target = target }

    package func value(_ input: ReferenceTensor) -> Double {
        difference(input).reduce(0) { $0 + $1 * $1 } / Double(target.count)
    }

    /// The factor 4 is 2 from the square times 2, because both factors of F F^T depend on F and G - A is symmetric.
    package func gradient(_ input: ReferenceTensor) -> ReferenceTensor {
        let difference = difference(input)
        let factor = 4 / (Double(target.count) * Double(input.values.count))
        return ReferenceTensor(channels: input.channels, height: input.height, width: input.width) { row, plane in
            for column in 0..<input.channels {
                let entry = factor * difference[row * input.channels + column]
                let other = input.range(ofChannel: column).lowerBound
                for pixel in plane.indices { plane[pixel] += entry * input.values[other + pixel] }
            }
        }
    }

    /// G / (N M).
    package static func normalizedGramMatrix(_ features: ReferenceTensor) -> [Double] {
        ReferenceTensor(channels: features.channels, height: 1, width: features.channels) { row, entries in
            let first = features.range(ofChannel: row).lowerBound
            for column in entries.indices {
                let second = features.range(ofChannel: column).lowerBound
                var sum = 0.0
                for pixel in 0..<features.pixelCount {
                    sum += features.values[first + pixel] * features.values[second + pixel]
                }
                entries[column] = sum / Double(features.values.count)
            }
        }.values
    }

    private func difference(_ input: ReferenceTensor) -> [Double] {
        zip(Self.normalizedGramMatrix(input), target).map { $0 - $1 }
    }
}

/// The reference implementation of `TemporalLoss`.
package struct ReferenceTemporalLoss: ReferenceLoss {
    private let target: ReferenceTensor
    /// One channel.
    private let certainty: ReferenceTensor
    private let penalty: TemporalPenalty

    package init(target: ReferenceTensor, certainty: ReferenceTensor, penalty: TemporalPenalty) {
        self.target = target
        self.certainty = certainty
        self.penalty = penalty
    }

    package func value(_ input: ReferenceTensor) -> Double {
        let penalties = input.combined(with: target) { x, w in penalty == .squared ? (x - w) * (x - w) : abs(x - w) }
        return weighted(penalties).values.reduce(0, +)
    }

    package func gradient(_ input: ReferenceTensor) -> ReferenceTensor {
        weighted(
            input.combined(with: target) { x, w in
                penalty == .squared ? 2 * (x - w) : x > w ? 1 : x < w ? -1 : 0
            })
    }

    /// Each value times its pixel's certainty, divided by the number of values.
    private func weighted(_ tensor: ReferenceTensor) -> ReferenceTensor {
        var result = tensor
        for index in tensor.values.indices {
            result.values[index] *= certainty.values[index % tensor.pixelCount] / Double(tensor.values.count)
        }
        return result
    }
}

/// The reference implementation of `TotalVariation`.
package struct ReferenceTotalVariation: ReferenceLoss {
    package init() {}

    package func value(_ input: ReferenceTensor) -> Double {
        var sum = 0.0
        forEachPair(of: input) { one, other in
            let difference = input.values[one] - input.values[other]
            sum += difference * difference / 2
        }
        return sum
    }

    package func gradient(_ input: ReferenceTensor) -> ReferenceTensor {
        var result = ReferenceTensor(channels: input.channels, height: input.height, width: input.width)
        forEachPair(of: input) { one, other in
            let difference = input.values[one] - input.values[other]
            result.values[one] += difference
            result.values[other] -= difference
        }
        return result
    }

    /// Calls `body` with the indices of each pair of neighbours.
    private func forEachPair(of tensor: ReferenceTensor, _ body: (Int, Int) -> Void) {
        for index in tensor.values.indices {
            if index % tensor.width + 1 < tensor.width { body(index, index + 1) }
            if index / tensor.width % tensor.height + 1 < tensor.height { body(index, index + tensor.width) }
        }
    }
}
