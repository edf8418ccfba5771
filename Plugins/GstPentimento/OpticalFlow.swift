import CGStreamer
import Flow
import GStreamerKit
import Imaging

/// `opticalflow`: dense flow between each frame and earlier ones, both ways, attached to the frame. Behind `cubemapsplit` each
/// face of the cube has its own, as if there were no other.
///
///     gst-launch-1.0 filesrc location=clip.mp4 ! decodebin ! videoconvert ! opticalflow preset=fast ! flowdraw ! \
///         videoconvert ! autovideosink
final class OpticalFlow: TransformElement, @unchecked Sendable {
    static let preset = Property<FlowPreset>(
        "preset", nick: "Preset", blurb: "Work that goes into the flow", default: .fast, flags: .mutablePlaying)
    static let scale = Property<Double>(
        "scale", nick: "Scale", blurb: "Resolution at which flow is computed, as a part of the frame's",
        range: 0.1...1, default: 1, flags: .mutablePlaying)
    static let references = Property<String>(
        "references", nick: "References",
        blurb: "Distances in frames to the earlier frames that flow is computed to, such as 1,10,20,40", default: "1",
        flags: .mutablePlaying)
    static let sceneCut = Property<Double>(
        "scene-cut", nick: "Scene cut",
        blurb:
            "Part of the picture that the previous frame does not explain above which a scene begins anew; 0 turns it off",
        range: 0...1, default: Double(SceneCutDetector.defaultThreshold), flags: .mutablePlaying)
    static let flowPattern = Property<String>(
        "flow-pattern", nick: "Flow pattern",
        blurb:
            "Read the flow from Middlebury files instead, such as backward_[%d]_{%d}.flo: [ ] the frame where it starts, "
            + "{ } the earlier one where it points, counted from 1",
        default: "", flags: .mutableReady)
    static let reverseFlowPattern = Property<String>(
        "reverse-flow-pattern", nick: "Reverse flow pattern",
        blurb:
            "Read the flow from the earlier frame to the current one, such as forward_[%d]_{%d}.flo; goes with flow-pattern",
        default: "", flags: .mutableReady)

    override class var description: ElementDescription { text }
    private static let text = ElementDescription(
        name: "opticalflow", typeName: "PentimentoOpticalFlow", longName: "Optical flow",
        classification: "Filter/Analyzer/Video",
        about: "Attaches to each frame the dense optical flow between it and earlier frames, both ways",
        author: elementAuthor,
        properties: [
            preset.specification, scale.specification, references.specification, sceneCut.specification,
            flowPattern.specification, reverseFlowPattern.specification,
        ])

    override class var dropsLateFrames: Bool { true }

    private var estimator = FlowEstimator(preset: .fast)
    private var history = FlowHistory()
    private var files: FlowFiles?
    private var parsedReferences: (text: String, value: FlowReferences)?
    /// The last frame's flow to the one before, of each of its parts: from there the next search starts.
    private var lastFlow: [FlowPair]?
    /// How the last frame was cut into parts.
    private var blocks = RowBlocks(count: 1)
    private var lastTime: GstClockTime?
    private var isInterrupted = true
    /// Frames since the last discontinuity: references reach no farther.
    private var sinceBeginning = 0
    private var number: UInt64 = 0
    /// Flushed since the last frame: flow files go on elsewhere.
    private var hasSought = false

    override func start() throws {
        let settings = snapshot()
        files = try FlowFiles(backward: settings[Self.flowPattern], forward: settings[Self.reverseFlowPattern])
        _ = try FlowReferences(settings[Self.references])
        number = 0
        hasSought = false
        beginAnew()
    }

    override func stop() { beginAnew() }

    override func formatChanged(to format: VideoFormat) throws { beginAnew() }

    override func sinkEvent(_ event: UnsafeMutablePointer<GstEvent>) -> EventHandling {
        // Only serialized events touch the streaming thread's state.
        switch event.pointee.type {
        case GST_EVENT_FLUSH_STOP:
            isInterrupted = true
            hasSought = true
        case GST_EVENT_GAP: isInterrupted = true
        default: break
        }
        return .forward
    }

    override func sourceQuery(_ query: UnsafeMutablePointer<GstQuery>) -> Bool {
        guard UpstreamQuestion.farthestReference.isAsked(for: query),
            let references = try? FlowReferences(snapshot()[Self.references])
        else {
            return false
        }
        UpstreamQuestion.farthestReference.answer(query, references.distances.last ?? 1)
        return true
    }

    override func process(
        _ buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, settings: PropertySnapshot
    ) throws {
        if isInterrupted || jumps(to: buffer.pointee.pts, format) { beginAnew() }
        isInterrupted = false
        if hasSought, files != nil { number = frameNumber(at: buffer.pointee.pts, format) ?? number }
        hasSought = false
        lastTime = buffer.pointee.pts == GstClockTime.max ? nil : buffer.pointee.pts

        let blocks = RowBlocks(count: CubeMapMeta.pictureCount(of: buffer, format: format, complain: complain))
        if blocks != self.blocks { forgetFrames() }
        self.blocks = blocks

        let references = parse(settings[Self.references])
        let metas =
            if let files {
                try read(files, references, format)
            } else {
                try estimate(references, try format.withPixels(of: buffer, writing: false) { $0.luma() }, settings)
            }
        FlowMeta.removeAll(from: buffer)
        for meta in metas { meta.attach(to: buffer) }
        number += 1
    }

    // MARK: - Continuity

    /// Nothing before the next frame counts.
    private func beginAnew() {
        forgetFrames()
        lastTime = nil
        isInterrupted = true
    }

    private func forgetFrames() {
        history.clear()
        lastFlow = nil
        sinceBeginning = 0
    }

    /// Whether time goes back, or on by more than a second (or three frames, if they are that slow); in reverse playback
    /// the other way round. A buffer's DISCONT flag says nothing: leaky queues set it for each frame that they drop.
    private func jumps(to time: GstClockTime, _ format: VideoFormat) -> Bool {
        guard let lastTime, time != GstClockTime.max else { return false }
        let (earlier, later) = transform.pointee.segment.rate < 0 ? (time, lastTime) : (lastTime, time)
        let rate = Double(format.frameRate.numerator) / Double(format.frameRate.denominator)
        let limit = rate > 0 ? max(1, 3 / rate) : 1
        return later < earlier || Double(later - earlier) > limit * 1e9
    }

    /// Frames from the stream's beginning to a time; nil where either time or rate is not known.
    private func frameNumber(at time: GstClockTime, _ format: VideoFormat) -> UInt64? {
        guard time != GstClockTime.max, format.frameRate.numerator > 0 else { return nil }
        let time = gst_segment_to_stream_time(&transform.pointee.segment, GST_FORMAT_TIME, time)
        guard time != GstClockTime.max else { return nil }
        let rate = Double(format.frameRate.numerator) / Double(format.frameRate.denominator)
        return UInt64((Double(time) * 1e-9 * rate).rounded())
    }

    /// The references as they stand; a text that cannot be read leaves them as they were.
    private func parse(_ text: String) -> FlowReferences {
        if let parsed = parsedReferences, parsed.text == text { return parsed.value }
        let value: FlowReferences
        do {
            value = try FlowReferences(text)
        } catch {
            post(.warning, ElementError(error))
            value = parsedReferences?.value ?? FlowReferences.previousFrame
        }
        parsedReferences = (text, value)
        return value
    }

    private func discontinuity() -> [FlowMeta] { [FlowMeta(distance: 1, frame: number, flow: nil)] }

    // MARK: - Where flow comes from

    private func estimate(
        _ references: FlowReferences, _ luma: Plane<UInt8>, _ properties: PropertySnapshot
    ) throws -> [FlowMeta] {
        let settings = FlowHistory.Settings(preset: properties[Self.preset], scale: properties[Self.scale])
        if estimator.preset != settings.preset { estimator = FlowEstimator(preset: settings.preset) }
        let luma = blocks.cut(luma)
        let current = FlowHistory.prepare(luma, settings, by: estimator)
        let start = lastFlow
        lastFlow = nil

        var metas: [FlowMeta] = []
        for distance in references.distances {
            guard let earlier = history.pyramids(distance: distance, settings: settings, by: estimator) else { break }
            let flow = current.indices.map {
                // The estimator passes over a start of another size.
                estimator.estimate(
                    from: current[$0], to: earlier[$0], startingFrom: distance == 1 ? start?[$0] : nil)
            }
            if metas.isEmpty, isSceneCut(current, earlier, flow, threshold: properties[Self.sceneCut]) {
                debug("a scene begins with frame \(number)")
                forgetFrames()
                break
            }
            if distance == 1 { lastFlow = flow }
            metas.append(FlowMeta(distance: distance, frame: number, flow: blocks.join(flow)))
        }
        history.append(luma, pyramids: current, settings: settings, limit: references.distances.last ?? 1)
        defer { sinceBeginning += 1 }
        return sinceBeginning == 0 ? discontinuity() : metas
    }

    private func isSceneCut(
        _ current: [FlowPyramid], _ earlier: [FlowPyramid], _ flow: [FlowPair], threshold: Double
    ) -> Bool {
        guard threshold > 0 else { return false }
        let measure = Double(SceneCutDetector().measure(from: current, to: earlier, flow: flow))
        trace("frame \(number): \(measure) of it comes from elsewhere")
        return measure > threshold
    }

    private func read(_ files: FlowFiles, _ references: FlowReferences, _ format: VideoFormat) throws -> [FlowMeta] {
        defer { sinceBeginning += 1 }
        guard sinceBeginning > 0 else { return discontinuity() }
        return try references.distances.filter { $0 <= sinceBeginning }.map { distance in
            let frame = Int(number) + 1
            return FlowMeta(
                distance: distance, frame: number,
                flow: try files.read(
                    frame: frame, reference: frame - distance, width: format.width, height: format.height))
        }
    }
}

extension FlowPreset: PropertyChoice {
    public static let typeName = "PentimentoFlowPreset"
    public var blurb: String {
        switch self {
        case .ultrafast: "Patches at a quarter of the resolution, refined a little"
        case .fast: "Patches at a quarter of the resolution, refined"
        case .medium: "Denser patches at half the resolution, refined"
        case .quality: "Denser patches, refined up to the full resolution"
        }
    }
}
