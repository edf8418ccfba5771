import CGStreamer
import Imaging
import Synchronization

/// How an event is handled.
public enum EventHandling: Sendable {
    /// The event is forwarded.
    case forward
    /// The event is dropped; the value is returned to its sender.
    case consume(Bool)
}

/// How a frame is handled.
public enum FrameHandling {
    /// The frame is sent downstream.
    case forward
    /// The frame is sent downstream behind an earlier one that was held, whose reference is taken.
    case follow(UnsafeMutablePointer<GstBuffer>)
    /// The frame is not sent. The element, which keeps a reference, may send it later by ``follow(_:)`` or
    /// ``TransformElement/sendDownstream(frame:)``.
    case hold
}

/// An element with one sink and one source pad that processes frames in place: a GstBaseTransform.
open class TransformElement: Element, @unchecked Sendable {
    /// The format of the frames; nil before caps are known.
    public fileprivate(set) var format: VideoFormat?
    /// The processing time that the element adds to a live pipeline's latency.
    public let processingTime = ProcessingTime()
    /// Nanoseconds for which frames are held, added to a live pipeline's latency too. Asked on any thread.
    open var holdingTime: UInt64 { 0 }
    /// Nanoseconds of the current frame that were spent waiting for other elements.
    public var foreignTime: UInt64 = 0

    /// Frames to be sent before and after the current call of `generate_output`. Used by the streaming thread.
    private var earlier: UnsafeMutablePointer<GstBuffer>?
    private var later: UnsafeMutablePointer<GstBuffer>?

    /// The kinds of invalid metas that were reported since the start. Used by the streaming thread.
    private var warnedKinds: Set<String> = []

    /// Posts a warning that metas of a kind are invalid and ignored; once per kind and start.
    public func warnOnce(_ kind: String, _ problem: String) {
        guard warnedKinds.insert(kind).inserted else { return }
        post(
            .warning,
            ElementError(
                .decode, "Frames come with \(kind) that is invalid: \(problem). It is ignored.",
                remedy: "Check the element that attaches or changes it."))
    }

    fileprivate func resetWarnings() { warnedKinds = [] }

    private let startSnapshot = Mutex<PropertySnapshot?>(nil)

    /// The properties at the start while the element runs, otherwise the current ones. For properties that take effect
    /// with the next start. Thread-safe.
    public var startSettings: PropertySnapshot { startSnapshot.withLock { $0 } ?? snapshot() }

    fileprivate func keepSettings() {
        let settings = snapshot()
        startSnapshot.withLock { $0 = settings }
    }

    fileprivate func releaseSettings() { startSnapshot.withLock { $0 = nil } }

    /// Whether late frames are dropped: the default of the `qos` property.
    open class var dropsLateFrames: Bool { false }

    /// Whether the element only looks at frames. It then gets buffers that may be shared, and never copies one.
    open class var isPassthrough: Bool { false }

    /// The GObject as a GstBaseTransform.
    public var transform: UnsafeMutablePointer<GstBaseTransform> {
        UnsafeMutableRawPointer(object).assumingMemoryBound(to: GstBaseTransform.self)
    }

    open override func constructed() {
        super.constructed()
        gst_base_transform_set_qos_enabled(transform, Self.dropsLateFrames ? 1 : 0)
        // GstBaseTransform shows frames to `transform_ip` in passthrough mode too.
        if Self.isPassthrough { gst_base_transform_set_passthrough(transform, 1) }
    }

    /// Called before the first frame and before caps are known.
    open func start() throws {}

    /// Called after the last frame.
    open func stop() {}

    /// Called when the format changes, including the first format.
    open func formatChanged(to format: VideoFormat) throws {}

    /// Processes a frame in place. The buffer is writable, except in an element that ``isPassthrough``. Its pixel memory
    /// may be shared; map it with ``VideoFormat/withPixels(of:writing:_:)``.
    ///
    /// - Parameter settings: the properties for this frame.
    open func process(
        _ buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, settings: PropertySnapshot
    ) throws {}

    /// Processes a frame and returns how it is handled. By default calls ``process(_:format:settings:)`` and forwards
    /// the frame.
    ///
    /// - Throws: an error, which is posted on the bus, or ``StreamingEnds``.
    open func handle(
        _ buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, settings: PropertySnapshot
    ) throws -> FrameHandling {
        try process(buffer, format: format, settings: settings)
        return .forward
    }

    /// Called when the answers of other elements may have changed: at the start, with new caps, after a flush, and when
    /// a pad downstream is linked. On any thread.
    open func forgetAnswers() {}

    /// Handles an event from upstream; serialized events arrive on the streaming thread.
    open func sinkEvent(_ event: UnsafeMutablePointer<GstEvent>) -> EventHandling { .forward }

    /// Handles an event from downstream, on any thread.
    open func sourceEvent(_ event: UnsafeMutablePointer<GstEvent>) -> EventHandling { .forward }

    /// Handles a query from upstream; true if it is answered.
    open func sinkQuery(_ query: UnsafeMutablePointer<GstQuery>) -> Bool { false }

    /// Handles a query from downstream; true if it is answered.
    open func sourceQuery(_ query: UnsafeMutablePointer<GstQuery>) -> Bool { false }

    /// Sends an event upstream and takes ownership of it. Returns whether an element handled it.
    @discardableResult public func sendUpstream(_ event: UnsafeMutablePointer<GstEvent>) -> Bool {
        gst_pad_push_event(transform.pointee.sinkpad, event) != 0
    }

    /// Sends an event downstream, from the streaming thread, and takes ownership of it.
    public func sendDownstream(_ event: UnsafeMutablePointer<GstEvent>) {
        gst_pad_push_event(transform.pointee.srcpad, event)
    }

    /// Sends a held frame downstream, from the streaming thread, and takes ownership of it.
    public func sendDownstream(frame: UnsafeMutablePointer<GstBuffer>) -> GstFlowReturn {
        gst_pad_push(transform.pointee.srcpad, frame)
    }

    /// Sends a query upstream. The caller keeps ownership of it.
    public func askUpstream(_ query: UnsafeMutablePointer<GstQuery>) -> Bool {
        gst_pad_peer_query(transform.pointee.sinkpad, query) != 0
    }

    /// Sends a query downstream. The caller keeps ownership of it.
    public func askDownstream(_ query: UnsafeMutablePointer<GstQuery>) -> Bool {
        gst_pad_peer_query(transform.pointee.srcpad, query) != 0
    }

    /// Whether the stream comes from a live source. Asks upstream; known once there are caps.
    public var isLive: Bool {
        guard let query = gst_query_new_latency() else { return false }
        defer { gst_mini_object_unref(miniObject(query)) }
        guard askUpstream(query) else { return false }
        var live: gboolean = 0
        gst_query_parse_latency(query, &live, nil, nil)
        return live != 0
    }

    /// Whether a streaming thread is in this element or downstream of it.
    public var isStreaming: Bool { transform.pointee.sinkpad.map { GStreamerKit.isStreaming($0) } ?? true }

    /// Whether no buffer is on the way from this element to the element with an address or, if that is not found,
    /// anywhere downstream.
    public func isPathIdle(to element: UInt) -> Bool {
        transform.pointee.srcpad.map { DownstreamPath.isIdle(from: $0, to: element) } ?? true
    }
}

// MARK: - GStreamer callbacks

extension TransformElement {
    /// Runs `work` on a frame, records its time and posts its error.
    func receive(
        _ buffer: UnsafeMutablePointer<GstBuffer>, _ work: (VideoFormat, PropertySnapshot) throws -> FrameHandling
    ) -> GstFlowReturn {
        guard let format else { return GST_FLOW_NOT_NEGOTIATED }
        // Controllers use stream time.
        if let time = streamTime(of: buffer.pointee.pts) { gst_object_sync_values(gstObject, time) }
        foreignTime = 0
        let start = g_get_monotonic_time()
        // Taken after the controllers have set their properties.
        let settings = snapshot()
        let result = flow { try work(format, settings) }
        let nanoseconds = UInt64(max(g_get_monotonic_time() - start, 0)) * 1000
        if processingTime.record(nanoseconds: nanoseconds - min(foreignTime, nanoseconds)) { announceLatency() }
        return result
    }

    /// The stream time of a timestamp; nil if it has none, as in a stream that is measured in bytes.
    public func streamTime(of time: GstClockTime) -> GstClockTime? {
        guard time != GstClockTime.max, transform.pointee.segment.format == GST_FORMAT_TIME else { return nil }
        let time = gst_segment_to_stream_time(&transform.pointee.segment, GST_FORMAT_TIME, time)
        return time != GstClockTime.max ? time : nil
    }

    /// Has the pipeline ask for the latency again.
    public func announceLatency() { gst_element_post_message(element, gst_message_new_latency(gstObject)) }

    /// The flow return for a frame's handling.
    private func flow(_ handling: () throws -> FrameHandling) -> GstFlowReturn {
        do {
            let handling = try handling()
            if case .follow(let frame) = handling { earlier = frame }
            // After a cancellation the result is incomplete.
            if Cancellation.isRequested { return GST_FLOW_FLUSHING }
            // GST_FLOW_CUSTOM_SUCCESS is GST_BASE_TRANSFORM_FLOW_DROPPED: the base class does not send the frame.
            if case .hold = handling { return GST_FLOW_CUSTOM_SUCCESS }
            return GST_FLOW_OK
        } catch let end as StreamingEnds {
            return end.flow
        } catch {
            // Errors due to a cancellation are not reported.
            if Cancellation.isRequested { return GST_FLOW_FLUSHING }
            post(.error, ElementError(error))
            return GST_FLOW_ERROR
        }
    }

    /// Gives the next frame to be sent to `output`, of the input that waits in the base class or of earlier ones. Called
    /// again until there is none.
    fileprivate func generate(_ output: UnsafeMutablePointer<UnsafeMutablePointer<GstBuffer>?>) -> GstFlowReturn {
        if let frame = later {
            later = nil
            if transform.pointee.queued_buf == nil {
                output.pointee = frame
                return GST_FLOW_OK
            }
            // The frame before could not be sent.
            gst_buffer_unref(frame)
        }
        let parent = parentClass(of: transform, as: GstBaseTransformClass.self)
        let flow = parent?.pointee.generate_output?(transform, output) ?? GST_FLOW_ERROR
        if flow == GST_FLOW_CUSTOM_SUCCESS {
            // Otherwise the base class would mark the next frame as discontinuous.
            if let frame = output.pointee { gst_buffer_unref(frame) }
            output.pointee = nil
            return GST_FLOW_OK
        }
        if let frame = earlier {
            earlier = nil
            guard flow == GST_FLOW_OK else {
                gst_buffer_unref(frame)
                return flow
            }
            later = output.pointee
            output.pointee = frame
        }
        return flow
    }

    fileprivate func dropLater() {
        if let frame = later { gst_buffer_unref(frame) }
        later = nil
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
        let latency = GstClockTime(processingTime.latency(live: live != 0) + holdingTime)
        minimum += latency
        if maximum != GstClockTime.max { maximum += latency }
        gst_query_set_latency(query, live, minimum, maximum)
        return true
    }

    /// Registers the GObject class; call it once per process.
    static func registerTransformType() -> GType {
        registerType(self, parent: gst_base_transform_get_type()) { type, data in
            guard let type, let data else { return }
            initializeElementClass(type, data)
            let transformClass = type.assumingMemoryBound(to: GstBaseTransformClass.self)
            fillTransformClass(transformClass)
            fillTransformEvents(transformClass)
            if swiftType(of: data) is ConvertingElement.Type { fillConvertingClass(transformClass) }
            if swiftType(of: data) is ReformattingElement.Type { fillReformattingClass(transformClass) }
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
        side.resetWarnings()
        side.keepSettings()
        side.forgetAnswers()
        return side.succeeds { try side.start() } ? 1 : 0
    }
    type.pointee.stop = { instance in
        guard let side = transformSide(instance) else { return 1 }
        side.stop()
        side.dropLater()
        side.releaseSettings()
        side.format = nil
        return 1
    }
    type.pointee.set_caps = { instance, caps, _ in transformSide(instance)?.setCaps(caps) == true ? 1 : 0 }
    type.pointee.transform_ip = { instance, buffer in
        guard let side = transformSide(instance), let buffer else { return GST_FLOW_ERROR }
        return side.receive(buffer) { try side.handle(buffer, format: $0, settings: $1) }
    }
    type.pointee.generate_output = { instance, output in
        guard let side = transformSide(instance), let output else { return GST_FLOW_ERROR }
        return side.generate(output)
    }
}

/// Events, and the queries of other elements.
private func fillTransformEvents(_ type: UnsafeMutablePointer<GstBaseTransformClass>) {
    type.pointee.sink_event = { instance, event in
        if let side = transformSide(instance), let event {
            if [GST_EVENT_CAPS, GST_EVENT_FLUSH_STOP].contains(event.pointee.type) { side.forgetAnswers() }
            if case .consume(let result) = side.sinkEvent(event) {
                release(event)
                return result ? 1 : 0
            }
        }
        return parentClass(of: instance, as: GstBaseTransformClass.self)?.pointee.sink_event?(instance, event) ?? 0
    }
    type.pointee.src_event = { instance, event in
        if let side = transformSide(instance), let event {
            // Sent upstream from each new link.
            if event.pointee.type == GST_EVENT_RECONFIGURE { side.forgetAnswers() }
            if case .consume(let result) = side.sourceEvent(event) {
                release(event)
                return result ? 1 : 0
            }
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
    // Processing is in place, so the parent lets upstream allocate whatever downstream accepts: except crop metas, since
    // results and metas apply to the whole frame.
    type.pointee.propose_allocation = { instance, decided, query in
        let parent = parentClass(of: instance, as: GstBaseTransformClass.self)
        let isAnswered = parent?.pointee.propose_allocation?(instance, decided, query) ?? 0
        var index: guint = 0
        if let query, gst_query_find_allocation_meta(query, gst_video_crop_meta_api_get_type(), &index) != 0 {
            gst_query_remove_nth_allocation_meta(query, index)
        }
        return isAnswered
    }
}

/// Releases a reference to an event.
func release(_ event: UnsafeMutablePointer<GstEvent>) {
    gst_mini_object_unref(UnsafeMutableRawPointer(event).assumingMemoryBound(to: GstMiniObject.self))
}
