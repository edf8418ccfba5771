import Flow
import Imaging

/// Flow from a frame to an earlier one, with its certainty.
public struct Reference: Sendable {
    /// Frames back, 1 for the previous one.
    public var distance: Int
    /// From the frame to the earlier one, at any resolution.
    public var flow: FlowField
    /// c, 0...1, at the flow's resolution.
    public var certainty: Plane<Float>
    /// c_long (equation 12): c minus the certainty of closer references.
    public var longTermCertainty: Plane<Float>

    /// - Parameter longTermCertainty: nil: no closer reference, c is used.
    /// - Precondition: `distance` is 1 or more; flow and certainties have one size.
    public init(
        distance: Int, flow: FlowField, certainty: Plane<Float>, longTermCertainty: Plane<Float>? = nil
    ) {
        let longTerm = longTermCertainty ?? certainty
        precondition(
            distance >= 1 && [certainty, longTerm].allSatisfy { $0.width == flow.width && $0.height == flow.height },
            "a reference needs a flow and certainties of one size")
        self.distance = distance
        self.flow = flow
        self.certainty = certainty
        self.longTermCertainty = longTerm
    }

    /// References with the weights of equation 12.
    ///
    /// - Parameter motions: closest first; c at the flow's resolution, all of one size.
    public static func longTerm(_ motions: [(distance: Int, flow: FlowField, certainty: Plane<Float>)]) -> [Reference] {
        zip(motions, longTermWeights(motions.map(\.certainty))).map { motion, longTerm in
            Reference(
                distance: motion.distance, flow: motion.flow, certainty: motion.certainty, longTermCertainty: longTerm)
        }
    }

    /// The reference resampled for frames of another size; flow vectors are scaled.
    func resized(width: Int, height: Int, threads: Int) -> Reference {
        Reference(
            distance: distance, flow: flow.resized(width: width, height: height, threads: threads),
            certainty: certainty.minimumResized(width: width, height: height, threads: threads),
            longTermCertainty: longTermCertainty.minimumResized(width: width, height: height, threads: threads))
    }
}
