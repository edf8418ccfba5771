import Flow
import Imaging

/// Estimates the motion from each frame of a sequence to the next, with the certainty from both directions.
struct MotionEstimator {
    private let estimator: FlowEstimator
    private var earlier: FlowPyramid?
    private var pair: FlowPair?

    init(preset: FlowPreset) {
        estimator = FlowEstimator(preset: preset)
    }

    /// The motion from the frame of the previous call to this one; nil for the first frame and when the size changes.
    mutating func motion(to frame: Image) throws -> Motion? {
        let current = estimator.prepare(frame.luma())
        defer { earlier = current }
        guard let earlier, earlier.width == current.width, earlier.height == current.height else { return nil }
        let found = estimator.estimate(from: current, to: earlier, startingFrom: pair)
        pair = found
        return Motion(flow: found.forward, reverse: found.backward)
    }
}
