import CGStreamer
import Flow
import GStreamerKit
import Imaging

/// `opticalflow`: computes dense forward and backward flow between each frame and earlier ones and attaches it. Behind
/// `cubemapsplit` the flow of each cube face is computed separately.
///
///     gst-launch-1.0 filesrc location=clip.mp4 ! decodebin ! videoconvert ! opticalflow preset=fast ! flowdraw ! \
///         videoconvert ! autovideosink
package final class OpticalFlow: TransformElement, @unchecked Sendable {
    package static let preset = Property<FlowPreset>(
        "preset", nick: "Preset", blurb: "Trade-off between speed and accuracy of the flow", default: .fast,
        flags: .mutablePlaying)
    static let scale = Property<Double>(
        "scale", nick: "Scale",
        blurb:
            "Resolution at which flow is computed, as a fraction of the frame's, at least 0.1; 0: the frame's, but no more "
            + "than pixels",
        range: 0...1, default: 0, flags: .mutablePlaying)
    static let pixels = Property<Int>(
        "pixels", nick: "Pixels",
        blurb:
            "Most pixels at which flow is computed if scale is 0; 0: as many as 960x540 has; if the source is live, as 640x360, "
            + "or as 427x240 with preset medium or quality",
        range: 0...100_000_000, default: 0, flags: .mutablePlaying)
    package static let references = Property<String>(
        "references", nick: "References",
        blurb:
            "Distances in frames to the earlier frames for which flow is computed; several, such as 1,10,20,40, keep areas "
            + "consistent after an occlusion",
        default: "1", flags: .mutablePlaying)
    package static let sceneCut = Property<Double>(
        "scene-cut", nick: "Scene cut",
        blurb:
            "Share of blocks without a match in the previous frame above which a scene cut is detected; 0 turns it off",
        range: 0...1, default: Double(SceneCutDetector.defaultThreshold), flags: .mutablePlaying)
    package static let flowPattern = Property<String>(
        "flow-pattern", nick: "Flow pattern",
        blurb:
            "Read the backward flow from Middlebury files, such as backward_[%d]_{%d}.flo, instead of computing it: [%d] is "
            + "the current frame, {%d} the earlier one, counted from 1",
        default: "", flags: .mutableReady)
    package static let reverseFlowPattern = Property<String>(
        "reverse-flow-pattern", nick: "Reverse flow pattern",
        blurb:
            "Read the forward flow from files such as forward_[%d]_{%d}.flo: [%d] is the earlier frame; needs flow-pattern",
        default: "", flags: .mutableReady)

    package static let cutsOnly = Property<Bool>(
        "cuts-only", nick: "Cuts only",
        blurb:
            "Find scene cuts without computing the flow of every frame: no flow is attached, and each frame that begins a "
            + "shot gives a message pentimento-cut with its number, counted from 0",
        default: false, flags: .mutableReady)

    package override class var description: ElementDescription { elementDescription }
    private static let elementDescription = ElementDescription(
        name: "opticalflow", typeName: "PentimentoOpticalFlow", longName: "Optical flow",
        classification: "Filter/Analyzer/Video",
        about: "Attaches to each frame the dense forward and backward optical flow between it and earlier frames",
        author: elementAuthor, formats: .all,
        properties: [preset, scale, pixels, references, sceneCut, flowPattern, reverseFlowPattern, cutsOnly])

    package override class var dropsLateFrames: Bool { true }

    private var estimator = FlowEstimator(preset: .fast)
    /// Whether frames come from a live source, for a value of 0 of ``pixels``.
    private var isFromLiveSource = false
    private var history = FlowHistory()
    private var files: FlowFiles?
    private let cuts = CutSearch()
    private var parsedReferences: (text: String, value: FlowReferences)?
    /// The last ``FarthestReference`` sent since the start.
    private var sentFarthest: Int?
    /// The previous frame's flow to its predecessor, for each image of the frame. Initialises the next search.
    private var lastFlow: [FlowPair]?
    /// Number of images stacked in the previous frame.
    private var batchSize = 1
    private var lastTime: GstClockTime?
    private var isInterrupted = true
    /// Frames since the last discontinuity. References do not cross it.
    private var sinceBeginning = 0
    private var number: UInt64 = 0
    /// Whether the stream was flushed since the previous frame; the next flow file's number must then be computed.
    private var hasSought = false

    package override func start() throws {
        let settings = snapshot()
        files = try FlowFiles(backward: settings[Self.flowPattern], forward: settings[Self.reverseFlowPattern])
        _ = try FlowReferences(settings[Self.references])
        number = 0
        hasSought = false
        sentFarthest = nil
        reset()
    }

    package override func stop() { reset() }

    package override func formatChanged(to format: VideoFormat) throws {
        reset()
        isFromLiveSource = isLive
    }

    package override func sinkEvent(_ event: UnsafeMutablePointer<GstEvent>) -> EventHandling {
        // Only serialized events arrive on the streaming thread, which owns this state.
        switch event.pointee.type {
        case GST_EVENT_FLUSH_STOP:
            isInterrupted = true
            hasSought = true
        case GST_EVENT_GAP: isInterrupted = true
        default: break
        }
        return .forward
    }

    package override func process(
        _ buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, settings: PropertySnapshot
    ) throws {
        if isInterrupted || jumps(to: buffer.pointee.pts, format) { reset() }
        isInterrupted = false
        if hasSought, files != nil { number = frameNumber(at: buffer.pointee.pts, format) ?? number }
        hasSought = false
        lastTime = buffer.pointee.pts == GstClockTime.max ? nil : buffer.pointee.pts

        let batchSize = CubeMapMeta.batchSize(of: buffer, format: format, warn: warnOnce)
        if batchSize != self.batchSize { forgetFrames() }
        self.batchSize = batchSize

        let references = parse(settings[Self.references])
        announce(references)
        let metas =
            if settings[Self.cutsOnly] {
                try findCut(in: buffer, format, settings)
            } else if let files {
                try read(files, references, format)
            } else {
                try format.withFrame(of: buffer, writing: false) { try estimate(references, $0, settings) }
            }
        FlowMeta.removeAll(from: buffer)
        for meta in metas { meta.attach(to: buffer) }
        number += 1
    }

    // MARK: - Continuity

    /// Resets the state so that the next frame is a discontinuity.
    private func reset() {
        forgetFrames()
        lastTime = nil
        isInterrupted = true
    }

    private func forgetFrames() {
        history.clear()
        cuts.forget()
        lastFlow = nil
        sinceBeginning = 0
    }

    /// Whether time goes backwards, or forwards by more than one second (three frames at low frame rates); the opposite
    /// in reverse playback. The buffer's DISCONT flag is of no use: leaky queues set it after each dropped frame.
    private func jumps(to time: GstClockTime, _ format: VideoFormat) -> Bool {
        guard let lastTime, time != GstClockTime.max else { return false }
        let (earlier, later) = transform.pointee.segment.rate < 0 ? (time, lastTime) : (lastTime, time)
        let rate = Double(format.frameRate.numerator) / Double(format.frameRate.denominator)
        let limit = rate > 0 ? max(1, 3 / rate) : 1
        return later < earlier || Double(later - earlier) > limit * 1e9
    }

    /// The number of the frame at a time, from 0; nil if the time or the frame rate is unknown.
    private func frameNumber(at time: GstClockTime, _ format: VideoFormat) -> UInt64? {
        guard format.frameRate.numerator > 0, let time = streamTime(of: time) else { return nil }
        let rate = Double(format.frameRate.numerator) / Double(format.frameRate.denominator)
        return UInt64((Double(time) * 1e-9 * rate).rounded())
    }

    /// The references from the property's text. A malformed text gives a warning and leaves the references unchanged.
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

    private func announce(_ references: FlowReferences) {
        let farthest = references.distances.last ?? 1
        guard farthest != sentFarthest else { return }
        sentFarthest = farthest
        FarthestReference(distance: farthest).send(downstreamOf: self)
    }

    private func discontinuity() -> [FlowMeta] { [FlowMeta(distance: 1, frame: number, flow: nil)] }

    // MARK: - Computing and reading flow

    private func estimate(
        _ references: FlowReferences, _ frame: FramePixels, _ properties: PropertySnapshot
    ) throws -> [FlowMeta] {
        let settings = flowSettings(properties, width: frame.width, height: frame.height)
        if estimator.preset != settings.preset { estimator = FlowEstimator(preset: settings.preset) }
        let luma = frame.images(ofBatch: batchSize).map { $0.luma(width: settings.width, height: settings.height) }
        let current = luma.map { estimator.prepare($0) }
        let start = lastFlow
        lastFlow = nil

        var metas: [FlowMeta] = []
        for distance in references.distances {
            guard let earlier = history.pyramids(distance: distance, settings: settings, by: estimator) else { break }
            let flow = current.indices.map {
                // The estimator ignores an initial flow of another size.
                estimator.estimate(
                    from: current[$0], to: earlier[$0], startingFrom: distance == 1 ? start?[$0] : nil)
            }
            if metas.isEmpty, isSceneCut(current, earlier, flow, threshold: properties[Self.sceneCut]) {
                debug("scene cut at frame \(number)")
                forgetFrames()
                break
            }
            if distance == 1 { lastFlow = flow }
            metas.append(FlowMeta(distance: distance, frame: number, flow: FlowPair(stacking: flow)))
        }
        history.append(luma, pyramids: current, settings: settings, limit: references.distances.last ?? 1)
        defer { sinceBeginning += 1 }
        return sinceBeginning == 0 ? discontinuity() : metas
    }

    private func flowSettings(_ properties: PropertySnapshot, width: Int, height: Int) -> FlowHistory.Settings {
        let (preset, pixels) = (properties[Self.preset], properties[Self.pixels])
        return FlowHistory.Settings(
            preset: preset, scale: properties[Self.scale],
            pixels: pixels > 0 ? pixels : FlowHistory.pixels(preset, isLive: isFromLiveSource),
            width: width, height: height / max(batchSize, 1))
    }

    /// Posts a message if the frame begins a shot.
    private func findCut(
        in buffer: UnsafeMutablePointer<GstBuffer>, _ format: VideoFormat, _ properties: PropertySnapshot
    ) throws -> [FlowMeta] {
        let settings = flowSettings(properties, width: format.width, height: format.height)
        let isCut = try cuts.isCut(
            at: buffer, format, batchSize: batchSize, settings: settings, threshold: properties[Self.sceneCut])
        if isCut { post(message: Self.cutMessage) { $0.set("frame", Int(number)) } }
        return []
    }

    /// The name of the message with ``cutsOnly``.
    package static let cutMessage = "pentimento-cut"

    private func isSceneCut(
        _ current: [FlowPyramid], _ earlier: [FlowPyramid], _ flow: [FlowPair], threshold: Double
    ) -> Bool {
        guard threshold > 0 else { return false }
        let measure = Double(SceneCutDetector().measure(from: current, to: earlier, flow: flow))
        trace("frame \(number): share of unmatched blocks \(measure)")
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
    /// Type of `preset`.
    public static let typeName = "PentimentoFlowPreset"
    /// Resolution of patches and of refinement.
    public var blurb: String {
        switch self {
        case .ultrafast: "Patches at a quarter of the resolution, minimal variational refinement"
        case .fast: "Patches at a quarter of the resolution, variational refinement"
        case .medium: "Denser patches at half the resolution, variational refinement"
        case .quality: "Denser patches and variational refinement up to full resolution"
        }
    }
}
