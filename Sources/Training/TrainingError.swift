/// Why a training cannot begin, or not go on.
public enum TrainingError: Error, CustomStringConvertible {
    /// What is wrong with the settings, one sentence each.
    case settings([String])
    /// What is wrong with the style picture.
    case style(String)
    /// What is wrong with a checkpoint, or with going on from it.
    case checkpoint(String)
    /// What is wrong with the samples that a source gave.
    case samples(String)
    /// The training has gone bad.
    ///
    /// - Parameters:
    ///   - what: came of it.
    ///   - step: where it was seen, counted from 1.
    ///   - lastGood: the last state that was good, its learning rate halved, to go on from.
    case diverged(what: String, step: Int, lastGood: Checkpoint)

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
