import Flow
import Imaging

/// The whole method in one object (paper section 5): backward flow, occlusion check, prior and network, for consecutive
/// frames.
///
/// Does the same as the elements `opticalflow ! occlusioncheck ! flowwarp ! stylize`. Not thread-safe.
public final class CoherentStylizer {
    /// What to stylize with; may change from frame to frame, except `flow` and `style.threads`.
    public struct Settings: Sendable {
        /// Models, resolution and threads.
        public var style: StyleRequest
        /// Opacity, colours and median filter of the displayed frame.
        public var compositing = CompositingOptions()
        /// Added to the gate's logit of a gated network: above 0 favours the prior, below 0 the new frame.
        public var coherence: Float = 0
        /// Whether the painting stays as it is where the frame has not changed since.
        public var keepsStill = true
        /// 2: the network paints every second frame; see ``Stylizer``.
        public var every = 1
        /// Whether frames that are not painted wait for the next one; see ``StyleResult/isHeld``.
        public var lookahead = false
        /// Duration of the cross-fade after a change of style, in seconds.
        public var fade = 0.5
        /// Preset of the flow estimator; fixed after initialisation.
        public var flow = FlowPreset.fast
        /// Most pixels at which flow is computed.
        public var flowPixels = PaintingPreset.best.flowPixels
        /// Limits of the occlusion check.
        public var check = ConsistencyCheck()
        /// Side of the minimum filter on the certainty, odd, in pixels of the frame; 1: none.
        public var minimumFilter = Motion.defaultMinimumFilter
        /// Whether the motion is compared with the frames; see `MotionVerification`.
        public var verifiesMotion = true
        /// Number of frames for which priors are warped from the same output; see `PriorHistory`.
        public var anchorFrames = PriorHistory.defaultSpan
        /// Interpolation when warping the prior.
        public var interpolation = Interpolation.bicubic
        /// A frame is a scene cut, and gets no prior, if more than this share of its blocks has no match in the
        /// previous frame; 0: no detection.
        public var sceneCut = SceneCutDetector.defaultThreshold

        /// The defaults are those of the element `coherentstylize`, but for ``lookahead``.
        public init(style: StyleRequest) {
            self.style = style
        }

        /// What `coherentstylize` does with this quality.
        public init(style: StyleRequest, preset: PaintingPreset) {
            self.style = style
            self.style.brush = preset.brush
            (every, flow, flowPixels) = (preset.every, preset.flow, preset.flowPixels)
            lookahead = true
        }
    }

    /// Used for the next frame.
    public var settings: Settings
    private let stylizer: Stylizer
    private let estimator: FlowEstimator
    private let threads: Int
    private var history = PriorHistory()
    private var held: FramePixels?
    /// Without `certainty` the output is painted everywhere.
    private var last:
        (pyramid: FlowPyramid?, luma: Plane<UInt8>, flow: FlowPair?, output: Image, certainty: Plane<Float>?)?

    /// - Throws: ``ModelLookupError`` or `ModelError` if the style cannot be loaded.
    public init(_ settings: Settings, library: ModelLibrary = .standard) throws {
        self.settings = settings
        stylizer = try Stylizer(settings.style, library: library)
        threads = settings.style.threads
        estimator = FlowEstimator(preset: settings.flow, threads: threads)
    }

    /// Stylizes the next frame in place.
    ///
    /// If the result says that the frame is held, its memory is written by the next call, or by ``finish()``.
    ///
    /// - Parameters:
    ///   - time: stream time in seconds.
    ///   - isDiscontinuous: the frame does not continue the previous one (cut, seek, gap).
    ///   - knownFlow: between this frame and the previous one; nil: it is estimated.
    /// - Throws: `ModelError` if a network cannot be planned for the frame's size; `Cancelled` if the calling thread's
    ///   `Cancellation` is requested; the frame may then be partly written.
    @discardableResult
    public func stylize(
        _ pixels: FramePixels, time: Double, isDiscontinuous: Bool = false, knownFlow: FlowPair? = nil
    ) throws -> StyleResult {
        var frame = StyleFrame(pixels: pixels, isDiscontinuous: isDiscontinuous, time: time)
        let size = knownFlow.map { ($0.backward.width, $0.backward.height) } ?? flowSize(pixels)
        let luma = pixels.luma(width: size.0, height: size.1, threads: threads)
        let pyramid = knownFlow == nil ? estimator.prepare(luma) : nil
        let flow = isDiscontinuous || last == nil ? nil : knownFlow ?? flow(to: pyramid)
        frame.isDiscontinuous = flow == nil
        if let flow, let last {
            let filter = Motion.filterSize(settings.minimumFilter, of: pixels.width, at: flow.backward.width)
            var motion = Motion(
                flow: flow.backward,
                certainty: settings.check.certainty(of: flow.backward, reverse: flow.forward, threads: threads)
                    .minimumFiltered(size: filter, threads: threads))
            if settings.verifiesMotion {
                motion = MotionVerification.verified(motion, from: luma, to: last.luma, threads: threads)
            }
            frame.flow = flow
            history.span = settings.anchorFrames
            frame.prior = history.prior(
                after: last.output, lastCertainty: last.certainty, by: motion.flow, certainty: motion.certainty,
                interpolation: settings.interpolation, fill: stylizer.fill, threads: threads)
        } else {
            history.removeAll()
        }
        frame.held = held
        let result = try stylizer.stylize(
            frame, request: settings.style, compositing: settings.compositing, coherence: settings.coherence,
            keepsStill: settings.keepsStill, every: settings.every, holds: settings.lookahead, fade: settings.fade)
        held = result.isHeld ? pixels : nil
        if result.isPainted {
            last = (pyramid, luma, flow, result.output, nil)
        } else if let prior = frame.prior {
            last = (pyramid, luma, flow, prior.image, prior.certainty)
        }
        return result
    }

    /// Paints the last frame, if it is held, at the end of the video.
    public func finish() {
        if let held { stylizer.finish(held: held) }
        held = nil
    }

    /// The same for packed pixels.
    @discardableResult
    public func stylize(
        _ pixels: PackedPixels, time: Double, isDiscontinuous: Bool = false, knownFlow: FlowPair? = nil
    ) throws -> StyleResult {
        try stylize(FramePixels(pixels), time: time, isDiscontinuous: isDiscontinuous, knownFlow: knownFlow)
    }

    /// The size at which flow is computed.
    private func flowSize(_ pixels: FramePixels) -> (Int, Int) {
        let flow = FlowHistory.Settings(
            preset: settings.flow, scale: 0, pixels: settings.flowPixels, width: pixels.width, height: pixels.height)
        return (flow.width, flow.height)
    }

    /// The flow between the previous frame and this one; nil after a scene cut or a change of size.
    private func flow(to current: FlowPyramid?) -> FlowPair? {
        guard let current, let last, let earlier = last.pyramid, earlier.width == current.width,
            earlier.height == current.height
        else { return nil }
        let flow = estimator.estimate(from: current, to: earlier, startingFrom: last.flow)
        guard settings.sceneCut > 0 else { return flow }
        let detector = SceneCutDetector(threshold: settings.sceneCut)
        return detector.isCut(from: current, to: earlier, flow: flow) ? nil : flow
    }
}
