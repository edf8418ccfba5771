import CGStreamer
import Imaging

/// Initialises GStreamer. Repeated calls do nothing.
public func startGStreamer() {
    gst_init(nil, nil)
    _ = (ColorConversion.isRegistered, ToneMappingElement.isRegistered, AlphaPlane.isRegistered)
}

/// A GStreamer pipeline from a description, run on the calling thread.
public final class Pipeline {
    package typealias Element = UnsafeMutablePointer<GstElement>

    package let element: Element
    private let bus: UnsafeMutablePointer<GstBus>
    /// Name of the input in error messages.
    package let input: String
    /// Name of the output in error messages.
    private let output: String

    /// - Parameters:
    ///   - description: in `gst-launch-1.0` syntax.
    ///   - input: name of the input in error messages, usually its path.
    ///   - output: name of the output in error messages; nil: as `input`.
    /// - Throws: if the description is malformed or an element is not installed.
    public init(parsing description: String, input: String, output: String? = nil) throws(MediaError) {
        startGStreamer()
        var failure: UnsafeMutablePointer<GError>?
        let context = gst_parse_context_new()
        defer { gst_parse_context_free(context) }
        let parsed = gst_parse_launch_full(description, context, GST_PARSE_FLAG_FATAL_ERRORS, &failure)
        guard let parsed, let bus = gst_element_get_bus(parsed) else {
            defer { g_clear_error(&failure) }
            throw Self.parseError(context, failure, input: input)
        }
        element = parsed
        self.bus = bus
        self.input = input
        self.output = output ?? input
    }

    deinit {
        stop()
        if isAbandoned { return }
        gst_object_unref(bus)
        gst_object_unref(element)
    }

    private static func parseError(
        _ context: OpaquePointer?, _ failure: UnsafeMutablePointer<GError>?, input: String
    ) -> MediaError {
        var missing: [String] = []
        if let names = gst_parse_context_get_missing_elements(context) {
            var index = 0
            while let name = names[index] {
                missing.append(String(cString: name))
                index += 1
            }
            g_strfreev(names)
        }
        if let name = missing.first {
            let remedy =
                MissingPlugin.package(forElement: name).map { "; sudo apt install \($0)" }
                ?? "; `gst-inspect-1.0 | grep WORD` looks for a name, `pentimento doctor` for what is missing"
            return MediaError("\(input): needs the element “\(name)”, which is not installed\(remedy)")
        }
        return MediaError("\(input): \(failure.map { String(cString: $0.pointee.message) } ?? "not a pipeline")")
    }

    // MARK: Children

    /// Calls `body` with a child, which the pipeline owns; nil if there is none of that name.
    package func child<Result>(_ name: String, _ body: (Element) -> Result) -> Result? {
        guard let child = gst_bin_get_by_name(element.of(GstBin.self), name) else { return nil }
        defer { gst_object_unref(child) }
        return body(child)
    }

    /// Sets a property of a child. A string property is set verbatim, without the quoting rules of pipeline
    /// descriptions.
    public func set(_ property: String, of name: String, to value: String) {
        _ = child(name) { $0.set(property, to: value) }
    }

    // MARK: Running

    /// The result of a poll: whether to continue.
    public enum Verdict: Sendable { case goOn, cancel }

    /// Plays until end-of-stream.
    ///
    /// - Parameter poll: called ten times a second on the calling thread.
    /// - Throws: the first error of an element, or an error if `poll` cancels.
    public func run(poll: () throws(MediaError) -> Verdict = { () throws(MediaError) in .goOn }) throws(MediaError) {
        try start()
        defer { stop() }
        while true {
            if try !step(timeout: 100_000_000) { return }
            if try poll() == .cancel { throw MediaError("\(input): stopped before its end") }
        }
    }

    /// Sets the pipeline to PLAYING.
    ///
    /// - Throws: the error of an element that does not start.
    public func start() throws(MediaError) {
        hasEnded = false
        if gst_element_set_state(element, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE {
            while try step(timeout: 0) && gst_bus_have_pending(bus) != 0 {}
            throw MediaError("\(input): the pipeline does not start; GST_DEBUG=3 tells more")
        }
    }

    /// Sends end-of-stream to the sources, so that output files are finished.
    public func endStream() {
        gst_element_send_event(element, gst_event_new_eos())
    }

    /// Stops the pipeline and waits for its streaming threads.
    ///
    /// If the calling thread's `Cancellation` is requested, it waits for at most one second, since the encoder of a
    /// large image cannot be interrupted. A remaining thread then only writes to files that are already open, and the
    /// pipeline is never freed.
    public func stop() {
        if isAbandoned { return }
        guard Cancellation.isRequested else {
            gst_element_set_state(element, GST_STATE_NULL)
            return
        }
        let end = StopSignal()
        gst_element_call_async(
            element,
            { element, data in
                gst_element_set_state(element, GST_STATE_NULL)
                if let data { Unmanaged<StopSignal>.fromOpaque(data).takeUnretainedValue().send() }
            }, Unmanaged.passRetained(end).toOpaque(),
            { data in if let data { Unmanaged<StopSignal>.fromOpaque(data).release() } })
        isAbandoned = !end.wait(microseconds: 1_000_000)
    }

    /// Whether a streaming thread did not end in time.
    private var isAbandoned = false

    /// Handles one bus message, waiting at most `timeout` nanoseconds for it. Returns false at end-of-stream.
    package func step(timeout: UInt) throws(MediaError) -> Bool {
        let wanted = GstMessageType(
            GST_MESSAGE_ERROR.rawValue | GST_MESSAGE_EOS.rawValue | GST_MESSAGE_ELEMENT.rawValue
                | GST_MESSAGE_WARNING.rawValue | GST_MESSAGE_LATENCY.rawValue | GST_MESSAGE_SEGMENT_DONE.rawValue)
        guard let message = gst_bus_timed_pop_filtered(bus, timeout, wanted) else { return true }
        defer { gst_mini_object_unref(UnsafeMutableRawPointer(message).assumingMemoryBound(to: GstMiniObject.self)) }
        switch message.pointee.type {
        case GST_MESSAGE_EOS:
            hasEnded = true
            return false
        case GST_MESSAGE_ERROR: throw error(of: message)
        case GST_MESSAGE_LATENCY: gst_bin_recalculate_latency(element.of(GstBin.self))
        case GST_MESSAGE_WARNING: try report(warning: message)
        case GST_MESSAGE_SEGMENT_DONE: onSegmentDone?()
        default:
            if gst_is_missing_plugin_message(message) != 0,
                let detail = gst_missing_plugin_message_get_installer_detail(message)
            {
                defer { g_free(detail) }
                missingPlugin = missingPlugin ?? String(cString: detail)
            }
            onElementMessage?(message)
        }
        return true
    }

    /// Handles the messages up to the end of the stream, which has reached all sinks.
    package func finishMessages() throws(MediaError) {
        while !hasEnded, try step(timeout: 1_000_000_000), gst_bus_have_pending(bus) != 0 {}
    }

    /// Whether the end of the stream was reported.
    private var hasEnded = false

    /// Handler for element messages.
    package var onElementMessage: ((UnsafeMutablePointer<GstMessage>) -> Void)?
    /// Called at the end of a segment that a seek asked for.
    package var onSegmentDone: (() -> Void)?
    /// Handler for the texts of warnings.
    public var onWarning: ((String) -> Void)?
    /// Whether it writes to a network, and not to a file.
    package var writesToNetwork = false
    private var missingPlugin: String?

    private func report(warning message: UnsafeMutablePointer<GstMessage>) throws(MediaError) {
        var failure: UnsafeMutablePointer<GError>?
        var details: UnsafeMutablePointer<gchar>?
        gst_message_parse_warning(message, &failure, &details)
        defer {
            g_clear_error(&failure)
            g_free(details)
        }
        guard let failure else { return }
        // An element that is never linked never gets end-of-stream, so the pipeline would not end.
        if failure.pointee.domain == gst_parse_error_quark(),
            UInt32(bitPattern: failure.pointee.code) == GST_PARSE_ERROR_DELAYED_LINK.rawValue
        {
            let place =
                details.flatMap { String(cString: $0).split(whereSeparator: \.isNewline).last.map { ": \($0)" } } ?? ""
            throw MediaError("\(input): has no stream of the kind that the pipeline wants\(place)")
        }
        // That latencies differ matters where frames are shown in time, which sinks then say themselves.
        if failure.pointee.domain == gst_core_error_quark(),
            UInt32(bitPattern: failure.pointee.code) == GST_CORE_ERROR_CLOCK.rawValue
        {
            return
        }
        onWarning?(String(cString: failure.pointee.message))
    }

    private func error(of message: UnsafeMutablePointer<GstMessage>) -> MediaError {
        var failure: UnsafeMutablePointer<GError>?
        gst_message_parse_error(message, &failure, nil)
        defer { g_clear_error(&failure) }
        guard let failure else { return MediaError("\(input): an element failed without saying why") }
        let (domain, code) = (failure.pointee.domain, UInt32(bitPattern: failure.pointee.code))
        if domain == FrameFeed.errorDomain {
            return MediaError(String(cString: failure.pointee.message))
        }
        if domain == gst_resource_error_quark() {
            switch GstResourceError(code) {
            case GST_RESOURCE_ERROR_NO_SPACE_LEFT:
                return MediaError("\(output): the disk is full; free some space or write elsewhere")
            case GST_RESOURCE_ERROR_WRITE where writesToNetwork: return MediaError("\(output): the connection is lost")
            case GST_RESOURCE_ERROR_WRITE, GST_RESOURCE_ERROR_SYNC, GST_RESOURCE_ERROR_CLOSE:
                return MediaError(
                    "\(output): could not be written to its end; is the disk full, or are files limited in size?")
            default: break
            }
        }
        if let missingPlugin { return MissingPlugin.error(installerDetail: missingPlugin, input: input) }
        let text = String(cString: failure.pointee.message)
        if domain == gst_stream_error_quark() {
            if code == GST_STREAM_ERROR_TYPE_NOT_FOUND.rawValue { return .notMedia(input, text) }
            // As decodebin says of a text.
            if code == GST_STREAM_ERROR_WRONG_TYPE.rawValue, text.contains("text file") {
                return MediaError("\(input): is a text, neither a video nor a picture")
            }
        }
        let source = message.pointee.src.flatMap { gst_object_get_name($0) }
        defer { g_free(source) }
        return MediaError("\(input): \(source.map { String(cString: $0) + ": " } ?? "")\(text)")
    }
}

extension UnsafeMutablePointer where Pointee == GstElement {
    /// The pointer cast to another GObject type, like the C cast macros.
    package func of<T>(_ type: T.Type) -> UnsafeMutablePointer<T> {
        UnsafeMutableRawPointer(self).assumingMemoryBound(to: type)
    }

    /// Whether the element has a property of that name.
    func has(_ property: String) -> Bool {
        let instance = UnsafeMutableRawPointer(self).assumingMemoryBound(to: GTypeInstance.self)
        guard let type = instance.pointee.g_class else { return false }
        return g_object_class_find_property(
            UnsafeMutableRawPointer(type).assumingMemoryBound(to: GObjectClass.self), property) != nil
    }

    /// Sets a string property verbatim, and any other property from its text.
    package func set(_ property: String, to value: String) {
        let instance = UnsafeMutableRawPointer(self).assumingMemoryBound(to: GTypeInstance.self)
        guard let type = instance.pointee.g_class else { return }
        let specification = g_object_class_find_property(
            UnsafeMutableRawPointer(type).assumingMemoryBound(to: GObjectClass.self), property)
        guard let specification else { return }
        guard specification.pointee.value_type == GType(16 << 2) else {
            gst_util_set_object_arg(of(GObject.self), property, value)
            return
        }
        // gst_util_set_object_arg would unquote strings.
        var holder = GValue()
        g_value_init(&holder, GType(16 << 2))
        g_value_set_string(&holder, value)
        g_object_set_property(of(GObject.self), property, &holder)
        g_value_unset(&holder)
    }
}
