/// The state of the Adam optimiser (Kingma and Ba 2015), and its steps, as in PyTorch.
///
/// The state can be saved and restored: with the same state, parameters and gradients, further steps are bit-identical.
/// Results do not depend on the number of threads.
public struct AdamState: Sendable, Equatable {
    /// The number of steps taken.
    public private(set) var steps: Int
    /// The running mean of the gradient.
    public private(set) var mean: [Float]
    /// The running mean of the gradient's square.
    public private(set) var square: [Float]
    /// Decay rates (beta) of the running means of the gradient and of its square, 0..<1.
    private let keepMean: Double
    private let keepSquare: Double
    /// Added to the root of the mean square.
    private let epsilon: Double

    /// - Parameters:
    ///   - count: the number of parameters.
    ///   - decay: decay rates (beta) of the running means of the gradient and of its square, 0..<1.
    ///   - epsilon: added to the root of the mean square.
    public init(count: Int, decay: (first: Double, second: Double) = (0.9, 0.999), epsilon: Double = 1e-8) {
        self.init(
            mean: [Float](repeating: 0, count: count), square: [Float](repeating: 0, count: count), steps: 0,
            decay: decay, epsilon: epsilon)
    }

    /// Restores a saved state.
    ///
    /// - Precondition: `mean` and `square` have the same length.
    public init(
        mean: [Float], square: [Float], steps: Int, decay: (first: Double, second: Double) = (0.9, 0.999),
        epsilon: Double = 1e-8
    ) {
        precondition(mean.count == square.count, "Adam keeps a mean and a mean square of each parameter")
        self.mean = mean
        self.square = square
        self.steps = steps
        keepMean = decay.first
        keepSquare = decay.second
        self.epsilon = epsilon
    }

    /// Updates the parameters by one step.
    ///
    /// - Parameters:
    ///   - gradient: with respect to `parameters`.
    ///   - rate: the learning rate: the approximate change of each parameter in a step.
    ///   - threads: the maximum number of threads; 0: one for each processor.
    /// - Precondition: both have as many elements as the state.
    public mutating func step(_ parameters: inout [Float], gradient: [Float], rate: Double, threads: Int = 0) {
        precondition(parameters.count == mean.count, "Adam was made for another number of parameters")
        parameters.withUnsafeMutableBufferPointer { parameters in
            step(from: UnsafeBufferPointer(parameters), to: parameters, gradient, rate, threads)
        }
    }

    /// Writes the result of the step from `point` to `target`.
    mutating func step(
        from point: [Float], to target: inout [Float], gradient: [Float], rate: Double, threads: Int
    ) {
        target.withUnsafeMutableBufferPointer { target in
            point.withUnsafeBufferPointer { step(from: $0, to: target, gradient, rate, threads) }
        }
    }

    private mutating func step(
        from point: UnsafeBufferPointer<Float>, to target: UnsafeMutableBufferPointer<Float>, _ gradient: [Float],
        _ rate: Double, _ threads: Int
    ) {
        precondition(point.count == mean.count && target.count == mean.count && gradient.count == mean.count)
        steps += 1
        let keep = (first: Float(keepMean), second: Float(keepSquare))
        let take = (first: Float(1 - keepMean), second: Float(1 - keepSquare))
        // Bias correction: both means start at zero.
        let rate = Float(rate / (1 - power(keepMean, steps)))
        let scale = Float((1 - power(keepSquare, steps)).squareRoot())
        let epsilon = Float(epsilon)
        mean.withUnsafeMutableBufferPointer { mean in
            square.withUnsafeMutableBufferPointer { square in
                let (mean, square) = (mean, square)
                gradient.withUnsafeBufferPointer { gradient in
                    parallelChunks(point.count, threads: threads) { range in
                        for i in range {
                            let slope = gradient[i]
                            mean[i] = keep.first * mean[i] + take.first * slope
                            square[i] = keep.second * square[i] + take.second * slope * slope
                            target[i] = point[i] - rate * mean[i] / (square[i].squareRoot() / scale + epsilon)
                        }
                    }
                }
            }
        }
    }

    private func power(_ base: Double, _ exponent: Int) -> Double {
        var (result, base, exponent) = (1.0, base, exponent)
        while exponent > 0 {
            if exponent & 1 == 1 { result *= base }
            base *= base
            exponent >>= 1
        }
        return result
    }
}
