import CGStreamer
import GStreamerKit
import Glibc
import GstPentimento
import TestSupport

/// Initialises GStreamer with the elements of this build and the test elements, once per process.
enum GStreamer {
    static let isReady: Bool = {
        // Set before a thread of GStreamer may read it.
        setenv("PENTIMENTO_MODEL_PATH", "\(TestData.repository)/Plugins/GstPentimento/Models", 1)
        gst_init(nil, nil)
        return registerPentimentoElements() && TestStylizer.register(plugin: nil)
    }()
}

struct PipelineFailure: Error, CustomStringConvertible {
    let description: String
}

/// An output frame of a pipeline; keeps a reference to its buffer.
final class OutputFrame {
    private let sample: OpaquePointer
    let buffer: UnsafeMutablePointer<GstBuffer>

    init?(_ sample: OpaquePointer?) {
        guard let sample, let buffer = gst_sample_get_buffer(sample) else { return nil }
        self.sample = sample
        self.buffer = buffer
    }

    deinit { gst_mini_object_unref(UnsafeMutablePointer<GstMiniObject>(sample)) }

    var bytes: [UInt8] {
        var map = GstMapInfo()
        guard gst_buffer_map(buffer, &map, GST_MAP_READ) != 0 else { return [] }
        defer { gst_buffer_unmap(buffer, &map) }
        return Array(UnsafeBufferPointer(start: map.data, count: Int(map.size)))
    }

    var time: GstClockTime { buffer.pointee.pts }
    var format: VideoFormat? { VideoFormat(gst_sample_get_caps(sample)) }
    var flows: [FlowMeta] { FlowMeta.all(of: buffer) }
    var flow: FlowMeta? { FlowMeta.find(in: buffer) }
    var certainty: CertaintyMeta? { CertaintyMeta.find(in: buffer) }
    var prior: PriorMeta? { PriorMeta.find(in: buffer) }
}

/// A pipeline from a description with at most one appsrc named `in` and one appsink named `out`.
final class TestPipeline {
    let element: UnsafeMutablePointer<GstElement>
    private let source: UnsafeMutablePointer<GstAppSrc>?
    private let sink: UnsafeMutablePointer<GstAppSink>?

    /// Time-out in nanoseconds of every wait in a test.
    static let timeout: UInt64 = 8_000_000_000

    init(_ text: String) throws {
        guard GStreamer.isReady else { throw PipelineFailure(description: "the elements do not register") }
        var error: UnsafeMutablePointer<GError>?
        guard let element = gst_parse_launch(text, &error), error == nil else {
            let message = error.map { String(cString: $0.pointee.message) } ?? ""
            throw PipelineFailure(description: "\(text): \(message)")
        }
        self.element = element
        source = TestPipeline.child("in", of: element)
        sink = TestPipeline.child("out", of: element)
    }

    deinit {
        gst_element_set_state(element, GST_STATE_NULL)
        gst_object_unref(element)
    }

    private static func child<Kind>(
        _ name: String, of element: UnsafeMutablePointer<GstElement>
    ) -> UnsafeMutablePointer<Kind>? {
        let bin = UnsafeMutableRawPointer(element).assumingMemoryBound(to: GstBin.self)
        guard let child = gst_bin_get_by_name(bin, name) else { return nil }
        // The bin holds a reference as long as the pipeline exists.
        gst_object_unref(child)
        return UnsafeMutableRawPointer(child).assumingMemoryBound(to: Kind.self)
    }

    func child(_ name: String) throws -> UnsafeMutablePointer<GstElement> {
        guard let child: UnsafeMutablePointer<GstElement> = TestPipeline.child(name, of: element) else {
            throw PipelineFailure(description: "there is no element \(name)")
        }
        return child
    }

    func set(_ property: String, of name: String, to value: String) throws {
        gst_util_set_object_arg(
            UnsafeMutableRawPointer(try child(name)).assumingMemoryBound(to: GObject.self), property, value)
    }

    /// Sets a string property verbatim, without the quoting of pipeline descriptions.
    func setText(_ property: String, of name: String, to text: String) throws {
        var value = GValue()
        g_value_init(&value, GType(16 << 2))
        g_value_set_string(&value, text)
        g_object_set_property(
            UnsafeMutableRawPointer(try child(name)).assumingMemoryBound(to: GObject.self), property, &value)
        g_value_unset(&value)
    }

    /// The value, as in pipeline descriptions, of a property of an element or of a bin's child, `child::property`; "?" if
    /// there is none.
    func text(_ property: String, of name: String) throws -> String {
        var value = GValue()
        var owner: UnsafeMutablePointer<GObject>?
        var specification: UnsafeMutablePointer<GParamSpec>?
        guard gst_child_proxy_lookup(OpaquePointer(element), "\(name)::\(property)", &owner, &specification) != 0,
            let owner, let specification
        else {
            return "?"
        }
        defer { g_object_unref(owner) }
        g_value_init(&value, specification.pointee.value_type)
        g_object_get_property(owner, specification.pointee.name, &value)
        defer { g_value_unset(&value) }
        guard let content = gst_value_serialize(&value) else { return "?" }
        defer { g_free(content) }
        return String(cString: content)
    }

    func integer(_ property: String, of name: String) throws -> Int {
        var value = GValue()
        g_value_init(&value, GType(6 << 2))
        g_object_get_property(
            UnsafeMutableRawPointer(try child(name)).assumingMemoryBound(to: GObject.self), property, &value)
        return Int(g_value_get_int(&value))
    }

    // MARK: - State

    /// Changes the state and waits until it is reached.
    func setState(_ state: GstState) throws {
        if gst_element_set_state(element, state) == GST_STATE_CHANGE_ASYNC {
            guard gst_element_get_state(element, nil, nil, GstClockTime(Self.timeout)) != GST_STATE_CHANGE_ASYNC else {
                throw PipelineFailure(description: "the pipeline does not reach state \(state.rawValue)")
            }
        }
    }

    /// Starts without waiting for the first frame.
    func play() { gst_element_set_state(element, GST_STATE_PLAYING) }

    /// Waits for a message of one of the types, up to a time-out.
    func waitForMessage(
        _ types: [GstMessageType], nanoseconds: UInt64 = timeout
    ) -> (type: GstMessageType, text: String)? {
        guard let bus = gst_element_get_bus(element) else { return nil }
        defer { gst_object_unref(bus) }
        let mask = GstMessageType(rawValue: types.reduce(0) { $0 | $1.rawValue })
        guard let message = gst_bus_timed_pop_filtered(bus, GstClockTime(nanoseconds), mask) else { return nil }
        defer { gst_mini_object_unref(miniObject(message)) }
        var error: UnsafeMutablePointer<GError>?
        switch message.pointee.type {
        case GST_MESSAGE_ERROR: gst_message_parse_error(message, &error, nil)
        case GST_MESSAGE_WARNING: gst_message_parse_warning(message, &error, nil)
        case GST_MESSAGE_INFO: gst_message_parse_info(message, &error, nil)
        default: break
        }
        defer { g_clear_error(&error) }
        return (message.pointee.type, error.map { String(cString: $0.pointee.message) } ?? "")
    }

    /// Plays until end-of-stream.
    func run() throws {
        play()
        let end = waitForMessage([GST_MESSAGE_EOS, GST_MESSAGE_ERROR])
        guard let end, end.type == GST_MESSAGE_EOS else {
            throw PipelineFailure(description: end.map { "error: \($0.text)" } ?? "the pipeline does not end")
        }
    }

    /// Performs a flushing seek; false if it is refused.
    func seek(to nanoseconds: UInt64) -> Bool {
        gst_element_seek_simple(
            element, GST_FORMAT_TIME, GstSeekFlags(rawValue: GST_SEEK_FLAG_FLUSH.rawValue), gint64(nanoseconds)) != 0
    }

    // MARK: - Frames

    func setCaps(_ text: String) {
        guard let caps = gst_caps_from_string(text) else { return }
        gst_app_src_set_caps(source, caps)
        gst_mini_object_unref(miniObject(caps))
    }

    /// Pushes a buffer and takes ownership of it.
    func push(_ buffer: UnsafeMutablePointer<GstBuffer>?) {
        _ = gst_app_src_push_buffer(source, buffer)
    }

    func push(_ frames: [TestFrame]) {
        for frame in frames { push(frame.makeBuffer()) }
    }

    func endStream() { _ = gst_app_src_end_of_stream(source) }

    /// The next output frame; nil at end-of-stream.
    func pull() throws -> OutputFrame? {
        let sample = gst_app_sink_try_pull_sample(sink, GstClockTime(Self.timeout))
        if sample == nil, gst_app_sink_is_eos(sink) == 0 {
            let error = waitForMessage([GST_MESSAGE_ERROR], nanoseconds: 0)
            throw PipelineFailure(description: error.map { "error: \($0.text)" } ?? "no frame comes out")
        }
        return OutputFrame(sample)
    }

    /// The appsink named `out`.
    func appSink() throws -> UnsafeMutablePointer<GstAppSink> {
        guard let sink else { throw PipelineFailure(description: "there is no appsink") }
        return sink
    }

    /// All output frames until end-of-stream.
    func pullAll() throws -> [OutputFrame] {
        var frames: [OutputFrame] = []
        while let frame = try pull() { frames.append(frame) }
        return frames
    }

    /// Runs frames of one format through the elements in `text`, between an appsrc and an appsink.
    static func run(_ frames: [TestFrame], through text: String) throws -> [OutputFrame] {
        let pipeline = try TestPipeline("appsrc name=in format=time ! \(text) ! appsink name=out sync=false")
        if let first = frames.first { pipeline.setCaps(first.caps) }
        pipeline.play()
        pipeline.push(frames)
        pipeline.endStream()
        return try pipeline.pullAll()
    }
}
