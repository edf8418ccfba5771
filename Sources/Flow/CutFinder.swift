import Imaging

/// Finds the frames that may be scene cuts, without the flow that the chain computes: by coarse motion at a small size.
///
/// Of those it finds, ``SceneCutDetector`` has to measure the share with the chain's flow. Not thread-safe.
package final class CutFinder {
    /// A frame is looked at closely if more than this share of its blocks has no match by the coarse motion.
    ///
    /// Less than a third of the least share that was measured at cuts; the blocks are those of the detector.
    package static let suspicion: Float = 0.15

    private let estimator: FlowEstimator
    private var last: [FlowPyramid]?

    /// - Parameter threads: maximum number; 0: one per processor.
    package init(threads: Int = 0) {
        estimator = FlowEstimator(preset: .ultrafast, parameters: .coarse, threads: threads)
    }

    /// Discards the last frame: the next one does not continue it.
    package func forget() { last = nil }

    /// The size of an image's luma: of at most as many pixels as the detector's blocks cover.
    ///
    /// - Parameters: the size at which the chain computes flow.
    package static func size(width: Int, height: Int) -> (width: Int, height: Int) {
        var (width, height) = (width, height)
        while width * height > SceneCutDetector.mostPixels {
            (width, height) = ((width + 1) / 2, (height + 1) / 2)
        }
        return (width, height)
    }

    /// Share of blocks without a match in the last frame, 0...1; nil for a frame that continues none.
    ///
    /// - Parameter luma: one plane for each image of a batch, of ``size(width:height:)``.
    package func share(_ luma: [Plane<UInt8>]) -> Float? {
        let current = luma.map { estimator.prepare($0) }
        defer { last = current }
        guard let last, last.count == current.count else { return nil }
        func share(_ flow: [FlowField]) -> Float {
            // The detector looks at the backward flow only.
            SceneCutDetector().measure(
                from: current, to: last, flow: flow.map { FlowPair(backward: $0, forward: $0) })
        }
        // Most frames are like the last one without any motion.
        let still = share(current.map { FlowField(width: $0.width, height: $0.height) })
        guard still > Self.suspicion else { return still }
        return share(zip(current, last).map { estimator.estimateBackward(from: $0, to: $1) })
    }
}

extension FlowParameters {
    /// Motion of patches alone, in full resolution.
    fileprivate static var coarse: FlowParameters {
        var parameters = FlowParameters(.ultrafast)
        parameters.finestScale = 0
        (parameters.refinementIterations, parameters.refinementWarps) = (0, 0)
        return parameters
    }
}

extension SceneCutDetector {
    /// The measure of the last of several frames, by the flow along all of them.
    ///
    /// - Parameter frames: in their order, each with one plane for each image of a batch; at least two.
    package func measure(along frames: [[Plane<UInt8>]], by estimator: FlowEstimator) -> Float {
        var pyramids = frames.first?.map { estimator.prepare($0) } ?? []
        var (flow, measure): ([FlowPair]?, Float) = (nil, 0)
        for (index, frame) in frames.enumerated().dropFirst() {
            let current = frame.map { estimator.prepare($0) }
            guard current.count == pyramids.count else { return 1 }
            let start = flow
            let next = current.indices.map {
                estimator.estimate(from: current[$0], to: pyramids[$0], startingFrom: start?[$0])
            }
            if index == frames.count - 1 { measure = self.measure(from: current, to: pyramids, flow: next) }
            (pyramids, flow) = (current, next)
        }
        return measure
    }
}
