import CGStreamer
import GStreamerKit
import GstPentimento
import MediaIO

/// Paints the frames of a slot. One that comes while another waits takes its place before any flow is computed, so
/// that the delay stays that of a few frames.
final class PaintingPart: LivePart {
    let name = "painting"
    let flow = FlowCount()
    let slot = FrameSlot(capacity: 1)
    let control: StyleControl
    private let quality: Quality
    private let caps: @Sendable () -> String?
    private let take: @Sendable (LiveFrame) -> Void
    private let failed: @Sendable (any Error) -> Void

    /// - Parameters:
    ///   - caps: of all frames, once there is one.
    ///   - take: given each painted frame.
    ///   - failed: told of errors.
    init(
        _ control: StyleControl, quality: Quality, caps: @escaping @Sendable () -> String?,
        take: @escaping @Sendable (LiveFrame) -> Void, failed: @escaping @Sendable (any Error) -> Void
    ) {
        (self.control, self.quality, self.caps, self.take, self.failed) = (control, quality, caps, take, failed)
    }

    /// An input that is away is no fault of the painting.
    func patience(hasFlowed: Bool) -> Double? { nil }

    func build() throws -> Pipeline {
        slot.reopen()
        guard slot.first() != nil else { throw MediaError("\(name): has ended") }
        let pipeline = try Pipeline(
            parsing: """
                appsrc name=source is-live=true format=time ! coherentstylize name=painter \
                quality=\(quality.rawValue) queue::max-size-buffers=1 ! appsink name=painted sync=false max-buffers=4 enable-last-sample=false wait-on-eos=false
                """, input: name)
        control.attach(to: pipeline)
        slot.feed(pipeline, caps: caps())
        nonisolated(unsafe) let element = pipeline.element
        FrameTap.attach(to: pipeline, "painted") { [self] sample in
            let base = gst_element_get_base_time(element)
            guard let frame = LiveFrame(sample, time: { $0 == GstClockTime.max ? clockTime() : $0 &+ base }) else {
                return
            }
            flow.add()
            take(frame)
        }
        return pipeline
    }

    func release() { slot.close() }

    func stop() { slot.end() }

    func finish(_ failure: (any Error)?) {
        if let failure { failed(failure) }
    }
}
