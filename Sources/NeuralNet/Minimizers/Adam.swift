import Imaging

/// Gradient descent whose steps are scaled by running means of the gradient and of its square (Kingma and Ba 2015), as in PyTorch.
public final class Adam: Minimizer {
    private let learningRate: Double
    private let decay: (first: Double, second: Double)
    private let epsilon: Double
    private let threads: Int
    private var steps = 0
    /// Whether `trial` already is where the next step goes: so it is after an objective that threw there.
    private var isTrialSet = false
    private var isStarted = false
    private var gradient: [Float] = []
    private var trial: [Float] = []
    private var mean: [Float] = []
    private var square: [Float] = []

    /// - Parameters:
    ///   - learningRate: about how far a step moves each variable.
    ///   - decay: what remains of the running means of the gradient and of its square in a step, 0..<1.
    ///   - epsilon: added to the root of the mean square.
    ///   - threads: at most so many compute; 0: one for each processor.
    public init(
        learningRate: Double, decay: (first: Double, second: Double) = (0.9, 0.999), epsilon: Double = 1e-8,
        threads: Int = 0
    ) {
        self.learningRate = learningRate
        self.decay = decay
        self.epsilon = epsilon
        self.threads = threads
    }

    public func step(_ point: inout [Float], objective: Objective) throws -> MinimizerStep {
        var evaluations = 0
        if !isStarted {
            gradient = [Float](repeating: 0, count: point.count)
            let loss = try objective(point, &gradient)
            evaluations += 1
            guard loss.isFinite else { return MinimizerStep(loss: loss, evaluations: evaluations, isFinished: true) }
            trial = point
            mean = [Float](repeating: 0, count: point.count)
            square = mean
            isStarted = true
        }
        if !isTrialSet { advance(from: point) }
        isTrialSet = true
        let loss = try objective(trial, &gradient)
        evaluations += 1
        guard loss.isFinite else { return MinimizerStep(loss: loss, evaluations: evaluations, isFinished: true) }
        isTrialSet = false
        swap(&point, &trial)
        return MinimizerStep(loss: loss, evaluations: evaluations, isFinished: false)
    }

    /// Takes the gradient into the running means, and sets `trial`.
    private func advance(from point: [Float]) {
        steps += 1
        let keep = (first: Float(decay.first), second: Float(decay.second))
        let take = (first: Float(1 - decay.first), second: Float(1 - decay.second))
        // Both means start at zero: these undo it.
        let rate = Float(learningRate / (1 - power(decay.first, steps)))
        let scale = Float((1 - power(decay.second, steps)).squareRoot())
        let epsilon = Float(epsilon)
        trial.withUnsafeMutableBufferPointer { trial in
            mean.withUnsafeMutableBufferPointer { mean in
                square.withUnsafeMutableBufferPointer { square in
                    let (trial, mean, square) = (trial, mean, square)
                    point.withUnsafeBufferPointer { point in
                        gradient.withUnsafeBufferPointer { gradient in
                            parallelChunks(point.count, threads: threads) { range in
                                for i in range {
                                    let slope = gradient[i]
                                    mean[i] = keep.first * mean[i] + take.first * slope
                                    square[i] = keep.second * square[i] + take.second * slope * slope
                                    trial[i] = point[i] - rate * mean[i] / (square[i].squareRoot() / scale + epsilon)
                                }
                            }
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
