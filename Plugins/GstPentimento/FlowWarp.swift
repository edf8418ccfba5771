import CGStreamer
import Flow
import GStreamerKit
import Imaging
import Style

/// `flowwarp`: warps what the stylizer downstream made of the previous frame, or the previous frame itself, to the current one;
/// behind `cubemapsplit` each face of the cube for itself.
///
///     gst-launch-1.0 filesrc location=clip.mp4 ! decodebin ! videoconvert ! opticalflow ! occlusioncheck ! queue ! \
///         flowwarp ! stylize model=scream ! videoconvert ! autovideosink
final class FlowWarp: TransformElement, @unchecked Sendable {
    enum Source: String, PropertyChoice {
        case stylized, input
        static let typeName = "PentimentoFlowWarpSource"
        var blurb: String {
            switch self {
            case .stylized: "What the stylizer downstream made of the previous frame"
            case .input: "The previous frame as it came in"
            }
        }
    }

    enum Fill: String, PropertyChoice {
        case auto, mean, noise
        static let typeName = "PentimentoFlowWarpFill"
        var blurb: String {
            switch self {
            case .auto: "As the stylizer's model was trained"
            case .mean: "The mean colour"
            case .noise: "Random colours"
            }
        }

        /// - Parameter stylizer: the one that the prior is for.
        fileprivate func fill(for stylizer: RegisteredStylizer?) -> PriorFill {
            fill(trainedWith: stylizer?.fill)
        }

        /// - Parameter fill: what the stylizer's model was trained with, where that is known.
        func fill(trainedWith fill: PriorFill?) -> PriorFill {
            switch self {
            case .auto: fill ?? .mean
            case .mean: .mean
            case .noise: .noise
            }
        }
    }

    static let source = Property<Source>(
        "source", nick: "Source", blurb: "What is warped to the current frame", default: .stylized,
        flags: .mutableReady)
    static let interpolation = Property<Interpolation>(
        "interpolation", nick: "Interpolation", blurb: "How the picture is sampled between its pixels",
        default: .bicubic, flags: .mutablePlaying)
    static let fill = Property<Fill>(
        "fill", nick: "Fill", blurb: "What uncertain pixels of the prior hold (paper 8.3)", default: .auto,
        flags: .mutablePlaying)
    static let seed = Property<Int>(
        "seed", nick: "Seed", blurb: "What the random colours of fill=noise are drawn from", range: 0...Int(gint.max),
        default: 0, flags: .mutablePlaying)

    override class var description: ElementDescription { text }
    private static let text = ElementDescription(
        name: "flowwarp", typeName: "PentimentoFlowWarp", longName: "Flow warp",
        classification: "Filter/Analyzer/Video",
        about:
            "Attaches to each frame the previous stylized one, warped to it along the optical flow, for the stylizer "
            + "downstream",
        author: elementAuthor,
        properties: [source.specification, interpolation.specification, fill.specification, seed.specification])

    private let receiver = FeedbackReceiver()
    private var number: UInt64 = 0
    /// The previous frame's picture in network space, and where it is certain (nil: everywhere).
    private var previous: (picture: Image, certainty: Plane<Float>?)?
    /// The prior of the frame that is being stylized: what stands in where its answer stays out.
    private var lastPrior: PriorMeta.Content?
    /// Number of the last frame in `opticalflow`'s count.
    private var lastFlowFrame: UInt64?
    /// Whether a stylizer was looked for.
    private var hasAsked = false
    /// How often nothing was found under way to the stylizer that is waited for, one time after the other.
    private var idleLooks = 0
    private var hasWarned = false

    override func start() throws {
        receiver.start()
        forget()
        hasWarned = false
    }

    override func stop() {
        receiver.stop()
        forget()
    }

    override func willStop() { receiver.stop() }

    override func formatChanged(to format: VideoFormat) throws { forget() }

    override func sinkEvent(_ event: UnsafeMutablePointer<GstEvent>) -> EventHandling {
        switch event.pointee.type {
        case GST_EVENT_FLUSH_START: receiver.beginFlush()
        case GST_EVENT_FLUSH_STOP:
            receiver.endFlush()
            forget()
        default: break
        }
        return .forward
    }

    override func sourceEvent(_ event: UnsafeMutablePointer<GstEvent>) -> EventHandling {
        guard let message = FeedbackMessage(event) else { return .forward }
        var outcome = receiver.receive(message)
        if case .refused(let current) = outcome, isGone(current) {
            outcome = receiver.receive(message)
        }
        switch outcome {
        case .accepted: return .consume(true)
        case .unrelated: return .consume(false)
        case .refused:
            post(
                .warning,
                ElementError(
                    .settings, "A second stylizer is behind this flowwarp; it works frame by frame, without coherence.",
                    remedy: "Give each stylizer a chain opticalflow ! occlusioncheck ! flowwarp of its own."))
            return .consume(false)
        }
    }

    override func process(
        _ buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, settings: PropertySnapshot
    ) throws {
        let source = startSettings[Self.source]
        if source == .stylized {
            if !hasAsked {
                // So that the first frame knows of it, whatever queues lie between.
                hasAsked = true
                findStylizer()
            }
            takeAnswer()
        }
        let stylizer = receiver.stylizer
        let content = makePrior(of: buffer, format: format, stylizer: stylizer, settings)
        number += 1
        // Without a stylizer there is nobody to wait for, and without a picture nothing to tell.
        PriorMeta.removeAll(from: buffer)
        if stylizer != nil || content != nil {
            let token = source == .stylized && stylizer != nil ? receiver.expect(number) : nil
            PriorMeta(frame: number, owner: stylizer?.id ?? 0, content: content, token: token).attach(to: buffer)
        }
        lastPrior = content
        if source == .input {
            previous = (try format.withPixels(of: buffer, writing: false) { $0.networkImage() }, nil)
        }
    }

    // MARK: -

    private func forget() {
        previous = nil
        lastPrior = nil
        lastFlowFrame = nil
        hasAsked = false
    }

    /// Asks downstream for a stylizer, which registers.
    private func findStylizer() {
        if askFor(nil) != nil { receiver.noteQueryAnswered() } else { info("no stylizer downstream") }
    }

    /// Whether the stylizer that was there is not to be reached any more; it is forgotten then.
    private func isGone(_ stylizer: RegisteredStylizer) -> Bool {
        guard stylizer.answersQueries, askFor(stylizer.id) == nil else { return false }
        info("the stylizer is gone")
        receiver.forget(stylizer.id)
        return true
    }

    /// Asks for any stylizer downstream, or the one of that number; nil where it does not answer, else whether it does nothing and has
    /// not got the frame of that number.
    private func askFor(_ stylizer: UInt64?, frame: UInt64 = 0) -> Bool? {
        guard let structure = StructureWriter(FeedbackProtocol.find) else { return nil }
        if let stylizer { structure.set(FeedbackProtocol.stylizer, stylizer) }
        structure.set(FeedbackProtocol.frame, frame)
        guard let query = gst_query_new_custom(GST_QUERY_CUSTOM, structure.take()) else { return nil }
        defer { gst_mini_object_unref(miniObject(query)) }
        guard askDownstream(query), let answer = gst_query_get_structure(query) else { return nil }
        return StructureReader(answer).integer(FeedbackProtocol.isIdle) == 1
    }

    /// How many looks in a row must find nothing under way before a frame counts as lost. More than one, since a thread is for a
    /// moment between two elements, with the stream lock of neither.
    private static let mostIdleLooks = 4

    /// Whether a frame that is waited for must be lost: the stylizer is gone; or it has got neither the frame nor the question behind
    /// it, and nothing is under way to it, as behind a valve while an appsink of another branch keeps both. The stylizer and whatever
    /// lies before it may take as long as they like.
    private func look(for frame: UInt64, _ stylizer: RegisteredStylizer) -> Bool {
        guard stylizer.answersQueries else { return false }
        guard let isIdle = askFor(stylizer.id, frame: frame) else { return true }
        idleLooks = isIdle && isPathIdle(to: UInt(truncatingIfNeeded: stylizer.id)) ? idleLooks + 1 : 0
        guard idleLooks >= Self.mostIdleLooks else { return false }
        warn("frame \(frame) does not come to the stylizer")
        return true
    }

    /// Sends a question behind the frame of that number. Whoever lets go of it last says by that that there is no answer.
    private func ask(for frame: UInt64, _ stylizer: UInt64, _ token: FeedbackToken) {
        debug("no answer for frame \(frame) yet")
        guard let structure = StructureWriter(FeedbackProtocol.answer) else { return }
        structure.set(FeedbackProtocol.stylizer, stylizer)
        structure.set(FeedbackProtocol.frame, frame)
        structure.set(FeedbackProtocol.token, taking: token.carrier())
        sendDownstream(gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM, structure.take()))
    }

    /// Waits for the previous frame's result.
    private func takeAnswer() {
        let start = g_get_monotonic_time()
        idleLooks = 0
        let answer = receiver.waitForAnswer(ask: ask, look: look)
        foreignTime = UInt64(max(g_get_monotonic_time() - start, 0)) * 1000
        switch answer {
        case .stylized(let picture): previous = (picture, nil)
        case .lost where receiver.stylizer.map(isGone) ?? true: previous = nil
        case .skipped, .lost:
            // The prior of a frame that was not stylized is the best that is known of it.
            trace("the previous frame was not stylized")
            previous = lastPrior.map { ($0.picture, $0.certainty) }
        case .interrupted, nil: previous = nil
        }
    }

    /// The picture warped to the current frame; nil where nothing is known of it.
    private func makePrior(
        of buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, stylizer: RegisteredStylizer?,
        _ settings: PropertySnapshot
    ) -> PriorMeta.Content? {
        guard let meta = FlowMeta.find(in: buffer, complain: complain) else {
            if !hasWarned {
                hasWarned = true
                warn("frames come without the flow to the previous frame; put an opticalflow before this element")
            }
            lastFlowFrame = nil
            return nil
        }
        defer { lastFlowFrame = meta.frame }
        // Flow starts at the frame before; if that one was lost on the way, the picture at hand is another's.
        guard let flow = meta.flow?.backward, let previous, let lastFlowFrame, meta.frame == lastFlowFrame &+ 1 else {
            return nil
        }
        let (width, height) =
            stylizer.flatMap { size(of: $0, for: format) } ?? (previous.picture.width, previous.picture.height)
        let certainty =
            CertaintyMeta.find(in: buffer, complain: complain)?.backward
            ?? Plane(width: flow.width, height: flow.height, repeating: 1)
        let seed = UInt64(settings[Self.seed]) &+ meta.frame &* 0x9E37_79B9_7F4A_7C15
        let parts = CubeMapMeta.pictureCount(of: buffer, format: format, complain: complain)
        let prior = Prior(
            warping: previous.picture.resized(width: width, height: height, parts: parts), by: flow,
            certainty: certainty, interpolation: settings[Self.interpolation],
            fill: settings[Self.fill].fill(for: stylizer), seed: seed,
            parts: parts)
        let certain =
            previous.certainty.map { restrict(prior.certainty, to: $0, warpedBy: flow, parts: parts) }
            ?? prior.certainty
        return PriorMeta.Content(picture: prior.image, certainty: certain)
    }

    /// How often a network's resolution may go into the frame's, to each side: whoever says more means no network.
    private static let largestEnlargement = 4

    /// The resolution that a stylizer has asked for; nil where it has not, or for one that no network has.
    private func size(of stylizer: RegisteredStylizer, for format: VideoFormat) -> (width: Int, height: Int)? {
        let (width, height) = (stylizer.width, stylizer.height)
        guard width > 0, height > 0 else { return nil }
        guard width <= Self.largestEnlargement * format.width, height <= Self.largestEnlargement * format.height else {
            complain(
                "a stylizer's word",
                "its network takes \(width)x\(height), the frames are \(format.width)x\(format.height)")
            return nil
        }
        return (width, height)
    }

    /// What is left of a certainty where the warped picture itself was certain; elsewhere it holds what it was filled with.
    private func restrict(
        _ certainty: Plane<Float>, to before: Plane<Float>, warpedBy flow: FlowField, parts: Int
    ) -> Plane<Float> {
        let (width, height) = (certainty.width, certainty.height)
        let warped = Image(width: before.width, height: before.height, channels: 1, samples: before.values)
            .resized(width: width, height: height, parts: parts, by: .linear)
            .warped(
                by: flow.resized(width: width, height: height, parts: parts), interpolation: .bilinear, parts: parts)
        var result = certainty
        for index in result.values.indices where warped.samples[index] < 0.999 { result.values[index] = 0 }
        return result
    }
}

extension Interpolation: PropertyChoice {
    public static let typeName = "PentimentoInterpolation"
    public var blurb: String {
        switch self {
        case .bilinear: "Four pixels: faster, loses sharpness from frame to frame"
        case .bicubic: "Sixteen pixels: keeps sharpness"
        }
    }
}
