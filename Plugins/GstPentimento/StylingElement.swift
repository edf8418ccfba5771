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
    private let held = HeldBuffer()
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

    /// Paints a frame for which the last result said that it is held, if none follows that continues it.
    func finish(held pixels: FramePixels) {}

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

    package override func stop() {
        held.drop()
        unload()
    }

    package override func formatChanged(to format: VideoFormat) throws {
        let settings = snapshot()
        do {
            try plan(for: format)
        } catch {
            throw modelError(error, settings[Stylize.model])
        }
        register(settings)
    }

    package override func sinkQuery(_ query: UnsafeMutablePointer<GstQuery>) -> Bool {
        if query.pointee.type == GST_QUERY_DRAIN { sendHeld() }
        return feedback.answer(query)
    }

    package override func sinkEvent(_ event: UnsafeMutablePointer<GstEvent>) -> EventHandling {
        if feedback.take(event) { return .forward }
        if event.pointee.type == GST_EVENT_FLUSH_STOP {
            held.drop()
            reset()
        } else if event.pointee.type.rawValue & UInt32(GST_EVENT_TYPE_SERIALIZED.rawValue) != 0 {
            sendHeld()
        }
        return .forward
    }

    /// Sends the held frame, if there is one, before what comes next in the stream.
    private func sendHeld() {
        guard let buffer = held.take() else { return }
        do {
            try finish(held: buffer)
            _ = sendDownstream(frame: buffer)
        } catch {
            gst_buffer_unref(buffer)
            post(.error, ElementError(error))
        }
    }

    private func finish(held buffer: UnsafeMutablePointer<GstBuffer>) throws {
        try format?.withFrame(of: buffer, writing: writesPixels(snapshot())) { finish(held: $0) }
    }

    package override func handle(
        _ buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, settings: PropertySnapshot
    ) throws -> FrameHandling {
        let prior = feedback.prior(of: buffer)
        let flow = FlowMeta.find(in: buffer, warn: warnOnce)
        sayIfAlone(hasPrior: prior != nil, hasFlow: flow != nil)
        // A frame that this one does not continue is not completed from it.
        if held.frame(before: flow) == nil { sendHeld() }
        let earlier = held.take()
        do {
            let result = try paint(buffer, prior?.content, flow, after: earlier, format: format, settings)
            if let prior {
                if let result, result.isPainted {
                    feedback.send(result.output, answering: prior)
                } else {
                    feedback.skip(prior)
                }
            }
            if let result { tell(result, settings) }
            frameCount += 1
            if settings[Stylize.metas].dropsMetas(of: self, metaReaders) { MetaReaders.removeMetas(from: buffer) }
            if result?.isHeld ?? false {
                held.hold(buffer, number: flow?.frame ?? 0)
                return .hold
            }
            return earlier.map { .follow($0) } ?? .forward
        } catch {
            if let earlier { gst_buffer_unref(earlier) }
            if let prior { feedback.skip(prior) }
            throw modelError(error, settings[Stylize.model])
        }
    }

    /// Stylizes a frame, and one that is held.
    private func paint(
        _ buffer: UnsafeMutablePointer<GstBuffer>, _ prior: Prior?, _ flow: FlowMeta?,
        after earlier: UnsafeMutablePointer<GstBuffer>?, format: VideoFormat, _ settings: PropertySnapshot
    ) throws -> StyleResult? {
        let isWriting = writesPixels(settings)
        return try format.withFrame(of: buffer, writing: isWriting) { pixels in
            var frame = StyleFrame(pixels: pixels, prior: prior, time: time(of: buffer, format: format))
            frame.isDiscontinuous = flow?.isDiscontinuity ?? false
            frame.flow = flow?.flow
            guard let earlier else { return try stylize(frame, of: buffer, format: format, settings: settings) }
            return try format.withFrame(of: earlier, writing: isWriting) {
                frame.held = $0
                return try stylize(frame, of: buffer, format: format, settings: settings)
            }
        }
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
        if let time = streamTime(of: buffer.pointee.pts) { return Double(time) * 1e-9 }
        let rate = format.frameRate.numerator > 0 ? Double(format.frameRate.numerator) : 25
        return Double(frameCount) * Double(format.frameRate.numerator > 0 ? format.frameRate.denominator : 1) / rate
    }

    private func modelError(_ error: any Error, _ model: String) -> ElementError {
        if let error = error as? ElementError { return error }
        if let error = error as? ModelLookupError { return ElementError(.notFound, "\(error)", remedy: "") }
        // The model that was requested when it was loaded; the property may have changed since.
        let model = (error as? ModelError)?.model ?? model
        if (error as? ModelError)?.mix != nil {
            return ElementError(.settings, "The mix of styles is wrong: \(error).", remedy: "Mix styles of \(model).")
        }
        return ElementError(
            .decode, "The model \(model) cannot be used: \(error).",
            remedy: "Download it again or choose another one.")
    }
}
