/// Ends an optimisation whose loss has stopped to fall (paper 7.2.1).
package struct StoppingRule {
    /// The share of the loss that it must change by.
    let tolerance: Double
    /// Within so many iterations.
    let window: Int
    private var losses: [Double] = []

    package init(tolerance: Double, window: Int) {
        self.tolerance = tolerance
        self.window = window
    }

    /// Whether the loss after one more iteration, `loss`, lies within `tolerance` of the one `window` iterations ago.
    package mutating func shouldStop(after loss: Double) -> Bool {
        guard tolerance > 0 else { return false }
        losses.append(loss)
        guard losses.count > window else { return false }
        let before = losses.removeFirst()
        return abs(before - loss) < tolerance * abs(before) || before == loss
    }
}
