/// Looks along a descent direction for a step that meets the strong Wolfe conditions: the function falls enough, and its slope has become
/// flatter (Nocedal and Wright 2006, algorithms 3.5 and 3.6, with cubic interpolation).
///
/// Where the function has come so near to its minimum that rounding hides how it falls, a step whose slope is flatter and whose
/// value is no higher but for rounding is taken as well: the approximate Wolfe conditions of Hager and Zhang (2005).
struct LineSearch {
    /// The function at a step along the direction, and its derivative there.
    struct Sample {
        let step: Double
        let value: Double
        let slope: Double

        var isFinite: Bool { value.isFinite && slope.isFinite }
    }

    /// The share of the first slope by which the function must fall.
    var sufficientDecrease = 1e-4
    /// The share of the first slope that may be left.
    var curvature = 0.9
    /// What rounding may do to the function's value, as a share of it: about ten times a float's resolution.
    var noise = 1e-6
    /// After so many a search ends with the best that it has.
    var maximumEvaluations = 12

    /// - Parameters:
    ///   - start: the step 0, with a slope below 0.
    ///   - first: the step to try first.
    ///   - evaluate: the function at a step. A value or a slope that is no number, or infinite, makes the steps shorter.
    /// - Returns: the sample that was evaluated last, if it lies lower than `start`, nearly always because it meets the conditions; nil if
    ///   no step was found that helps.
    func search(
        from start: Sample, first: Double, evaluate: (Double) throws -> Sample
    ) rethrows -> Sample? {
        // A minimum lies between `low`, the lowest sample that falls enough, and `high`, on the side where `low` descends.
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
                    // Still falling: on, at least to twice and at most to ten times as far.
                    step = max(2 * trial.step, min(wanted > trial.step ? wanted : .infinity, 10 * trial.step))
                }
                low = trial
            }
            if let high { step = Self.next(from: low, to: high) }
        }
        return low.step > 0 ? try evaluate(low.step) : nil
    }

    /// Whether the slope has become flat enough for the two points to show the function's curvature.
    func meetsCurvature(_ sample: Sample, from start: Sample) -> Bool { sample.slope >= curvature * start.slope }

    private func isGood(_ sample: Sample, from start: Sample) -> Bool {
        sample.isFinite && abs(sample.slope) <= -curvature * start.slope
            && (fallsEnough(sample, from: start) || sample.value <= start.value + noise * abs(start.value))
    }

    private func fallsEnough(_ sample: Sample, from start: Sample) -> Bool {
        sample.value <= start.value + sufficientDecrease * sample.step * start.slope
    }

    /// Where to look next for a minimum between two samples: not at their ends, and nearer to the known one if the other is none.
    private static func next(from low: Sample, to high: Sample) -> Double {
        let width = high.step - low.step
        guard high.isFinite else { return low.step + 0.2 * width }
        let share = minimum(between: low, and: high).map { ($0 - low.step) / width } ?? 0.5
        return low.step + min(max(share, 0.1), 0.9) * width
    }

    /// The minimum of the cubic through two samples with their slopes (Nocedal and Wright 2006, equation 3.59); nil if it has none.
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
