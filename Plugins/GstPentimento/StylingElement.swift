import CGStreamer
import GStreamerKit
import Imaging
import NeuralNet
import Style

/// What all elements have in common that paint frames with a network: the feedback to the `flowwarp` upstream, and what is told
/// of a change of model.
class StylingElement: TransformElement, @unchecked Sendable {
    override class var dropsLateFrames: Bool { true }

    private lazy var feedback = FeedbackSender(self)
    private var hasSaidAlone = false
    /// Resolution of the last frame's output.
    private var outputSize = (width: 0, height: 0)
    /// Frames since the start: what time is counted by where frames have none.
    private var frameCount = 0

    // MARK: What a subclass does

    /// Reads the models.
    func load(_ settings: PropertySnapshot) throws {}

    /// Gives up the models.
    func unload() {}

    /// Plans for frames of a format.
    func plan(for format: VideoFormat) throws {}

    /// Forgets what was shown.
    func forget() {}

    /// What the network needs of `flowwarp`: its resolution, 0 x 0 where it is not known yet, and what fills uncertain pixels.
    func needs(_ settings: PropertySnapshot) -> (width: Int, height: Int, fill: PriorFill) { (0, 0, .mean) }

    /// Paints a frame; nil where there is no model.
    func paint(
        _ frame: StyleFrame, of buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat,
        settings: PropertySnapshot
    ) throws -> StyleResult? { nil }

    /// What may stand in its place, for frames that follow one another.
    var alternative: String { "" }

    /// Whether pixels are written at all.
    func writesPixels(_ settings: PropertySnapshot) -> Bool { settings[Stylize.strength] > 0 }

    // MARK: -

    override func constructed() {
        super.constructed()
        _ = feedback
    }

    override func start() throws {
        hasSaidAlone = false
        frameCount = 0
        let settings = snapshot()
        do {
            try load(settings)
        } catch {
            throw modelError(error, settings[Stylize.model])
        }
    }

    override func willStop() { feedback.leave() }

    override func stop() { unload() }

    override func formatChanged(to format: VideoFormat) throws {
        let settings = snapshot()
        do {
            try plan(for: format)
        } catch {
            throw modelError(error, settings[Stylize.model])
        }
        register(settings)
    }

    override func sinkQuery(_ query: UnsafeMutablePointer<GstQuery>) -> Bool { feedback.answer(query) }

    override func sinkEvent(_ event: UnsafeMutablePointer<GstEvent>) -> EventHandling {
        feedback.take(event)
        if event.pointee.type == GST_EVENT_FLUSH_STOP { forget() }
        return .forward
    }

    override func process(
        _ buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, settings: PropertySnapshot
    ) throws {
        let prior = feedback.prior(of: buffer)
        let flow = FlowMeta.find(in: buffer, complain: complain)
        sayIfAlone(hasPrior: prior != nil, hasFlow: flow != nil)
        do {
            let result = try format.withPixels(of: buffer, writing: writesPixels(settings)) { pixels in
                var frame = StyleFrame(pixels: pixels, time: time(of: buffer, format: format))
                frame.prior = prior?.content.map { Prior(image: $0.picture, certainty: $0.certainty) }
                frame.isDiscontinuous = flow?.isDiscontinuity ?? false
                frame.flow = flow?.flow?.backward
                return try paint(frame, of: buffer, format: format, settings: settings)
            }
            guard let result else {
                if let prior { feedback.skip(prior) }
                return
            }
            tell(result, settings)
            if let prior { feedback.send(result.output, answering: prior) }
        } catch {
            if let prior { feedback.skip(prior) }
            throw modelError(error, settings[Stylize.model])
        }
        frameCount += 1
        if settings[Stylize.metas].dropsMetas(of: self) { MetaReaders.removeMetas(from: buffer) }
    }

    /// Says what became of a change of model or scale.
    private func tell(_ result: StyleResult, _ settings: PropertySnapshot) {
        if let failure = result.failure {
            let error = modelError(failure, settings[Stylize.model])
            post(.warning, ElementError(error.kind, error.cause, remedy: "\(error.remedy) The old style goes on."))
        }
        if result.beginsStyle { info("the style is \(settings[Stylize.model]) now") }
        if result.beginsStyle || outputSize != (result.output.width, result.output.height) {
            register(settings)
        }
    }

    /// Tells the `flowwarp` upstream what this stylizer needs.
    private func register(_ settings: PropertySnapshot) {
        let needs = needs(settings)
        outputSize = (needs.width, needs.height)
        feedback.register(width: needs.width, height: needs.height, fill: needs.fill)
    }

    private func sayIfAlone(hasPrior: Bool, hasFlow: Bool) {
        if hasPrior || hasSaidAlone { return }
        hasSaidAlone = true
        let missing = hasFlow ? "flowwarp" : "opticalflow ! occlusioncheck ! flowwarp"
        post(
            .info,
            ElementError(
                .settings, "There is no \(missing) that works for this stylizer: each frame is stylized on its own.",
                remedy: "Put \(missing) before it\(alternative), for a picture that holds still."))
    }

    /// Seconds of the stream.
    private func time(of buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat) -> Double {
        let time = gst_segment_to_stream_time(&transform.pointee.segment, GST_FORMAT_TIME, buffer.pointee.pts)
        if buffer.pointee.pts != GstClockTime.max, time != GstClockTime.max { return Double(time) * 1e-9 }
        let rate = format.frameRate.numerator > 0 ? Double(format.frameRate.numerator) : 25
        return Double(frameCount) * Double(format.frameRate.numerator > 0 ? format.frameRate.denominator : 1) / rate
    }

    private func modelError(_ error: any Error, _ model: String) -> ElementError {
        if let error = error as? ElementError { return error }
        if let error = error as? ModelLookupError { return ElementError(.notFound, "\(error)", remedy: "") }
        // The one that was asked for when it was read; another may be by now.
        let model = (error as? ModelError)?.model ?? model
        return ElementError(
            .decode, "The model \(model) cannot be used: \(error).",
            remedy: "Get it anew, or choose another one.")
    }
}
