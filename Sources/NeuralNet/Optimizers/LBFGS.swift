/// L-BFGS (Nocedal 1980; Nocedal and Wright 2006, 7.2), with a line search for the strong Wolfe conditions. The line
/// search first tries the full quasi-Newton step, which is nearly always accepted, so an iteration takes little more
/// than one evaluation.
///
/// Vectors are in single precision; sums over them are in double precision, in an order that does not depend on the
/// number of threads.
///
/// If the function or its gradient is not finite, the step is shortened. If it is not finite at the current point, or
/// at any step length, `step` returns a loss of NaN and does not move the point.
public final class LBFGS: Optimizer {
    /// The default of `historySize`.
    public static let defaultHistorySize = 20

    private let historySize: Int
    private let firstMove: Double
    private let threads: Int
    private let lineSearch = LineSearch()
    private var history: CurvatureHistory?
    /// The loss at the current point, once it is known.
    private var loss: Double?
    private var gradient: [Float] = []
    private var direction: [Float] = []
    private var trial: [Float] = []
    private var trialGradient: [Float] = []

    /// - Parameters:
    ///   - historySize: the number of steps in the history, at least 1. Each takes 8 bytes per variable.
    ///   - firstMove: the length of the first step, when the curvature is not known, as root mean square over the
    ///     variables. The default is one grey level of an image.
    ///   - threads: the maximum number of threads; 0: one for each processor.
    public init(historySize: Int = LBFGS.defaultHistorySize, firstMove: Double = 1, threads: Int = 0) {
        self.historySize = historySize
        self.firstMove = firstMove
        self.threads = threads
    }

    /// Searches along the quasi-Newton direction; if nothing decreases there, along the gradient.
    public func step(_ point: inout [Float], objective: Objective) throws -> OptimizerStep {
        var evaluations = 0
        let loss: Double
        if let known = self.loss, gradient.count == point.count {
            loss = known
        } else {
            loss = try begin(at: point, objective)
            evaluations = 1
        }
        let history = history ?? CurvatureHistory(capacity: historySize, length: point.count, threads: threads)
        self.history = history
        var sawNumber = true
        while loss.isFinite {
            let isFirst = history.isEmpty
            let (slope, square) = history.direct(&direction, gradient: gradient)
            sawNumber = square.isFinite
            if slope < 0, sawNumber {
                let start = LineSearch.Sample(step: 0, value: loss, slope: slope)
                let first = isFirst ? firstMove * (Double(point.count) / square).squareRoot() : 1
                sawNumber = false
                let found = try lineSearch.search(from: start, first: first) { step in
                    move(&trial, from: point, by: Float(step), along: direction, threads: threads)
                    evaluations += 1
                    let value = try objective(trial, &trialGradient)
                    let slope = dot(direction, trialGradient, threads: threads)
                    let sample = LineSearch.Sample(step: step, value: value, slope: slope)
                    if sample.isFinite { sawNumber = true }
                    return sample
                }
                if let found {
                    if lineSearch.meetsCurvature(found, from: start) {
                        history.append(from: point, gradient: gradient, to: trial, gradient: trialGradient)
                    } else {
                        // The inner products with the gradient are those of the previous point.
                        history.removeAll()
                    }
                    swap(&point, &trial)
                    swap(&gradient, &trialGradient)
                    self.loss = found.value
                    return OptimizerStep(loss: found.value, evaluations: evaluations, isFinished: false)
                }
            }
            // The history may give a wrong direction: retry along the gradient.
            if isFirst { break }
            history.removeAll()
        }
        return OptimizerStep(loss: sawNumber ? loss : .nan, evaluations: evaluations, isFinished: true)
    }

    /// Evaluates the first point.
    private func begin(at point: [Float], _ objective: Objective) throws -> Double {
        let zeros = [Float](repeating: 0, count: point.count)
        var gradient = zeros
        let loss = try objective(point, &gradient)
        self.gradient = gradient
        self.loss = loss
        direction = zeros
        trial = zeros
        trialGradient = zeros
        history = nil
        return loss
    }
}
