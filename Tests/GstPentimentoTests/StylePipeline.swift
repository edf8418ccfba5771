import CGStreamer
import GStreamerKit
import Glibc
import GstPentimento
import Imaging
import TestSupport

/// A pipeline of elements under test between an appsrc and an appsink.
final class StylePipeline {
    /// An output frame.
    struct Output {
        let bytes: [UInt8]
        let width: Int
        let height: Int
        /// Nanoseconds.
        let time: UInt64
        let duration: UInt64
        let regionCount: Int
    }

    static let models = TestData.repository + "/Plugins/GstPentimento/Models"

    private static let isReady: Bool = {
        // Set before a thread of GStreamer may read it.
        setenv("PENTIMENTO_MODEL_PATH", models, 1)
        gst_init(nil, nil)
        return registerPentimentoElements()
    }()

    let element: UnsafeMutablePointer<GstElement>
    private let source: UnsafeMutablePointer<GstElement>
    private let sink: UnsafeMutablePointer<GstElement>
    private let bus: UnsafeMutablePointer<GstBus>

    init?(_ chain: String) {
        guard Self.isReady,
            let element = gst_parse_launch(
                "appsrc name=source format=time ! \(chain) ! appsink name=sink sync=false", nil),
            let source = gst_bin_get_by_name(
                UnsafeMutableRawPointer(element).assumingMemoryBound(to: GstBin.self), "source"),
            let sink = gst_bin_get_by_name(
                UnsafeMutableRawPointer(element).assumingMemoryBound(to: GstBin.self), "sink"),
            let bus = gst_element_get_bus(element)
        else { return nil }
        self.element = element
        self.source = source
        self.sink = sink
        self.bus = bus
    }

    deinit {
        gst_element_set_state(element, GST_STATE_NULL)
        for object in [source, sink, element] { gst_object_unref(object) }
        gst_object_unref(bus)
    }

    @discardableResult
    func start() -> Bool { gst_element_set_state(element, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE }

    func stop() { gst_element_set_state(element, GST_STATE_NULL) }

    func set(caps width: Int, _ height: Int, _ layout: PixelLayout = .rgb) {
        let caps = gst_caps_from_string(
            "video/x-raw,format=\(layout.name),width=\(width),height=\(height),framerate=25/1")
        gst_app_src_set_caps(appSource, caps)
        gst_mini_object_unref(caps.map(miniObject))
    }

    /// Pushes a frame with GStreamer's default stride, a multiple of four bytes.
    ///
    /// - Parameter decorate: attaches metas to it.
    func push(_ bytes: [UInt8], time: UInt64, decorate: (UnsafeMutablePointer<GstBuffer>) -> Void = { _ in }) {
        let buffer = bytes.withUnsafeBytes { gst_buffer_new_memdup($0.baseAddress, gsize($0.count)) }
        guard let buffer else { return }
        buffer.pointee.pts = GstClockTime(time)
        buffer.pointee.duration = 40_000_000
        decorate(buffer)
        gst_app_src_push_buffer(appSource, buffer)
    }

    /// Flushes the pipeline, as a seek does.
    func flush() {
        // Not during a state change: a sink that loses its state while the bin goes to PLAYING would stay behind.
        gst_element_get_state(element, nil, nil, 10_000_000_000)
        gst_element_send_event(source, gst_event_new_flush_start())
        gst_element_send_event(source, gst_event_new_flush_stop(1))
    }

    func endStream() { gst_app_src_end_of_stream(appSource) }

    /// The next output frame; nil at end-of-stream or after `seconds`.
    ///
    /// - Parameter inspect: called with the buffer, to check its metas.
    func pull(
        within seconds: UInt64 = 60, inspect: (UnsafeMutablePointer<GstBuffer>) -> Void = { _ in }
    ) -> Output? {
        guard let sample = gst_app_sink_try_pull_sample(appSink, GstClockTime(seconds * 1_000_000_000)) else {
            return nil
        }
        defer { gst_sample_unref(sample) }
        guard let buffer = gst_sample_get_buffer(sample), let format = VideoFormat(gst_sample_get_caps(sample)) else {
            return nil
        }
        inspect(buffer)
        var bytes = [UInt8](repeating: 0, count: Int(gst_buffer_get_size(buffer)))
        gst_buffer_extract(buffer, 0, &bytes, gsize(bytes.count))
        return Output(
            bytes: bytes, width: format.width, height: format.height, time: UInt64(buffer.pointee.pts),
            duration: UInt64(buffer.pointee.duration),
            regionCount: Int(gst_buffer_get_n_meta(buffer, gst_video_region_of_interest_meta_api_get_type())))
    }

    func set(_ property: String, of name: String, to value: String) {
        withElement(name) { gst_util_set_object_arg($0, property, value) }
    }

    func double(_ property: String, of name: String) -> Double {
        var value = GValue()
        g_value_init(&value, GType(15 << 2))
        withElement(name) { g_object_get_property($0, property, &value) }
        return g_value_get_double(&value)
    }

    func integer(_ property: String, of name: String) -> Int {
        var value = GValue()
        g_value_init(&value, GType(6 << 2))
        withElement(name) { g_object_get_property($0, property, &value) }
        return Int(g_value_get_int(&value))
    }

    func withElement(_ name: String, _ body: (UnsafeMutablePointer<GObject>) -> Void) {
        let bin = UnsafeMutableRawPointer(element).assumingMemoryBound(to: GstBin.self)
        guard let found = gst_bin_get_by_name(bin, name) else { return }
        body(UnsafeMutableRawPointer(found).assumingMemoryBound(to: GObject.self))
        gst_object_unref(found)
    }

    /// The texts of all messages of a type on the bus; other messages are dropped.
    func messages(_ type: GstMessageType, within seconds: Double = 0) -> [String] {
        var texts: [String] = []
        var timeout = GstClockTime(seconds * 1e9)
        while let message = gst_bus_timed_pop_filtered(bus, timeout, type) {
            timeout = 0
            var error: UnsafeMutablePointer<GError>?
            switch type {
            case GST_MESSAGE_ERROR: gst_message_parse_error(message, &error, nil)
            case GST_MESSAGE_WARNING: gst_message_parse_warning(message, &error, nil)
            case GST_MESSAGE_INFO: gst_message_parse_info(message, &error, nil)
            default:
                if let structure = gst_message_get_structure(message), let text = gst_structure_to_string(structure) {
                    texts.append(String(cString: text))
                    g_free(text)
                }
            }
            if let error { texts.append(String(cString: error.pointee.message)) }
            g_clear_error(&error)
            gst_mini_object_unref(miniObject(message))
        }
        return texts
    }

    private var appSource: UnsafeMutablePointer<GstAppSrc> {
        UnsafeMutableRawPointer(source).assumingMemoryBound(to: GstAppSrc.self)
    }
    private var appSink: UnsafeMutablePointer<GstAppSink> {
        UnsafeMutableRawPointer(sink).assumingMemoryBound(to: GstAppSink.self)
    }
}

/// The bytes of a colourful frame in a pixel layout, with GStreamer's default stride.
///
/// - Parameter shift: shift of the pattern to the left in pixels.
func patternFrame(_ width: Int, _ height: Int, _ layout: PixelLayout = .rgb, shift: Int = 0) -> [UInt8] {
    let stride = (width * layout.bytesPerPixel + 3) / 4 * 4
    var bytes = [UInt8](repeating: 0, count: stride * height)
    for y in 0..<height {
        for x in 0..<width {
            let column = x + shift
            let start = y * stride + x * layout.bytesPerPixel
            for byte in 0..<layout.bytesPerPixel { bytes[start + byte] = UInt8((x * 5 + y * 3) % 256) }
            bytes[start + layout.red] = UInt8(60 + (column * 7 + y * 3) % 140)
            bytes[start + layout.green] = UInt8(50 + (column / 5 * 37 + y / 4 * 23) % 150)
            bytes[start + layout.blue] = UInt8(70 + (column / 3 * 31 + y / 2 * 17) % 120)
        }
    }
    return bytes
}
