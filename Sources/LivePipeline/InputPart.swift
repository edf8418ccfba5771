import CGStreamer
import MediaIO
import Synchronization

/// Takes the pictures of an input. All of a session have the format of the first one, also when the input comes back
/// as something else.
final class InputPart: LivePart {
    private struct State {
        /// Caps of the first frame, and those without a rate.
        var caps: (whole: String, filter: String)?
        /// Caps of the pipeline's frames that are not those.
        var other: String?
        var isFirst = true
    }

    let input: LiveInput
    let flow = FlowCount()
    private let wish: FrameWish
    private let state = Mutex(State())
    private let take: @Sendable (LiveFrame) -> Void
    private let failed: @Sendable (any Error) -> Void

    /// - Parameters:
    ///   - take: given each frame, on a thread of the pipeline.
    ///   - failed: told of an error before the first frame.
    init(
        _ input: LiveInput, _ wish: FrameWish, take: @escaping @Sendable (LiveFrame) -> Void,
        failed: @escaping @Sendable (any Error) -> Void
    ) {
        (self.input, self.wish, self.take, self.failed) = (input, wish, take, failed)
    }

    var name: String { input.name }

    /// Caps of the frames; nil before the first.
    var caps: String? { state.withLock { $0.caps?.whole } }

    /// What has never been there will not come by itself, unless it is a stream.
    func retries(after failure: any Error) -> Bool { !endsAll }
    var endsAll: Bool { !input.isAwaited && caps == nil }

    func patience(hasFlowed: Bool) -> Double? { input.patience(hasFlowed: hasFlowed) }

    func build() throws -> Pipeline {
        let filter = state.withLock { state in
            state.other = nil
            return state.caps?.filter
        }
        let pipeline = try Pipeline(parsing: input.elements(wish), input: name)
        input.complete(pipeline, format: filter)
        nonisolated(unsafe) let element = pipeline.element
        if case .file = input {
            pipeline.onSegmentDone = { Self.seek(element, flags: GST_SEEK_FLAG_NONE) }
        }
        FrameTap.attach(to: pipeline, "frames") { [self] sample in
            guard let frame = LiveFrame(sample, time: { _ in clockTime() }) else { return }
            accept(frame)
        }
        return pipeline
    }

    private func accept(_ frame: LiveFrame) {
        let isRight = state.withLock { state in
            if state.caps == nil { state.caps = (frame.caps, Self.withoutRate(frame.caps)) }
            guard state.caps?.whole != frame.caps, state.caps?.filter != Self.withoutRate(frame.caps) else {
                return true
            }
            state.other = frame.caps
            return false
        }
        guard isRight else { return }
        flow.add()
        take(frame)
    }

    func start(_ pipeline: Pipeline) throws {
        guard case .file = input else { return try pipeline.start() }
        // Only a stream that is sought before it plays has segments, which follow each other without a gap.
        gst_element_set_state(pipeline.element, GST_STATE_PAUSED)
        let start = clockTime()
        var current = GST_STATE_NULL
        while current != GST_STATE_PAUSED {
            if gst_element_get_state(pipeline.element, &current, nil, 100 * GstClockTime.millisecond)
                == GST_STATE_CHANGE_FAILURE
            {
                break
            }
            _ = try pipeline.step(timeout: 0)
            if clockTime().seconds(since: start) > 20 { throw MediaError("\(name): has no picture") }
        }
        if current == GST_STATE_PAUSED { Self.seek(pipeline.element, flags: GST_SEEK_FLAG_FLUSH) }
        try pipeline.start()
    }

    /// To the beginning.
    private static func seek(_ element: Pipeline.Element, flags: GstSeekFlags) {
        gst_element_seek(
            element, 1, GST_FORMAT_TIME, GstSeekFlags(rawValue: flags.rawValue | GST_SEEK_FLAG_SEGMENT.rawValue),
            GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_NONE, 0)
    }

    func check() throws {
        if state.withLock({ $0.other }) != nil {
            throw MediaError("\(name): its pictures have another size or format now")
        }
    }

    func ended(_ pipeline: Pipeline) throws {
        // A demuxer without segments: the loop has a gap of some milliseconds.
        guard case .file = input else { throw MediaError("\(name): has ended") }
        Self.seek(pipeline.element, flags: GST_SEEK_FLAG_FLUSH)
    }

    func finish(_ failure: (any Error)?) {
        if let failure, caps == nil { failed(failure) }
    }

    private static func withoutRate(_ text: String) -> String {
        guard let caps = gst_caps_from_string(text) else { return text }
        defer { gst_caps_unref(caps) }
        let structure = gst_caps_get_structure(caps, 0)
        for field in ["framerate", "max-framerate", "interlace-mode", "multiview-mode", "multiview-flags"] {
            gst_structure_remove_field(structure, field)
        }
        guard let result = gst_caps_to_string(caps) else { return text }
        defer { g_free(result) }
        return String(cString: result)
    }
}
