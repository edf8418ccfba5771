import GStreamerKit
import Style

/// Choices of the properties `fill` of `flowwarp` and `spherestylize`.
package enum PriorFillChoice: String, PropertyChoice {
    case auto, mean, noise
    package static let typeName = "PentimentoFlowWarpFill"
    package var blurb: String {
        switch self {
        case .auto: "The fill that the stylizer's model was trained with"
        case .mean: "The mean colour"
        case .noise: "Random colours"
        }
    }

    /// - Parameter fill: the fill that the stylizer's model was trained with; nil if unknown.
    func fill(trainedWith fill: PriorFill?) -> PriorFill {
        switch self {
        case .auto: fill ?? .mean
        case .mean: .mean
        case .noise: .noise
        }
    }
}
