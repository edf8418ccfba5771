/// L-BFGS or Adam: minimises a function of many variables, one iteration at a time.
///
/// An instance keeps state about one function; use a new instance for another one. Only one thread may use it at a
/// time.
public protocol Optimizer: AnyObject {
    /// Returns the function at `point` and writes its gradient to `gradient`, which has as many elements.
    typealias Objective = (_ point: [Float], _ gradient: inout [Float]) throws -> Double

    /// Runs one iteration, which moves `point`.
    ///
    /// - Parameter objective: called as often as the method needs.
    /// - Throws: what `objective` throws; `point` is then unchanged.
    func step(_ point: inout [Float], objective: Objective) throws -> OptimizerStep
}

/// The result of one iteration of an optimiser.
public struct OptimizerStep: Sendable, Equatable {
    /// The function at the new point.
    public let loss: Double
    /// The number of evaluations of the objective.
    public let evaluations: Int
    /// Whether the optimiser has converged: the gradient is zero, or no step along it decreases the function.
    public let isFinished: Bool

    /// - Parameter loss: not finite if the optimiser cannot go on.
    public init(loss: Double, evaluations: Int, isFinished: Bool) {
        self.loss = loss
        self.evaluations = evaluations
        self.isFinished = isFinished
    }
}
