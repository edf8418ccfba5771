import CGStreamer
import GStreamerKit
import Imaging
import NeuralNet
import Style

/// Base class of the elements that stylize frames with a feed-forward network: feedback to the `flowwarp` upstream and
/// messages about changes of the model.
package class StylingElement: TransformElement, @unchecked Sendable {
    package override class var dropsLateFrames: Bool { true }

    private lazy var feedback = FeedbackSender(self)
    private let metaReaders = MetaReaders()
    private var hasSaidAlone = false
    /// Resolution of the previous frame's output.
    private var outputSize = (width: 0, height: 0)
    /// Frames since the start, from which the time of frames without a timestamp is computed.
    private var frameCount = 0

    // MARK: For subclasses to override

    /// Loads the models.
    func load(_ settings: PropertySnapshot) throws {}

    /// Releases the models.
    func unload() {}

    /// Prepares the network for frames of a format.
    func plan(for format: VideoFormat) throws {}

    /// Drops the state of earlier frames.
    func reset() {}

    /// The prior that the network needs from `flowwarp`: its resolution, 0 x 0 if not yet known, and the fill of
    /// uncertain pixels.
    func priorRequirements(_ settings: PropertySnapshot) -> (width: Int, height: Int, fill: PriorFill) { (0, 0, .mean) }

    /// Stylizes a frame; nil if there is no model.
    func stylize(
        _ frame: StyleFrame, of buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat,
        settings: PropertySnapshot
    ) throws -> StyleResult? { nil }

    /// Text for the hint about missing elements: what can be used instead.
    var alternative: String { "" }

    /// Whether the frame's pixels change.
    func writesPixels(_ settings: PropertySnapshot) -> Bool { settings[Stylize.strength] > 0 }

    // MARK: -

    package override func constructed() {
        super.constructed()
        _ = feedback
    }

    package override func start() throws {
        hasSaidAlone = false
        frameCount = 0
        let settings = snapshot()
        do {
            try load(settings)
        } catch {
            throw modelError(error, settings[Stylize.model])
        }
    }

    package override func forgetAnswers() { metaReaders.forget() }

    package override func willStop() { feedback.leave() }

    package override func stop() { unload() }

    package override func formatChanged(to format: VideoFormat) throws {
        let settings = snapshot()
        do {
            try plan(for: format)
        } catch {
            throw modelError(error, settings[Stylize.model])
        }
        register(settings)
    }

    package override func sinkQuery(_ query: UnsafeMutablePointer<GstQuery>) -> Bool { feedback.answer(query) }

    package override func sinkEvent(_ event: UnsafeMutablePointer<GstEvent>) -> EventHandling {
        feedback.take(event)
        if event.pointee.type == GST_EVENT_FLUSH_STOP { reset() }
        return .forward
    }

    package override func process(
        _ buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, settings: PropertySnapshot
    ) throws {
        let prior = feedback.prior(of: buffer)
        let flow = FlowMeta.find(in: buffer, warn: warnOnce)
        sayIfAlone(hasPrior: prior != nil, hasFlow: flow != nil)
        do {
            let result = try format.withFrame(of: buffer, writing: writesPixels(settings)) { pixels in
                var frame = StyleFrame(pixels: pixels, time: time(of: buffer, format: format))
                frame.prior = prior?.content
                frame.isDiscontinuous = flow?.isDiscontinuity ?? false
                frame.flow = flow?.flow?.backward
                return try stylize(frame, of: buffer, format: format, settings: settings)
            }
            guard let result else {
                if let prior { feedback.skip(prior) }
                return
            }
            tell(result, settings)
            if let prior {
                if result.isPainted { feedback.send(result.output, answering: prior) } else { feedback.skip(prior) }
            }
        } catch {
            if let prior { feedback.skip(prior) }
            throw modelError(error, settings[Stylize.model])
        }
        frameCount += 1
        if settings[Stylize.metas].dropsMetas(of: self, metaReaders) { MetaReaders.removeMetas(from: buffer) }
    }

    /// Reports the outcome of a change of model or scale.
    private func tell(_ result: StyleResult, _ settings: PropertySnapshot) {
        if let failure = result.failure {
            let error = modelError(failure, settings[Stylize.model])
            post(.warning, ElementError(error.kind, error.cause, remedy: "\(error.remedy) The old style goes on."))
        }
        if result.isStyleChange { info("the style is \(settings[Stylize.model]) now") }
        if result.isStyleChange || outputSize != (result.output.width, result.output.height) {
            register(settings)
        }
    }

    /// Registers with the `flowwarp` upstream.
    private func register(_ settings: PropertySnapshot) {
        let requirements = priorRequirements(settings)
        outputSize = (requirements.width, requirements.height)
        feedback.register(width: requirements.width, height: requirements.height, fill: requirements.fill)
    }

    private func sayIfAlone(hasPrior: Bool, hasFlow: Bool) {
        if hasPrior || hasSaidAlone { return }
        hasSaidAlone = true
        let missing = hasFlow ? "flowwarp" : "opticalflow ! occlusioncheck ! flowwarp"
        post(
            .info,
            ElementError(
                .settings, "There is no \(missing) for this stylizer: each frame is stylized independently.",
                remedy: "Put \(missing) before it\(alternative), for temporal coherence."))
    }

    /// The stream time in seconds.
    private func time(of buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat) -> Double {
        let time = gst_segment_to_stream_time(&transform.pointee.segment, GST_FORMAT_TIME, buffer.pointee.pts)
        if buffer.pointee.pts != GstClockTime.max, time != GstClockTime.max { return Double(time) * 1e-9 }
        let rate = format.frameRate.numerator > 0 ? Double(format.frameRate.numerator) : 25
        return Double(frameCount) * Double(format.frameRate.numerator > 0 ? format.frameRate.denominator : 1) / rate
    }

    private func modelError(_ error: any Error, _ model: String) -> ElementError {
        if let error = error as? ElementError { return error }
        if let error = error as? ModelLookupError { return ElementError(.notFound, "\(error)", remedy: "") }
        // The model that was requested when it was loaded; the property may have changed since.
        let model = (error as? ModelError)?.model ?? model
        return ElementError(
            .decode, "The model \(model) cannot be used: \(error).",
            remedy: "Download it again or choose another one.")
    }
}
