/// A line search for the strong Wolfe conditions, sufficient decrease and curvature (Nocedal and Wright 2006,
/// algorithms 3.5 and 3.6, with cubic interpolation).
///
/// Near the minimum, where rounding hides the decrease, a step is also accepted if it meets the curvature condition and
/// its value is not higher except for rounding: the approximate Wolfe conditions of Hager and Zhang (2005).
struct LineSearch {
    /// The function at a step along the direction, and its derivative there.
    struct Sample {
        let step: Double
        let value: Double
        let slope: Double

        var isFinite: Bool { value.isFinite && slope.isFinite }
    }

    /// Sufficient decrease (c1): the least decrease relative to the initial slope.
    var sufficientDecrease = 1e-4
    /// Curvature condition (c2): the largest final slope relative to the initial one.
    var curvature = 0.9
    /// The relative rounding error of the function's value: about ten times the precision of a float.
    var noise = 1e-6
    /// The maximum number of evaluations; then the best sample is taken.
    var maximumEvaluations = 12

    /// - Parameters:
    ///   - start: the sample at step 0, with a slope below 0.
    ///   - first: the step to try first.
    ///   - evaluate: the function at a step. After a value or slope that is not finite, smaller steps are tried.
    /// - Returns: the sample that was evaluated last, if it is lower than `start`; it nearly always meets the
    ///   conditions. Nil if no lower sample was found.
    func search(
        from start: Sample, first: Double, evaluate: (Double) throws -> Sample
    ) rethrows -> Sample? {
        // A minimum is between `low`, the lowest sample with sufficient decrease, and `high`, on its descending side.
        var low = start
        var high: Sample?
        var step = first
        for _ in 0..<maximumEvaluations {
            let trial = try evaluate(step)
            if isGood(trial, from: start) { return trial }
            if !trial.isFinite || !fallsEnough(trial, from: start) || trial.value >= low.value {
                high = trial
            } else {
                if let bound = high {
                    if trial.slope * (bound.step - low.step) >= 0 { high = low }
                } else if trial.slope >= 0 {
                    high = low
                }
                if high == nil {
                    let wanted = Self.minimum(between: low, and: trial) ?? .infinity
                    // Still descending: extrapolate to 2 to 10 times the step.
                    step = max(2 * trial.step, min(wanted > trial.step ? wanted : .infinity, 10 * trial.step))
                }
                low = trial
            }
            if let high { step = Self.next(from: low, to: high) }
        }
        return low.step > 0 ? try evaluate(low.step) : nil
    }

    /// Whether the (weak) curvature condition holds, so that the step can be added to the history.
    func meetsCurvature(_ sample: Sample, from start: Sample) -> Bool { sample.slope >= curvature * start.slope }

    private func isGood(_ sample: Sample, from start: Sample) -> Bool {
        sample.isFinite && abs(sample.slope) <= -curvature * start.slope
            && (fallsEnough(sample, from: start) || sample.value <= start.value + noise * abs(start.value))
    }

    private func fallsEnough(_ sample: Sample, from start: Sample) -> Bool {
        sample.value <= start.value + sufficientDecrease * sample.step * start.slope
    }

    /// The next step to try between two samples: not close to the ends, and closer to `low` if `high` is not finite.
    private static func next(from low: Sample, to high: Sample) -> Double {
        let width = high.step - low.step
        guard high.isFinite else { return low.step + 0.2 * width }
        let share = minimum(between: low, and: high).map { ($0 - low.step) / width } ?? 0.5
        return low.step + min(max(share, 0.1), 0.9) * width
    }

    /// The minimum of the cubic through two samples with their slopes (Nocedal and Wright 2006, equation 3.59); nil if
    /// it has none.
    private static func minimum(between one: Sample, and other: Sample) -> Double? {
        let width = other.step - one.step
        let slope = one.slope + other.slope - 3 * (other.value - one.value) / width
        let square = slope * slope - one.slope * other.slope
        guard square >= 0 else { return nil }
        let root = width < 0 ? -square.squareRoot() : square.squareRoot()
        let minimum = other.step - width * (other.slope + root - slope) / (other.slope - one.slope + 2 * root)
        return minimum.isFinite ? minimum : nil
    }
}
