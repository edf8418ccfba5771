import CGStreamer
import GStreamerKit
import Imaging
import Style

/// `stylize`: repaints frames with a feed-forward style network (paper section 5).
///
/// Behind `opticalflow ! occlusioncheck ! flowwarp` each frame follows the one before; alone it paints each frame on its own.
///
///     gst-launch-1.0 videotestsrc ! videoconvert ! stylize model=scream ! videoconvert ! autovideosink
///     gst-launch-1.0 filesrc location=clip.mp4 ! decodebin ! videoconvert ! opticalflow ! occlusioncheck ! queue ! \
///         flowwarp ! stylize model=scream ! videoconvert ! autovideosink
final class Stylize: TransformElement, @unchecked Sendable {
    static let model = Property<String>(
        "model", nick: "Model", blurb: "Name of a style (pentimento models list), or path of a .safetensors file",
        default: "scream", flags: .mutablePlaying)
    static let imageModel = Property<String>(
        "image-model", nick: "Image model",
        blurb:
            "A model for frames that nothing is known of, such as the first (paper eq. 15); empty: model, with an empty prior",
        default: "", flags: .mutablePlaying)
    static let fade = Property<Double>(
        "fade", nick: "Fade", blurb: "Seconds that a change of model takes while playing", range: 0...60, default: 0.5,
        flags: .mutablePlaying)
    static let strength = Property<Double>(
        "strength", nick: "Strength", blurb: "How much of the style shows: 0 is the frame itself", range: 0...1,
        default: 1, flags: [.controllable, .mutablePlaying])
    static let coherence = Property<Double>(
        "coherence", nick: "Coherence",
        blurb: "Added to the gate's logit of a gated model: above 0 steadier, below 0 livelier", range: -4...4,
        default: 0, flags: [.controllable, .mutablePlaying])
    static let preserveColor = Property<Bool>(
        "preserve-color", nick: "Preserve color", blurb: "Brightness of the stylized picture, colours of the frame",
        default: false, flags: [.controllable, .mutablePlaying])
    static let scale = Property<Double>(
        "scale", nick: "Scale",
        blurb: "Resolution at which the network runs, over the frame's: lower is faster, with larger strokes",
        range: 0.1...1, default: 1, flags: .mutablePlaying)
    static let medianFilter = Property<Int>(
        "median-filter", nick: "Median filter",
        blurb: "Side of a median filter on the network's output: 1 (none), 3 or 5 pixels", range: 1...5, default: 1,
        flags: .mutablePlaying)
    static let threads = Property<Int>(
        "threads", nick: "Threads", blurb: "How many threads compute; 0: one for each processor", range: 0...1024,
        default: 0, flags: .mutablePlaying)
    static let metas = Property<MetaPolicy>(
        "metas", nick: "Metas", blurb: "Whether frames keep the metas of flow, certainty and prior", default: .auto,
        flags: .mutablePlaying)

    override class var description: ElementDescription { text }
    private static let text = ElementDescription(
        name: "stylize", typeName: "PentimentoStylize", longName: "Style transfer",
        classification: "Filter/Effect/Video",
        about: "Repaints frames in the style of a painting; coherently behind opticalflow ! occlusioncheck ! flowwarp",
        author: elementAuthor,
        properties: [
            model.specification, imageModel.specification, fade.specification, strength.specification,
            coherence.specification, preserveColor.specification, scale.specification, medianFilter.specification,
            threads.specification, metas.specification,
        ])
    override class var dropsLateFrames: Bool { true }

    private lazy var feedback = FeedbackSender(self)
    private var stylizer: Stylizer?
    private var hasSaidAlone = false
    /// Resolution of the last frame's output.
    private var outputSize = (width: 0, height: 0)
    /// Frames since the start: what time is counted by where frames have none.
    private var frameCount = 0

    private var request: StyleRequest {
        StyleRequest(
            model: self[Self.model], imageModel: self[Self.imageModel], scale: self[Self.scale],
            threads: self[Self.threads])
    }

    private var look: Look {
        Look(
            strength: Float(self[Self.strength]), preservesColor: self[Self.preserveColor],
            // Even sides count as the next odd one.
            medianSize: self[Self.medianFilter] | 1)
    }

    override func constructed() {
        super.constructed()
        _ = feedback
    }

    override func start() throws {
        hasSaidAlone = false
        frameCount = 0
        do {
            stylizer = try Stylizer(request)
        } catch {
            throw modelError(error)
        }
    }

    override func willStop() { feedback.leave() }

    override func stop() { stylizer = nil }

    override func formatChanged(to format: VideoFormat) throws {
        guard let stylizer else { return }
        do {
            try stylizer.prepare(width: format.width, height: format.height)
        } catch {
            throw modelError(error)
        }
        register(stylizer)
    }

    override func sinkQuery(_ query: UnsafeMutablePointer<GstQuery>) -> Bool { feedback.answer(query) }

    override func sinkEvent(_ event: UnsafeMutablePointer<GstEvent>) -> EventHandling {
        feedback.take(event)
        if event.pointee.type == GST_EVENT_FLUSH_STOP { stylizer?.forget() }
        return .forward
    }

    override func process(_ buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat) throws {
        guard let stylizer else { return }
        let prior = feedback.prior(of: buffer)
        let flow = FlowMeta.find(in: buffer)
        sayIfAlone(hasPrior: prior != nil, hasFlow: flow != nil)
        let look = look
        do {
            let result = try format.withPixels(of: buffer, writing: look.strength > 0) { pixels in
                var frame = StyleFrame(pixels: pixels, time: time(of: buffer, format: format))
                frame.prior = prior?.content.map { Prior(image: $0.picture, certainty: $0.certainty) }
                frame.isDiscontinuous = flow?.isDiscontinuity ?? false
                frame.flow = flow?.flow?.backward
                return try stylizer.stylize(
                    frame, request: request, look: look, coherence: Float(self[Self.coherence]), fade: self[Self.fade])
            }
            tell(result)
            if let prior { feedback.send(result.output, answering: prior) }
        } catch {
            if let prior { feedback.skip(prior) }
            throw error is ElementError ? error : modelError(error)
        }
        frameCount += 1
        if self[Self.metas].dropsMetas(of: self) { MetaReaders.removeMetas(from: buffer) }
    }

    // MARK: -

    /// Says what became of a change of model or scale.
    private func tell(_ result: StyleResult) {
        if let failure = result.failure {
            let error = modelError(failure)
            post(.warning, ElementError(error.kind, error.cause, remedy: "\(error.remedy) The old style goes on."))
        }
        if result.beginsStyle { info("the style is \(self[Self.model]) now") }
        if result.beginsStyle || outputSize != (result.output.width, result.output.height), let stylizer {
            register(stylizer)
        }
    }

    /// Tells the `flowwarp` upstream what this stylizer needs.
    private func register(_ stylizer: Stylizer) {
        let size = stylizer.networkSize
        outputSize = (size.width, size.height)
        feedback.register(width: size.width, height: size.height, fill: stylizer.fill)
    }

    private func sayIfAlone(hasPrior: Bool, hasFlow: Bool) {
        if hasPrior || hasSaidAlone { return }
        hasSaidAlone = true
        let missing = hasFlow ? "flowwarp" : "opticalflow ! occlusioncheck ! flowwarp"
        post(
            .info,
            ElementError(
                .settings, "There is no \(missing) that works for this stylizer: each frame is stylized on its own.",
                remedy: "Put \(missing) before it, or use coherentstylize, for a picture that holds still."))
    }

    /// Seconds of the stream.
    private func time(of buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat) -> Double {
        let time = gst_segment_to_stream_time(&transform.pointee.segment, GST_FORMAT_TIME, buffer.pointee.pts)
        if buffer.pointee.pts != GstClockTime.max, time != GstClockTime.max { return Double(time) * 1e-9 }
        let rate = format.frameRate.numerator > 0 ? Double(format.frameRate.numerator) : 25
        return Double(frameCount) * Double(format.frameRate.numerator > 0 ? format.frameRate.denominator : 1) / rate
    }

    private func modelError(_ error: any Error) -> ElementError {
        if let error = error as? ModelLookupError { return ElementError(.notFound, "\(error)", remedy: "") }
        return ElementError(
            .decode, "The model \(self[Self.model]) cannot be used: \(error).",
            remedy: "Get it anew, or choose another one.")
    }
}
