import Imaging

/// The weights of several earlier references (paper equation 12): each reference counts only where no closer one is
/// certain, max(c - the sum of the closer references' c, 0).
/// - Parameter certainties: 0...1, one plane a reference, of one size; the closest reference first.
/// - Returns: as many planes in the same order; the first is unchanged.
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
