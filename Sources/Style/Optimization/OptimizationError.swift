/// Why frames could not be optimised.
public enum OptimizationError: Error, Equatable, CustomStringConvertible {
    /// What is wrong with the settings, one sentence each.
    case settings([String])
    /// What is wrong with a style picture.
    case style(String)
    /// A loss came to no number. Frames that were finished before are not touched by that.
    case notANumber(frame: Int, pass: Int, iteration: Int, what: String)
    /// What a shot's store does not have.
    case shot(String)

    public var description: String {
        switch self {
        case .settings(let problems): problems.joined(separator: " ")
        case .style(let problem): problem
        case .notANumber(let frame, let pass, let iteration, let what):
            "Frame \(frame)\(pass > 1 ? ", pass \(pass)" : ""): \(what) is no number "
                + (iteration > 0 ? "in iteration \(iteration)" : "before the first iteration")
                + ". Smaller weights may help; what was finished before stays as it is."
        case .shot(let problem): problem
        }
    }
}

/// Thrown where ``OptimizationProgress`` was answered with false: the frame that was being worked on is given up.
public struct OptimizationCancelled: Error, Equatable, CustomStringConvertible {
    public let description = "The optimisation was cancelled."

    public init() {}
}
