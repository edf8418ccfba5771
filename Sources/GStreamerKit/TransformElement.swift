import CGStreamer
import Imaging
import Synchronization

/// What becomes of an event.
public enum EventHandling: Sendable {
    /// It goes on as it would without this element.
    case forward
    /// It ends here; the value is what its sender learns.
    case consume(Bool)
}

/// What becomes of a frame.
public enum FrameHandling: Sendable {
    /// It goes on.
    case forward
    /// It ends here. What the element keeps of it, it sends on later by ``TransformElement/sendDownstream(frame:)``.
    case hold
}

/// An element with one sink and one source pad that passes each frame on, in place: a GstBaseTransform.
open class TransformElement: Element, @unchecked Sendable {
    /// The frames' format; nil before caps are known.
    public fileprivate(set) var format: VideoFormat?
    /// What the element adds to a live pipeline's latency.
    public let processingTime = ProcessingTime()
    /// Nanoseconds of the current frame that are not this element's work, such as waiting for another one.
    public var foreignTime: UInt64 = 0

    /// What was said since the start of data that others made; for the streaming thread.
    private var complaints: Set<String> = []

    /// Says by a warning, once a start, that data of a kind that came with the frames cannot be used and does not count.
    public func complain(_ kind: String, _ problem: String) {
        guard complaints.insert(kind).inserted else { return }
        post(
            .warning,
            ElementError(
                .decode, "Frames come with \(kind) that cannot be used: \(problem). It does not count.",
                remedy: "Look at what attaches or changes it."))
    }

    fileprivate func forgetComplaints() { complaints = [] }

    private let startSnapshot = Mutex<PropertySnapshot?>(nil)

    /// The properties as they were at the start, while the element runs, else as they are: for those that take effect with the next
    /// start, however they are set meanwhile. On any thread.
    public var startSettings: PropertySnapshot { startSnapshot.withLock { $0 } ?? snapshot() }

    fileprivate func keepSettings() {
        let settings = snapshot()
        startSnapshot.withLock { $0 = settings }
    }

    fileprivate func releaseSettings() { startSnapshot.withLock { $0 = nil } }

    /// Drop frames that would be late anyway (`qos` property's default).
    open class var dropsLateFrames: Bool { false }

    public var transform: UnsafeMutablePointer<GstBaseTransform> {
        UnsafeMutableRawPointer(object).assumingMemoryBound(to: GstBaseTransform.self)
    }

    open override func constructed() {
        super.constructed()
        gst_base_transform_set_qos_enabled(transform, Self.dropsLateFrames ? 1 : 0)
    }

    /// Before the first frame, without caps yet.
    open func start() throws {}

    /// After the last frame.
    open func stop() {}

    /// Frames of another format begin; also called with the first.
    open func formatChanged(to format: VideoFormat) throws {}

    /// Works on one frame. The buffer is writable; its pixels may be shared and are mapped by ``VideoFormat/withPixels``.
    ///
    /// - Parameter settings: the properties as they are for this frame, however they change meanwhile.
    open func process(
        _ buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, settings: PropertySnapshot
    ) throws {}

    /// Works on one frame and says what becomes of it: by default ``process(_:format:settings:)`` works on it, and it goes on.
    ///
    /// - Throws: what becomes an error message, or ``StreamingEnds``.
    open func handle(
        _ buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, settings: PropertySnapshot
    ) throws -> FrameHandling {
        try process(buffer, format: format, settings: settings)
        return .forward
    }

    /// Before a frame is processed or dropped for being late.
    open func willReceive(_ buffer: UnsafeMutablePointer<GstBuffer>) {}

    /// The frame last received was dropped, late.
    open func didDrop() {}

    /// An event from upstream, on the streaming thread, except for flush-start.
    open func sinkEvent(_ event: UnsafeMutablePointer<GstEvent>) -> EventHandling { .forward }

    /// An event from downstream, on any thread.
    open func sourceEvent(_ event: UnsafeMutablePointer<GstEvent>) -> EventHandling { .forward }

    /// A query from upstream; true where it was answered.
    open func sinkQuery(_ query: UnsafeMutablePointer<GstQuery>) -> Bool { false }

    /// A query from downstream; true where it was answered.
    open func sourceQuery(_ query: UnsafeMutablePointer<GstQuery>) -> Bool { false }

    /// Sends an event upstream, and says whether anyone took it. Takes the event over.
    @discardableResult public func sendUpstream(_ event: UnsafeMutablePointer<GstEvent>) -> Bool {
        gst_pad_push_event(transform.pointee.sinkpad, event) != 0
    }

    /// Sends an event downstream, from the streaming thread. Takes the event over.
    public func sendDownstream(_ event: UnsafeMutablePointer<GstEvent>) {
        gst_pad_push_event(transform.pointee.srcpad, event)
    }

    /// Sends a frame that was held back downstream, from the streaming thread. Takes the buffer over.
    public func sendDownstream(frame: UnsafeMutablePointer<GstBuffer>) -> GstFlowReturn {
        gst_pad_push(transform.pointee.srcpad, frame)
    }

    /// Asks the elements upstream. The query stays the caller's.
    public func askUpstream(_ query: UnsafeMutablePointer<GstQuery>) -> Bool {
        gst_pad_peer_query(transform.pointee.sinkpad, query) != 0
    }

    /// Asks the elements downstream. The query stays the caller's.
    public func askDownstream(_ query: UnsafeMutablePointer<GstQuery>) -> Bool {
        gst_pad_peer_query(transform.pointee.srcpad, query) != 0
    }

    /// Whether no buffer is under way from this element to the one of an address; where that is not found, to anywhere.
    public func isPathIdle(to element: UInt) -> Bool {
        transform.pointee.srcpad.map { DownstreamPath.isIdle(from: $0, to: element) } ?? true
    }
}

// MARK: - What GStreamer calls

extension TransformElement {
    /// Has `work` done on a frame, with times and errors told.
    func receive(
        _ buffer: UnsafeMutablePointer<GstBuffer>, _ work: (VideoFormat, PropertySnapshot) throws -> FrameHandling
    ) -> GstFlowReturn {
        guard let format else { return GST_FLOW_NOT_NEGOTIATED }
        let time = buffer.pointee.pts
        if time != GstClockTime.max {
            // Controllers follow the stream's time.
            let streamTime = gst_segment_to_stream_time(&transform.pointee.segment, GST_FORMAT_TIME, time)
            if streamTime != GstClockTime.max { gst_object_sync_values(gstObject, streamTime) }
        }
        foreignTime = 0
        let start = g_get_monotonic_time()
        // After the controllers have set what they hold.
        let settings = snapshot()
        let result = flow { try work(format, settings) }
        let nanoseconds = UInt64(max(g_get_monotonic_time() - start, 0)) * 1000
        if processingTime.note(nanoseconds: nanoseconds - min(foreignTime, nanoseconds)) {
            gst_element_post_message(element, gst_message_new_latency(gstObject))
        }
        return result
    }

    /// What a frame's handling means to GStreamer.
    private func flow(_ handling: () throws -> FrameHandling) -> GstFlowReturn {
        do {
            let handling = try handling()
            // What was computed meanwhile has gaps.
            if Cancellation.isRequested { return GST_FLOW_FLUSHING }
            // The base class's word for a frame that it must not send on.
            return handling == .forward ? GST_FLOW_OK : GST_FLOW_CUSTOM_SUCCESS
        } catch let end as StreamingEnds {
            return end.flow
        } catch {
            // Nothing is wrong but that it was given up.
            if Cancellation.isRequested { return GST_FLOW_FLUSHING }
            post(.error, ElementError(error))
            return GST_FLOW_ERROR
        }
    }

    fileprivate func setCaps(_ caps: UnsafeMutablePointer<GstCaps>?) -> Bool {
        guard let format = VideoFormat(caps) else { return false }
        begin(format)
        return succeeds { try formatChanged(to: format) }
    }

    func begin(_ format: VideoFormat) {
        self.format = format
        processingTime.reset()
    }

    fileprivate func answerLatency(_ query: UnsafeMutablePointer<GstQuery>) -> Bool {
        guard gst_pad_peer_query(transform.pointee.sinkpad, query) != 0 else { return false }
        var live: gboolean = 0
        var minimum: GstClockTime = 0
        var maximum: GstClockTime = 0
        gst_query_parse_latency(query, &live, &minimum, &maximum)
        let own = GstClockTime(processingTime.latency(live: live != 0))
        minimum += own
        if maximum != GstClockTime.max { maximum += own }
        gst_query_set_latency(query, live, minimum, maximum)
        return true
    }

    /// Registers the class; call it once a process.
    static func registerTransformType() -> GType {
        registerType(self, parent: gst_base_transform_get_type()) { type, data in
            guard let type, let data else { return }
            initializeElementClass(type, data)
            let transformClass = type.assumingMemoryBound(to: GstBaseTransformClass.self)
            fillTransformClass(transformClass)
            if swiftType(of: data) is ConvertingElement.Type { fillConvertingClass(transformClass) }
        }
    }
}

private func transformSide<Instance>(_ instance: UnsafeMutablePointer<Instance>?) -> TransformElement? {
    swiftSide(instance) as? TransformElement
}

private func fillTransformClass(_ type: UnsafeMutablePointer<GstBaseTransformClass>) {
    type.pointee.start = { instance in
        guard let side = transformSide(instance) else { return 0 }
        side.processingTime.reset()
        side.forgetComplaints()
        side.keepSettings()
        return side.succeeds { try side.start() } ? 1 : 0
    }
    type.pointee.stop = { instance in
        guard let side = transformSide(instance) else { return 1 }
        side.stop()
        side.releaseSettings()
        side.format = nil
        return 1
    }
    type.pointee.set_caps = { instance, caps, _ in transformSide(instance)?.setCaps(caps) == true ? 1 : 0 }
    type.pointee.transform_ip = { instance, buffer in
        guard let side = transformSide(instance), let buffer else { return GST_FLOW_ERROR }
        return side.receive(buffer) { try side.handle(buffer, format: $0, settings: $1) }
    }
    type.pointee.submit_input_buffer = { instance, discontinuity, buffer in
        guard let parent = parentClass(of: instance, as: GstBaseTransformClass.self),
            let submit = parent.pointee.submit_input_buffer
        else { return GST_FLOW_ERROR }
        let side = transformSide(instance)
        if let side, let buffer { side.willReceive(buffer) }
        let result = submit(instance, discontinuity, buffer)
        // The parent queues what it keeps; with nothing queued and no error it has dropped the frame for being late.
        if result == GST_FLOW_OK, instance?.pointee.queued_buf == nil { side?.didDrop() }
        return result
    }
    type.pointee.sink_event = { instance, event in
        if let side = transformSide(instance), let event, case .consume(let result) = side.sinkEvent(event) {
            release(event)
            return result ? 1 : 0
        }
        return parentClass(of: instance, as: GstBaseTransformClass.self)?.pointee.sink_event?(instance, event) ?? 0
    }
    type.pointee.src_event = { instance, event in
        if let side = transformSide(instance), let event, case .consume(let result) = side.sourceEvent(event) {
            release(event)
            return result ? 1 : 0
        }
        return parentClass(of: instance, as: GstBaseTransformClass.self)?.pointee.src_event?(instance, event) ?? 0
    }
    type.pointee.query = { instance, direction, query in
        if let side = transformSide(instance), let query {
            if direction == GST_PAD_SRC, query.pointee.type == GST_QUERY_LATENCY {
                return side.answerLatency(query) ? 1 : 0
            }
            if direction == GST_PAD_SINK ? side.sinkQuery(query) : side.sourceQuery(query) { return 1 }
        }
        let parent = parentClass(of: instance, as: GstBaseTransformClass.self)
        return parent?.pointee.query?(instance, direction, query) ?? 0
    }
    // Frames go on in the memory they came in, so what downstream can take is what upstream may allocate.
    type.pointee.propose_allocation = { instance, _, query in
        guard let instance, let query else { return 0 }
        let isAnswered = gst_pad_peer_query(instance.pointee.srcpad, query)
        // Except for frames that are to be cropped on the way: what is painted, and what is said of it, is the whole.
        var index: guint = 0
        if gst_query_find_allocation_meta(query, gst_video_crop_meta_api_get_type(), &index) != 0 {
            gst_query_remove_nth_allocation_meta(query, index)
        }
        return isAnswered
    }
}

/// Gives up a reference to an event.
func release(_ event: UnsafeMutablePointer<GstEvent>) {
    gst_mini_object_unref(UnsafeMutableRawPointer(event).assumingMemoryBound(to: GstMiniObject.self))
}
