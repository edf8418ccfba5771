/// Finds a point where a function of many variables is small, one iteration at a time.
///
/// An instance remembers what it has learned of one function; begin a new one for another. For one thread at a time.
public protocol Minimizer: AnyObject {
    /// The function at `point`; its gradient goes to `gradient`, which has as many elements.
    typealias Objective = (_ point: [Float], _ gradient: inout [Float]) throws -> Double

    /// Moves `point` to a better one.
    ///
    /// - Parameter objective: asked as often as the method needs; what it throws, this throws, with `point` as it was before.
    /// - Returns: what came of it.
    func step(_ point: inout [Float], objective: Objective) throws -> MinimizerStep
}

/// What one iteration of a minimizer came to.
public struct MinimizerStep: Sendable, Equatable {
    /// The function at the new point.
    public let loss: Double
    /// How often it was asked for.
    public let evaluations: Int
    /// Whether there is nothing more to win from here: the gradient is zero, or no step along it helps.
    public let isFinished: Bool

    public init(loss: Double, evaluations: Int, isFinished: Bool) {
        self.loss = loss
        self.evaluations = evaluations
        self.isFinished = isFinished
    }
}
