import Flow
import Imaging

/// The motion from an earlier frame of a sequence to a later one, and which of its pixels count.
public struct PairMotion: Sendable {
    /// From the earlier to the later frame, in pixels.
    public var flow: FlowField
    /// Weights of the temporal error, 0...1, in the earlier frame.
    public var consistent: Plane<Float>
    /// Weights of the warping error, 0...1, in the earlier frame.
    public var visible: Plane<Float>

    /// Flow checked against the reverse flow: as in the paper for the temporal error, as by Lai et al. for the warping
    /// error.
    /// - Precondition: both flows have the same size.
    public init(flow: FlowField, reverse: FlowField, threads: Int = 0) {
        self.flow = flow
        consistent = ConsistencyCheck().certainty(of: flow, reverse: reverse, threads: threads)
        visible = visiblePixels(of: flow, reverse: reverse, threads: threads)
    }

    /// Flow with one certainty for both errors, such as ground truth with its masks.
    public init(_ motion: Motion) {
        flow = motion.flow
        consistent = motion.certainty
        visible = motion.certainty
    }

    /// The motion resampled for frames of another size.
    func resized(width: Int, height: Int, threads: Int) -> PairMotion {
        guard width != flow.width || height != flow.height else { return self }
        var result = self
        result.flow = flow.resized(width: width, height: height, threads: threads)
        result.consistent = consistent.minimumResized(width: width, height: height, threads: threads)
        result.visible = visible.minimumResized(width: width, height: height, threads: threads)
        return result
    }
}

/// What is known of the motion between two frames.
public enum KnownMotion: Sendable {
    /// Given, for example ground truth.
    case known(PairMotion)
    /// Not given: the pair is left out and counted.
    case missing
    /// To be estimated between the two original frames.
    case estimate
}

/// Estimates the motion between frames of a sequence, directly: never along a chain of frames.
struct MotionHistory {
    private let estimator: FlowEstimator
    private var pyramids: [Int: FlowPyramid] = [:]
    /// The last flow between neighbours, which predicts the next one.
    private var last: (frame: Int, pair: FlowPair)?

    init(preset: FlowPreset, threads: Int) { estimator = FlowEstimator(preset: preset, threads: threads) }

    /// Adds a frame.
    mutating func add(_ original: Image, at index: Int) {
        pyramids[index] = estimator.prepare(original.luma(threads: estimator.threads))
    }

    /// Forgets frames that `isNeeded` does not want.
    mutating func keep(_ isNeeded: (Int) -> Bool) { pyramids = pyramids.filter { isNeeded($0.key) } }

    /// The motion from an earlier frame to a later one; nil if one of them was not added, or their sizes differ.
    mutating func motion(from earlier: Int, to later: Int) -> PairMotion? {
        guard let first = pyramids[earlier], let second = pyramids[later], first.width == second.width,
            first.height == second.height
        else { return nil }
        let isNeighbor = later - earlier == 1
        let prediction = isNeighbor && last?.frame == earlier ? last?.pair : nil
        let found = estimator.estimate(from: second, to: first, startingFrom: prediction)
        if isNeighbor { last = (later, found) }
        return PairMotion(flow: found.forward, reverse: found.backward, threads: estimator.threads)
    }
}
