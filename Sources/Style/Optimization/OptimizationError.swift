/// Why frames could not be optimised.
public enum OptimizationError: Error, Equatable, CustomStringConvertible {
    /// Problems with the settings, one sentence each.
    case settings([String])
    /// Problem with a style image.
    case style(String)
    /// A loss or sample is not a finite number. Results of earlier frames are not affected.
    case notANumber(frame: Int, pass: Int, iteration: Int, what: String)
    /// A frame, flow or result that the shot's store does not have, or of the wrong size.
    case shot(String)

    /// Sentences for the user, with frame and pass where they matter.
    public var description: String {
        switch self {
        case .settings(let problems): problems.joined(separator: " ")
        case .style(let problem): problem
        case .notANumber(let frame, let pass, let iteration, let what):
            "Frame \(frame)\(pass > 1 ? ", pass \(pass)" : ""): \(what) is not finite "
                + (iteration > 0 ? "in iteration \(iteration)" : "before the first iteration")
                + ". Smaller weights may help; what was finished before stays as it is."
        case .shot(let problem): problem
        }
    }
}

/// Thrown if the progress observer returned false; the current frame is cancelled.
public struct OptimizationCancelled: Error, Equatable, CustomStringConvertible {
    /// One sentence for the user.
    public let description = "The optimisation was cancelled."

    package init() {}
}
