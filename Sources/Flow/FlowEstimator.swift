import CKernels
import Imaging

/// Dense optical flow by coarse-to-fine inverse search of patches, with variational refinement (Kroeger et al., Fast
/// Optical Flow using Dense Inverse Search, ECCV 2016).
///
/// The same frames give the same bytes, on any number of threads and with any vector instructions. Use an estimator
/// from one thread at a time; another thread may prepare pyramids meanwhile.
public final class FlowEstimator {
    /// Pyramids can be shared by estimators of the same preset only.
    public let preset: FlowPreset
    /// Maximum number of threads; 0: one per processor.
    public let threads: Int
    private let parameters: FlowParameters
    private let pool = FlowArenaPool()
    private var directions: [DenseInverseSearch] = []
    private var size = (width: 0, height: 0)

    /// - Parameter threads: maximum number; 0: one per processor. Results do not depend on it.
    public convenience init(preset: FlowPreset = .fast, threads: Int = 0) {
        self.init(preset: preset, parameters: FlowParameters(preset), threads: threads)
    }

    package init(preset: FlowPreset, parameters: FlowParameters, threads: Int) {
        self.preset = preset
        self.parameters = parameters
        self.threads = threads
    }

    /// Computes a frame's pyramid: scales, gradients and structure tensors.
    ///
    /// - Parameter luma: 0...255, of any size from 1 x 1.
    public func prepare(_ luma: Plane<UInt8>) -> FlowPyramid {
        FlowPyramid(luma, parameters: parameters, pool: pool, threads: threads)
    }

    /// Estimates the flow between a frame and an earlier one, in both directions.
    ///
    /// - Parameters:
    ///   - current: the frame, prepared by an estimator of the same preset.
    ///   - earlier: the frame before it, of the same size.
    ///   - startingFrom: the flow pair estimated with `earlier` as its current frame; used as a temporal prediction
    ///     where its matching cost is lower. nil: no prediction.
    /// - Returns: flows of the frames' size, in pixels; every value is finite. Zero where the flow cannot be estimated
    ///   (a uniform image, or sizes that differ).
    public func estimate(
        from current: FlowPyramid, to earlier: FlowPyramid, startingFrom previous: FlowPair? = nil
    ) -> FlowPair {
        let (width, height) = (current.width, current.height)
        guard width > 0, height > 0, earlier.width == width, earlier.height == height,
            earlier.levelCount == current.levelCount, earlier.finestScale == current.finestScale
        else {
            let still = FlowField(width: width, height: height)
            return FlowPair(backward: still, forward: FlowField(width: earlier.width, height: earlier.height))
        }
        prepareDirections(for: current)
        let known = previous.flatMap { $0.backward.width == width && $0.backward.height == height ? $0.backward : nil }
        let total = threads > 0 ? threads : processorCount
        let each = max(1, (total + 1) / 2)
        nonisolated(unsafe) let directions = directions
        let results = parallelMap(2, threads: total) { index in
            let (from, to) = index == 0 ? (current, earlier) : (earlier, current)
            let prediction = known.map { Prediction(flow: $0, isForward: index == 1) }
            return directions[index].estimate(from: from, to: to, prediction: prediction, threads: each)
        }
        var pair = FlowPair(backward: results[0], forward: results[1])
        if parameters.smoothsPlainAreas {
            PlainAreas.smooth(&pair, from: current, to: earlier, threads: total)
        }
        BlackBars(current, earlier).keepStill(&pair)
        return pair
    }

    /// Estimates the flow from a frame to an earlier one alone, without smoothing of plain areas.
    ///
    /// - Precondition: both pyramids are of this estimator; those of different sizes give no motion.
    func estimateBackward(from current: FlowPyramid, to earlier: FlowPyramid) -> FlowField {
        guard current.width > 0, current.height > 0, earlier.width == current.width, earlier.height == current.height
        else { return FlowField(width: current.width, height: current.height) }
        prepareDirections(for: current)
        return directions[0].estimate(
            from: current, to: earlier, prediction: nil, threads: threads > 0 ? threads : processorCount)
    }

    private func prepareDirections(for pyramid: FlowPyramid) {
        guard directions.isEmpty || size != (pyramid.width, pyramid.height) else { return }
        directions = (0..<2).map { _ in DenseInverseSearch(like: pyramid, parameters: parameters) }
        size = (pyramid.width, pyramid.height)
    }
}
