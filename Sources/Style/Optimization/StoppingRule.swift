/// Stops an optimisation whose loss no longer falls (paper 7.2.1).
package struct StoppingRule {
    /// Minimum relative change of the loss within `window`.
    let tolerance: Double
    /// Number of iterations.
    let window: Int
    private var losses: [Double] = []

    package init(tolerance: Double, window: Int) {
        self.tolerance = tolerance
        self.window = window
    }

    /// Whether `loss`, after one more iteration, is within `tolerance` of the loss `window` iterations ago.
    package mutating func shouldStop(after loss: Double) -> Bool {
        guard tolerance > 0 else { return false }
        losses.append(loss)
        guard losses.count > window else { return false }
        let before = losses.removeFirst()
        return abs(before - loss) < tolerance * abs(before) || before == loss
    }
}
