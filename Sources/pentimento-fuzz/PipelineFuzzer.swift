import CGStreamer
import GStreamerKit
import Glibc
import GstPentimento
import Support

/// A failure found by a case.
struct PipelineFailure: Error, CustomStringConvertible {
    let description: String
}

/// Runs pipelines of this project's elements with random input: frames of any size and layout, foreign metas, events
/// and property changes from several threads. A seed determines a case, except for the scheduling of threads.
///
/// A case fails if the process crashes, GLib logs a critical message, or the pipeline makes no progress; the watchdog
/// then prints the seed and ends the process. Errors and warnings on the bus are allowed.
struct PipelineFuzzer {
    /// Seconds after which a case counts as hung.
    static let timeout: UInt64 = 60

    private let files: PipelineFiles?

    init() {
        files = PipelineFiles.prepare()
    }

    /// Removes the files of the cases.
    func finish() { files?.remove() }

    /// Runs the case of a seed.
    ///
    /// - Throws: ``PipelineFailure``.
    func run(seed: UInt64) throws {
        guard let files else { throw PipelineFailure(description: "the elements or the models cannot be made") }
        GLibMistakes.forget()
        var random = FuzzRandom(seed: seed)
        let chain = PipelineChain(&random)
        PipelineWatch.begin(seed: seed, chain.text)
        defer { PipelineWatch.end() }
        do {
            let run = try PipelineRun(chain, files: files)
            run.drive(&random)
        }
        if let mistake = GLibMistakes.first {
            throw PipelineFailure(description: "seed \(seed): \(mistake), in \(chain.text)")
        }
    }
}

/// The run of one pipeline.
private final class PipelineRun {
    private let chain: PipelineChain
    private let files: PipelineFiles
    private let pipeline: UnsafeMutablePointer<GstElement>
    private let source: UnsafeMutablePointer<GstElement>
    private var frames: FrameMaker

    init(_ chain: PipelineChain, files: PipelineFiles) throws {
        var error: UnsafeMutablePointer<GError>?
        defer { g_clear_error(&error) }
        let text = chain.text.split(separator: PipelineFiles.placeholder, omittingEmptySubsequences: false)
            .joined(separator: files.folder)
        guard let pipeline = gst_parse_launch(text, &error), error == nil,
            let source = gst_bin_get_by_name(pipeline.of(GstBin.self), "in")
        else {
            throw PipelineFailure(
                description: "\(chain.text): \(error.map { String(cString: $0.pointee.message) } ?? "no pipeline")")
        }
        self.chain = chain
        self.files = files
        self.pipeline = pipeline
        self.source = source
        frames = FrameMaker(isSphere: chain.isSphere)
    }

    deinit {
        gst_element_set_state(pipeline, GST_STATE_NULL)
        gst_object_unref(source)
        gst_object_unref(pipeline)
    }

    func drive(_ random: inout FuzzRandom) {
        let damage = DamageProbe(at: "place", in: pipeline, seed: random.next(), isOn: random.chance(2))
        defer { damage?.remove() }
        for _ in 0..<random.below(4) { set(&random) }
        frames.change(&random)
        gst_app_src_set_caps(source.of(GstAppSrc.self), frames.caps)
        gst_element_set_state(pipeline, random.chance(5) ? GST_STATE_PAUSED : GST_STATE_PLAYING)
        for _ in 0..<2 + random.below(14) { step(&random) }
        // Either stops at once or waits for end-of-stream.
        if random.chance(3) { return }
        gst_element_set_state(pipeline, GST_STATE_PLAYING)
        gst_app_src_end_of_stream(source.of(GstAppSrc.self))
        guard let bus = gst_element_get_bus(pipeline) else { return }
        defer { gst_object_unref(bus) }
        let ends = GstMessageType(GST_MESSAGE_EOS.rawValue | GST_MESSAGE_ERROR.rawValue)
        // After an error, or after single elements were stopped, end-of-stream may not arrive. The watchdog covers the
        // stop itself.
        if let message = gst_bus_timed_pop_filtered(bus, chain.mayStandStill ? 50_000_000 : 5_000_000_000, ends) {
            gst_mini_object_unref(miniObject(message))
        }
    }

    private func step(_ random: inout FuzzRandom) {
        switch random.below(20) {
        case 0..<11:
            frames.push(to: source.of(GstAppSrc.self), &random)
        case 11:
            frames.change(&random)
            gst_app_src_set_caps(source.of(GstAppSrc.self), frames.caps)
        case 12..<16: set(&random)
        case 16: send(&random)
        case 17: seekOrFlush(&random)
        case 18: sendUpstream(&random)
        default:
            let states = [GST_STATE_PAUSED, GST_STATE_PLAYING, GST_STATE_READY, GST_STATE_PLAYING]
            if random.chance(3) {
                gst_element_set_state(pipeline, states[random.below(states.count)])
            } else {
                frames.push(to: source.of(GstAppSrc.self), &random)
            }
        }
    }

    private func set(_ random: inout FuzzRandom) {
        let name = chain.names[random.below(chain.names.count)]
        guard let element = gst_bin_get_by_name(pipeline.of(GstBin.self), name) else { return }
        defer { gst_object_unref(element) }
        RandomProperty.set(of: element, files: files, &random)
    }

    /// Sends a serialized event from the source.
    private func send(_ random: inout FuzzRandom) {
        let event: UnsafeMutablePointer<GstEvent>?
        switch random.below(5) {
        case 0: event = gst_event_new_gap(GstClockTime(random.next() >> UInt64(random.below(60))), 40_000_000)
        case 1:
            var segment = GstSegment()
            gst_segment_init(&segment, GST_FORMAT_TIME)
            segment.rate = random.chance(3) ? -1 : 2
            segment.start = guint64(random.next() >> UInt64(20 + random.below(40)))
            // Reverse playback needs a stop position.
            if segment.rate < 0 { segment.stop = segment.start + 1_000_000_000 }
            event = gst_event_new_segment(&segment)
        case 2: event = gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM, Self.message(&random))
        case 3: event = gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM_OOB, Self.message(&random))
        default: event = gst_event_new_tag(gst_tag_list_new_empty())
        }
        if let event { gst_element_send_event(source, event) }
    }

    private func seekOrFlush(_ random: inout FuzzRandom) {
        if random.chance(2) {
            gst_element_send_event(source, gst_event_new_flush_start())
            gst_element_send_event(source, gst_event_new_flush_stop(random.chance(2) ? 1 : 0))
        } else {
            gst_element_seek_simple(
                pipeline, GST_FORMAT_TIME, GstSeekFlags(GST_SEEK_FLAG_FLUSH.rawValue), gint64(random.below(1 << 30)))
        }
    }

    /// Sends an upstream event from the sink, including messages of the feedback protocol.
    private func sendUpstream(_ random: inout FuzzRandom) {
        guard let sink = gst_bin_get_by_name(pipeline.of(GstBin.self), "out") else { return }
        defer { gst_object_unref(sink) }
        let event: UnsafeMutablePointer<GstEvent>?
        switch random.below(3) {
        case 0:
            event = gst_event_new_qos(
                GST_QOS_TYPE_UNDERFLOW, 2, GstClockTimeDiff(random.below(1 << 30)), GstClockTime(random.below(1 << 31)))
        case 1: event = gst_event_new_latency(GstClockTime(random.below(1 << 30)))
        default: event = gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, Self.message(&random))
        }
        if let event { gst_element_send_event(sink, event) }
    }

    private static func message(_ random: inout FuzzRandom) -> UnsafeMutablePointer<GstStructure>? {
        let words = ["register", "stylized", "skipped", "answer", "leave", "find-stylizer", "nonsense"]
        guard let message = StructureWriter("pentimento/\(words[random.below(words.count)])") else { return nil }
        if !random.chance(4) { message.set("stylizer", random.chance(2) ? 7 : random.next()) }
        if !random.chance(4) { message.set("frame", UInt64(random.below(6))) }
        for field in ["width", "height"] where !random.chance(4) { message.set(field, random.size()) }
        if random.chance(2) {
            message.set("picture", taking: RandomPayload.make(length: random.below(200), &random))
        } else {
            message.set("picture", random.below(9))
        }
        if random.chance(2) { message.set("fill", "noise") } else { message.set("fill", 3.5) }
        return message.take()
    }
}
