import Imaging

/// Flow between two frames, with its certainty.
public struct Motion: Sendable {
    /// From one frame to the other, in pixels.
    public var flow: FlowField
    /// Certainty of `flow`, 0...1.
    public var certainty: Plane<Float>

    /// Flow and certainty of one size, or of two that are resampled later.
    public init(flow: FlowField, certainty: Plane<Float>) {
        self.flow = flow
        self.certainty = certainty
    }

    /// Flow checked against the reverse flow, without a minimum filter, as in the paper.
    /// - Precondition: both flows have the same size.
    public init(flow: FlowField, reverse: FlowField, check: ConsistencyCheck = ConsistencyCheck(), threads: Int = 0) {
        self.flow = flow
        certainty = check.certainty(of: flow, reverse: reverse, threads: threads)
    }

    /// The motion resampled for frames of another size.
    package func resized(width: Int, height: Int, threads: Int = 0) -> Motion {
        Motion(
            flow: flow.resized(width: width, height: height, threads: threads),
            certainty: certainty.minimumResized(width: width, height: height, threads: threads))
    }
}
