import CGStreamer
import Flow
import GStreamerKit
import Imaging
import Style

/// `flowwarp`: warps the previous stylized frame, or the previous input frame, to the current frame and attaches it as
/// the prior. Behind `cubemapsplit` each face of the cube is warped separately.
///
///     gst-launch-1.0 filesrc location=clip.mp4 ! decodebin ! videoconvert ! opticalflow ! occlusioncheck ! queue ! \
///         flowwarp ! stylize model=scream ! videoconvert ! autovideosink
final class FlowWarp: TransformElement, @unchecked Sendable {
    enum Source: String, PropertyChoice {
        case stylized, input
        static let typeName = "PentimentoFlowWarpSource"
        var blurb: String {
            switch self {
            case .stylized: "The previous frame as stylized downstream"
            case .input: "The previous input frame"
            }
        }
    }

    static let source = Property<Source>(
        "source", nick: "Source", blurb: "What is warped to the current frame", default: .stylized,
        flags: .mutableReady)
    static let interpolation = Property<Interpolation>(
        "interpolation", nick: "Interpolation", blurb: "Interpolation between pixels when warping",
        default: .bicubic, flags: .mutablePlaying)
    static let fill = Property<PriorFillChoice>(
        "fill", nick: "Fill", blurb: "Fill of uncertain pixels of the prior (paper 8.3)", default: .auto,
        flags: .mutablePlaying)
    static let anchorFrames = Property<Int>(
        "anchor-frames", nick: "Anchor frames",
        blurb:
            "Number of frames that are warped from the same stylized frame, along the sum of the flows, where it has not "
            + "been painted anew: keeps the painting sharp. 1: always from the last one, as in the paper",
        range: 1...1000, default: PriorHistory.defaultSpan, flags: .mutablePlaying)
    static let verify = Property<Bool>(
        "verify", nick: "Verify",
        blurb:
            "Compare the frames along the flow: what differs is uncertain, and what is uncertain gets the motion of its "
            + "surroundings where the frames agree on it, so that the painting stays behind moving objects",
        default: true, flags: .mutablePlaying)
    static let seed = Property<Int>(
        "seed", nick: "Seed", blurb: "Seed of the random colours of fill=noise", range: 0...Int(gint.max),
        default: 0, flags: .mutablePlaying)

    override class var description: ElementDescription { elementDescription }
    private static let elementDescription = ElementDescription(
        name: "flowwarp", typeName: "PentimentoFlowWarp", longName: "Flow warp",
        classification: "Filter/Analyzer/Video",
        about:
            "Warps the previous stylized frame to the current one along the optical flow and attaches it as the prior "
            + "for the stylizer downstream",
        author: elementAuthor, formats: .all,
        properties: [source, interpolation, anchorFrames, verify, fill, seed])

    private let receiver = FeedbackReceiver()
    private var number: UInt64 = 0
    /// The image to warp next, in network space, and its certainty (nil: certain everywhere).
    private var previous: (image: Image, certainty: Plane<Float>?)?
    private var history = PriorHistory()
    /// The prior of the frame that is being stylized. It replaces the result if the frame is not stylized.
    private var lastPrior: Prior?
    /// The previous frame's luma at the size of its flow, or of the frame, for ``verify``.
    private var lastLuma: Plane<UInt8>?
    /// The previous frame's number as counted by `opticalflow`.
    private var lastFlowFrame: UInt64?
    /// Whether downstream was asked for a stylizer.
    private var hasAsked = false
    /// Successive polls that found no buffer on the way to the stylizer.
    private var idlePolls = 0
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
                    .settings, "A second stylizer is behind this flowwarp; it stylizes each frame independently.",
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
                // The query passes queues, so the stylizer is known before the first frame is sent.
                hasAsked = true
                findStylizer()
            }
            takeAnswer()
        }
        let stylizer = receiver.stylizer
        let content = try makePrior(of: buffer, format: format, stylizer: stylizer, settings)
        if content == nil { history.removeAll() }
        number += 1
        // A prior without content is attached only if a stylizer has to answer it.
        PriorMeta.removeAll(from: buffer)
        if stylizer != nil || content != nil {
            let token = source == .stylized && stylizer != nil ? receiver.expect(number) : nil
            PriorMeta(frame: number, owner: stylizer?.id ?? 0, content: content, token: token).attach(to: buffer)
        }
        lastPrior = content
        if source == .input {
            previous = (try format.withFrame(of: buffer, writing: false) { $0.networkImage() }, nil)
        }
    }

    // MARK: -

    private func forget() {
        previous = nil
        history.removeAll()
        lastPrior = nil
        lastLuma = nil
        lastFlowFrame = nil
        hasAsked = false
    }

    /// Asks downstream for a stylizer, which then registers.
    private func findStylizer() {
        if askFor(nil) != nil { receiver.noteQueryAnswered() } else { info("no stylizer downstream") }
    }

    /// Whether the stylizer can no longer be reached. If so, it is unregistered.
    private func isGone(_ stylizer: RegisteredStylizer) -> Bool {
        guard stylizer.answersQueries, askFor(stylizer.id) == nil else { return false }
        info("the stylizer is gone")
        receiver.forget(stylizer.id)
        return true
    }

    /// Asks for the stylizer with an id, or for any stylizer downstream if `stylizer` is nil.
    ///
    /// - Returns: nil if none answers; otherwise whether the stylizer is idle and has not received `frame`.
    private func askFor(_ stylizer: UInt64?, frame: UInt64 = 0) -> Bool? {
        guard let structure = StructureWriter(FeedbackProtocol.find) else { return nil }
        if let stylizer { structure.set(FeedbackProtocol.stylizer, stylizer) }
        structure.set(FeedbackProtocol.frame, frame)
        guard let query = gst_query_new_custom(GST_QUERY_CUSTOM, structure.take()) else { return nil }
        defer { gst_mini_object_unref(miniObject(query)) }
        guard askDownstream(query), let answer = gst_query_get_structure(query) else { return nil }
        return StructureReader(answer).integer(FeedbackProtocol.isIdle) == 1
    }

    /// Successive idle polls after which a frame counts as lost. One is not enough: a thread that passes a buffer from
    /// one element to the next holds neither's stream lock for a moment.
    private static let lostAfterIdlePolls = 4

    /// Whether the awaited frame is lost: the stylizer is gone, or it has received neither the frame nor the `answer`
    /// event behind it and no buffer is on the way to it. The latter happens behind a valve, while an appsink of
    /// another branch keeps both. There is no time limit for the stylizer and the elements before it.
    private func isLost(_ frame: UInt64, _ stylizer: RegisteredStylizer) -> Bool {
        guard stylizer.answersQueries else { return false }
        guard let isIdle = askFor(stylizer.id, frame: frame) else { return true }
        idlePolls = isIdle && isPathIdle(to: UInt(truncatingIfNeeded: stylizer.id)) ? idlePolls + 1 : 0
        guard idlePolls >= Self.lostAfterIdlePolls else { return false }
        warn("frame \(frame) does not reach the stylizer")
        return true
    }

    /// Sends an `answer` event downstream behind the frame. Its token ends the wait when the last reference to it is
    /// dropped.
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
        idlePolls = 0
        let answer = receiver.waitForAnswer(ask: ask, isLost: isLost)
        foreignTime = UInt64(max(g_get_monotonic_time() - start, 0)) * 1000
        switch answer {
        case .stylized(let image): previous = (image, nil)
        case .lost where receiver.stylizer.map(isGone) ?? true: previous = nil
        case .skipped, .lost:
            // The prior of a frame that was not stylized is its best estimate.
            trace("the previous frame was not stylized")
            previous = lastPrior.map { ($0.image, $0.certainty) }
        case .interrupted, nil: previous = nil
        }
    }

    /// The previous result warped to the current frame; nil if there is none or no flow leads to it.
    private func makePrior(
        of buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, stylizer: RegisteredStylizer?,
        _ settings: PropertySnapshot
    ) throws -> Prior? {
        guard let meta = FlowMeta.find(in: buffer, warn: warnOnce) else {
            if !hasWarned {
                hasWarned = true
                warn("frames have no flow to the previous frame; put an opticalflow before this element")
            }
            lastFlowFrame = nil
            return nil
        }
        defer { lastFlowFrame = meta.frame }
        let batchSize = CubeMapMeta.batchSize(of: buffer, format: format, warn: warnOnce)
        var earlierLuma = lastLuma
        lastLuma = try luma(of: buffer, format: format, size: meta.flow?.backward, batchSize, settings)
        // The flow leads to the frame directly before. If that one was dropped, `previous` is another frame's.
        guard let flow = meta.flow?.backward, let previous, let lastFlowFrame, meta.frame == lastFlowFrame &+ 1 else {
            return nil
        }
        let (width, height) =
            stylizer.flatMap { size(of: $0, for: format) } ?? (previous.image.width, previous.image.height)
        var motion = Motion(
            flow: flow,
            certainty: CertaintyMeta.find(in: buffer, warn: warnOnce)?.backward
                ?? Plane(width: flow.width, height: flow.height, repeating: 1))
        if let size = lastLuma { earlierLuma = earlierLuma?.resized(width: size.width, height: size.height) }
        if let lastLuma, let earlierLuma {
            motion = MotionVerification.verified(motion, from: lastLuma, to: earlierLuma)
        }
        var last = previous.image
        last.batchSize = batchSize
        history.span = startSettings[Self.source] == .stylized ? settings[Self.anchorFrames] : 1
        return history.prior(
            after: last.resized(width: width, height: height), lastCertainty: previous.certainty, by: motion.flow,
            certainty: motion.certainty, interpolation: settings[Self.interpolation],
            fill: settings[Self.fill].fill(trainedWith: stylizer?.fill), seed: UInt64(settings[Self.seed]))
    }

    /// The luma at the flow's size, or that of the frame where no flow leads to it; nil if it is not needed. Stacked faces of a
    /// cube are not verified.
    private func luma(
        of buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, size: FlowField?, _ batchSize: Int,
        _ settings: PropertySnapshot
    ) throws -> Plane<UInt8>? {
        guard settings[Self.verify], batchSize == 1, startSettings[Self.source] == .stylized else { return nil }
        // A shot's second frame is compared with its first, whether or not other shots came before.
        let (width, height) = (size?.width ?? format.width, size?.height ?? format.height)
        return try format.withFrame(of: buffer, writing: false) { $0.luma(width: width, height: height) }
    }

    /// The largest plausible ratio of the network's to the frame's width or height.
    private static let maximumNetworkScale = 4

    /// The resolution that the stylizer has registered; nil if it has registered none or an implausible one.
    private func size(of stylizer: RegisteredStylizer, for format: VideoFormat) -> (width: Int, height: Int)? {
        let (width, height) = (stylizer.width, stylizer.height)
        guard width > 0, height > 0 else { return nil }
        guard width <= Self.maximumNetworkScale * format.width, height <= Self.maximumNetworkScale * format.height
        else {
            warnOnce(
                "a stylizer's registration",
                "its network takes \(width)x\(height), the frames are \(format.width)x\(format.height)")
            return nil
        }
        return (width, height)
    }
}

extension Interpolation: PropertyChoice {
    /// Type of `interpolation`.
    public static let typeName = "PentimentoInterpolation"
    /// Number of pixels used, and the effect on sharpness.
    public var blurb: String {
        switch self {
        case .bilinear: "4 neighbouring pixels: faster, but loses sharpness from frame to frame"
        case .bicubic: "16 neighbouring pixels: keeps sharpness"
        }
    }
}
