import Imaging

/// Weights of several references (paper equation 12). A reference is used only where no closer one is certain: its
/// weight is c minus the sum of the closer references' c, but at least 0.
/// - Parameter certainties: c, 0...1, one plane per reference, all of one size; closest reference first.
/// - Returns: one plane per reference, in the same order; the first is unchanged.
public func longTermWeights(_ certainties: [Plane<Float>]) -> [Plane<Float>] {
    guard var taken = certainties.first else { return [] }
    var weights = [taken]
    for certainty in certainties.dropFirst() {
        precondition(certainty.values.count == taken.values.count, "long-term weights need planes of one size")
        var weight = certainty
        for i in taken.values.indices {
            weight.values[i] = max(certainty.values[i] - taken.values[i], 0)
            taken.values[i] += certainty.values[i]
        }
        weights.append(weight)
    }
    return weights
}
