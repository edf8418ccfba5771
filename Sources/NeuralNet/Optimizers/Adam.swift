/// The Adam optimiser (Kingma and Ba 2015), as in PyTorch.
public final class Adam: Optimizer {
    private let learningRate: Double
    private let decay: (first: Double, second: Double)
    private let epsilon: Double
    private let threads: Int
    /// Whether `trial` is already the next point, after the objective threw there.
    private var isTrialSet = false
    /// Nil until the gradient at the first point is known.
    private var state: AdamState?
    private var gradient: [Float] = []
    private var trial: [Float] = []

    /// - Parameters:
    ///   - learningRate: the approximate change of each variable in a step.
    ///   - decay: decay rates (beta) of the running means of the gradient and of its square, 0..<1.
    ///   - epsilon: added to the root of the mean square.
    ///   - threads: the maximum number of threads; 0: one for each processor.
    public init(
        learningRate: Double, decay: (first: Double, second: Double) = (0.9, 0.999), epsilon: Double = 1e-8,
        threads: Int = 0
    ) {
        self.learningRate = learningRate
        self.decay = decay
        self.epsilon = epsilon
        self.threads = threads
    }

    /// Takes one evaluation, at first two. If the loss is not finite, `point` stays and the optimiser has finished.
    public func step(_ point: inout [Float], objective: Objective) throws -> OptimizerStep {
        var evaluations = 0
        if state == nil {
            gradient = [Float](repeating: 0, count: point.count)
            let loss = try objective(point, &gradient)
            evaluations += 1
            guard loss.isFinite else { return OptimizerStep(loss: loss, evaluations: evaluations, isFinished: true) }
            trial = point
            state = AdamState(count: point.count, decay: decay, epsilon: epsilon)
        }
        if !isTrialSet {
            state?.step(from: point, to: &trial, gradient: gradient, rate: learningRate, threads: threads)
        }
        isTrialSet = true
        let loss = try objective(trial, &gradient)
        evaluations += 1
        guard loss.isFinite else { return OptimizerStep(loss: loss, evaluations: evaluations, isFinished: true) }
        isTrialSet = false
        swap(&point, &trial)
        return OptimizerStep(loss: loss, evaluations: evaluations, isFinished: false)
    }
}
