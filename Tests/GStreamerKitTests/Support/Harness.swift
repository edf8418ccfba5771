import CGStreamer
import CGStreamerCheck
import GStreamerKit
import Imaging

/// Elements from a description, with a bus. Once started they run in a GstHarness, which pushes and receives frames on
/// the test's own thread.
final class Harness {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// A message on the bus.
    struct Message: Equatable {
        let type: GstMessageType
        /// The error's domain and code.
        var domain = ""
        var code = 0
        /// The error's text, or the structure of another message.
        var text = ""
        var debug = ""
    }

    /// The bin of the elements.
    let element: UnsafeMutablePointer<GstElement>
    private let bus: UnsafeMutablePointer<GstBus>
    /// Only for functions of GstHarness; nil before the start.
    private(set) var harness: UnsafeMutablePointer<GstHarness>?

    init(_ text: String) throws {
        guard TestElements.areRegistered else { throw Failure(description: "the elements do not register") }
        var error: UnsafeMutablePointer<GError>?
        defer { g_clear_error(&error) }
        guard let element = gst_parse_bin_from_description(text, 1, &error), error == nil, let bus = gst_bus_new()
        else { throw Failure(description: "\(text): \(String(glib: error?.pointee.message))") }
        gst_object_ref_sink(element)
        gst_element_set_bus(element, bus)
        (self.element, self.bus) = (element, bus)
    }

    deinit {
        if let harness { gst_harness_teardown(harness) }
        gst_element_set_state(element, GST_STATE_NULL)
        gst_element_set_bus(element, nil)
        gst_object_unref(element)
        gst_object_unref(bus)
    }

    /// An element of the description by its name.
    func child(_ name: String) throws -> UnsafeMutablePointer<GObject> {
        let bin = UnsafeMutableRawPointer(element).assumingMemoryBound(to: GstBin.self)
        guard let child = gst_bin_get_by_name(bin, name) else { throw Failure(description: "there is no \(name)") }
        // The bin keeps its reference.
        gst_object_unref(child)
        return UnsafeMutableRawPointer(child).assumingMemoryBound(to: GObject.self)
    }

    /// The Swift side of an element of the description.
    func side<Kind: Element>(_ name: String, as: Kind.Type = TestInvert.self) throws -> Kind {
        guard let side = swiftSide(try child(name)) as? Kind else { throw Failure(description: "\(name): other type") }
        return side
    }

    // MARK: - Running

    /// Starts the elements, which must succeed, and with caps, which they must accept.
    func start(_ caps: String? = nil) {
        harness = gst_harness_new_with_element(element, "sink", "src")
        if let caps { gst_harness_set_src_caps_str(harness, caps) }
    }

    /// Sends caps after the start. If the elements refuse them, frames are not negotiated.
    func setCaps(_ text: String) {
        guard let caps = gst_caps_from_string(text) else { return }
        defer { gst_mini_object_unref(miniObject(caps)) }
        _ = push(gst_event_new_caps(caps))
    }

    /// Begins a stream again, after a flush or a restart.
    func begin(_ caps: String) {
        var segment = GstSegment()
        gst_segment_init(&segment, GST_FORMAT_TIME)
        _ = push(gst_event_new_stream_start("again"))
        setCaps(caps)
        _ = push(gst_event_new_segment(&segment))
    }

    /// Pushes an event and takes ownership of it; returns what the elements answer.
    func push(_ event: UnsafeMutablePointer<GstEvent>?) -> Bool { gst_harness_push_event(harness, event) != 0 }

    /// Changes the state without a harness; false if the elements refuse.
    func setState(_ state: GstState) -> Bool { gst_element_set_state(element, state) != GST_STATE_CHANGE_FAILURE }

    /// Pushes a buffer and takes ownership of it.
    @discardableResult func push(_ buffer: UnsafeMutablePointer<GstBuffer>?) -> GstFlowReturn {
        gst_harness_push(harness, buffer)
    }

    /// The next frame that has come out; nil if there is none.
    func pull() -> Frame? { gst_harness_try_pull(harness).map { Frame(taking: $0) } }

    /// The next frame, for elements with threads of their own.
    func wait() -> Frame? { gst_harness_pull(harness).map { Frame(taking: $0) } }

    /// The types of the events that have come out, without those that begin a stream.
    func outgoingEvents() -> [GstEventType] { types { gst_harness_try_pull_event($0) } }

    /// The types of the events that have arrived upstream, without requests to negotiate.
    func upstreamEvents() -> [GstEventType] { types { gst_harness_try_pull_upstream_event($0) } }

    private func types(
        _ next: (UnsafeMutablePointer<GstHarness>?) -> UnsafeMutablePointer<GstEvent>?
    ) -> [GstEventType] {
        var types: [GstEventType] = []
        while let event = next(harness) {
            types.append(event.pointee.type)
            gst_mini_object_unref(miniObject(event))
        }
        let usual = [GST_EVENT_STREAM_START, GST_EVENT_CAPS, GST_EVENT_SEGMENT, GST_EVENT_RECONFIGURE]
        return types.filter { !usual.contains($0) }
    }

    /// All messages of these types since the last call.
    func messages(_ types: GstMessageType...) -> [Message] {
        let mask = GstMessageType(rawValue: types.reduce(0) { $0 | $1.rawValue })
        var messages: [Message] = []
        while let message = gst_bus_pop_filtered(bus, mask) {
            defer { gst_mini_object_unref(miniObject(message)) }
            var (error, debug): (UnsafeMutablePointer<GError>?, UnsafeMutablePointer<gchar>?) = (nil, nil)
            var structure: UnsafePointer<GstStructure>?
            switch message.pointee.type {
            case GST_MESSAGE_ERROR: gst_message_parse_error(message, &error, &debug)
            case GST_MESSAGE_WARNING: gst_message_parse_warning(message, &error, &debug)
            case GST_MESSAGE_INFO: gst_message_parse_info(message, &error, &debug)
            default: structure = gst_message_get_structure(message)
            }
            var entry = Message(type: message.pointee.type, debug: String(glib: debug))
            if let error = error?.pointee {
                entry.domain = String(glib: g_quark_to_string(error.domain))
                (entry.code, entry.text) = (Int(error.code), String(glib: error.message))
            }
            if let structure, let content = gst_structure_to_string(structure) {
                entry.text = String(cString: content)
                g_free(content)
            }
            messages.append(entry)
            g_clear_error(&error)
            g_free(debug)
        }
        return messages
    }
}
