import Flow
import Imaging

/// The whole method in one object: flow to the frame before, the check of it, the prior and the network
/// (paper section 5), for frames that come one after the other.
///
/// The same steps as the elements `opticalflow ! occlusioncheck ! flowwarp ! stylize`. For one thread at a time.
public final class CoherentStylizer {
    public struct Settings: Sendable {
        public var style: StyleRequest
        public var look = Look()
        /// Added to the gate's logit of a gated network: above 0 steadier, below 0 livelier.
        public var coherence: Float = 0
        /// Seconds that a change of style takes.
        public var fade = 0.5
        public var flow = FlowPreset.fast
        public var check = ConsistencyCheck()
        /// Side of the minimum filter on the certainty, odd; 1: none.
        public var minimumFilter = 7
        public var interpolation = Interpolation.bicubic
        /// Frames of which more than this share comes from elsewhere begin a scene, without a prior; 0: none is looked for.
        public var sceneCut = SceneCutDetector.defaultThreshold

        public init(style: StyleRequest) {
            self.style = style
        }
    }

    public var settings: Settings
    private let stylizer: Stylizer
    private let estimator: FlowEstimator
    private let threads: Int
    private var last: (pyramid: FlowPyramid, flow: FlowPair?, output: Image)?
    private var frameCount: UInt64 = 0

    /// - Throws: ``ModelLookupError`` or `ModelError` if the style is not to be had.
    public init(_ settings: Settings, library: ModelLibrary = .standard) throws {
        self.settings = settings
        stylizer = try Stylizer(settings.style, library: library)
        threads = settings.style.threads
        estimator = FlowEstimator(preset: settings.flow, threads: threads)
    }

    /// Stylizes the next frame in place.
    ///
    /// - Parameters:
    ///   - time: seconds of the stream.
    ///   - isDiscontinuous: whether nothing leads from the frame before to this one.
    /// - Throws: `ModelError` if a network cannot be planned for the frame's size; `Cancelled`, where the calling thread's
    ///   `Cancellation` is requested: then the frame may be painted in part.
    @discardableResult
    public func stylize(_ pixels: PackedPixels, time: Double, isDiscontinuous: Bool = false) throws -> StyleResult {
        var frame = StyleFrame(pixels: pixels, isDiscontinuous: isDiscontinuous, time: time)
        let pyramid = estimator.prepare(pixels.luma(threads: threads))
        let flow = isDiscontinuous ? nil : flow(to: pyramid)
        frame.isDiscontinuous = flow == nil
        if let flow, let last {
            let certainty = settings.check.certainty(of: flow.backward, reverse: flow.forward, threads: threads)
                .minimumFiltered(size: settings.minimumFilter, threads: threads)
            frame.flow = flow.backward
            frame.prior = Prior(
                warping: last.output, by: flow.backward, certainty: certainty,
                interpolation: settings.interpolation, fill: stylizer.fill, seed: frameCount, threads: threads)
        }
        let result = try stylizer.stylize(
            frame, request: settings.style, look: settings.look, coherence: settings.coherence, fade: settings.fade)
        last = (pyramid, flow, result.output)
        frameCount += 1
        return result
    }

    /// Between a frame and the one before; nil where nothing leads from one to the other.
    private func flow(to current: FlowPyramid) -> FlowPair? {
        guard let last, last.pyramid.width == current.width, last.pyramid.height == current.height else { return nil }
        let flow = estimator.estimate(from: current, to: last.pyramid, startingFrom: last.flow)
        guard settings.sceneCut > 0 else { return flow }
        let detector = SceneCutDetector(threshold: settings.sceneCut)
        return detector.isCut(from: current, to: last.pyramid, flow: flow) ? nil : flow
    }
}
