import CGStreamer
import GStreamerKit
import MediaIO

/// Where frames wait for the pipeline that takes them. If it is full, the oldest one makes room: a pipeline that is slow or
/// stalls holds up no other, and what it gets is never old.
final class FrameSlot: Sendable {
    private struct State {
        var frames: [LiveFrame] = []
        /// Until the pipeline is built anew.
        var isClosed = false
        /// For good.
        var isEnded = false
        var dropped = 0
        var accepted: GstClockTime = 0
    }

    private let state = Monitor(State())
    private let capacity: Int
    private let interval: GstClockTime

    /// - Parameters:
    ///   - capacity: the most frames that wait.
    ///   - rate: the most frames a second, others are left out; 0: all.
    init(capacity: Int, rate: Int = 0) {
        self.capacity = capacity
        // A frame that comes a little early belongs to the next moment.
        interval = rate > 0 ? GstClockTime.second * 9 / GstClockTime(rate * 10) : 0
    }

    /// Frames that made room for others.
    var dropped: Int { state.update { $0.dropped } }

    func put(_ frame: LiveFrame) {
        state.update { state in
            guard !state.isEnded, interval == 0 || frame.time >= state.accepted &+ interval else { return }
            state.accepted = frame.time
            if state.frames.count == capacity {
                state.frames.removeFirst()
                state.dropped += 1
            }
            state.frames.append(frame)
        }
    }

    /// Waits for the next frame; nil once the slot is closed.
    func take() -> LiveFrame? {
        let next = state.wait { state -> LiveFrame?? in
            if state.isClosed || state.isEnded { return .some(nil) }
            return state.frames.isEmpty ? nil : .some(state.frames.removeFirst())
        }
        return next
    }

    /// Waits for a frame, and leaves it there; nil once the slot is closed.
    func first() -> LiveFrame? {
        state.wait { state -> LiveFrame?? in
            if state.isClosed || state.isEnded { return .some(nil) }
            return state.frames.first.map { .some($0) }
        }
    }

    /// Lets go those who wait, until ``reopen()``.
    func close() { state.update { $0.isClosed = true } }

    /// Closes for good.
    func end() {
        state.update { state in
            state.isEnded = true
            state.frames = []
        }
    }

    func reopen() {
        state.update { state in
            state.isClosed = false
            // From before a failure.
            state.frames = []
        }
    }

    /// Has the element `source` of a pipeline take the frames, with running times of that pipeline.
    ///
    /// - Parameter caps: of all frames; nil: as each frame says.
    func feed(_ pipeline: Pipeline, caps: String? = nil) {
        let times = RunningTimes(of: pipeline)
        FrameFeed.attach(to: pipeline) { () throws(MediaError) in
            guard let frame = self.take() else { return nil }
            let (text, time) = (caps ?? frame.caps, times.next(frame.time))
            guard let buffer = LiveFrame.buffer(of: frame, at: time) else {
                throw MediaError("no memory for a frame")
            }
            return FrameFeed.Frame(caps: text, buffer: buffer)
        }
    }
}

/// The running times of frames in a pipeline, which grow. Used on one thread.
private final class RunningTimes: @unchecked Sendable {
    /// Outlives its streaming threads.
    private let element: Pipeline.Element
    private var last: GstClockTime?

    init(of pipeline: Pipeline) { element = pipeline.element }

    /// - Parameter time: of the clock.
    func next(_ time: GstClockTime) -> GstClockTime {
        let base = gst_element_get_base_time(element)
        var running = time > base ? time - base : 0
        if let last, running <= last { running = last + 1 }
        last = running
        return running
    }
}
