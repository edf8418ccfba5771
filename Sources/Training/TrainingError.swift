/// Why a training run cannot start or continue.
public enum TrainingError: Error, CustomStringConvertible {
    /// Problems with the settings, one sentence each.
    case settings([String])
    /// Problem with a style image.
    case style(String)
    /// Problem with a checkpoint or with resuming from it.
    case checkpoint(String)
    /// Problem with the samples of a source.
    case samples(String)
    /// The training diverged.
    ///
    /// - Parameters:
    ///   - what: how it diverged.
    ///   - step: where it was detected, counted from 1.
    ///   - lastGood: the last good state, with half the learning rate, to resume from.
    case diverged(what: String, step: Int, lastGood: Checkpoint)

    /// Sentences for the user, with a remedy if there is one.
    public var description: String {
        switch self {
        case .settings(let problems): problems.joined(separator: " ")
        case .style(let problem), .checkpoint(let problem), .samples(let problem): problem
        case .diverged(let what, let step, let lastGood):
            "In step \(step) \(what). The last good state is that of step \(lastGood.step); going on from there halves the "
                + "learning rate. Should it happen again, choose a lower one, or smaller weights."
        }
    }
}
