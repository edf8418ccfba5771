import CGStreamer
import GStreamerKit
import Imaging
import Style
import Synchronization

/// A stylizer's side of the feedback.
///
/// An element that stylizes owns one and calls
/// - ``answer(_:)`` from `sinkQuery`,
/// - ``take(_:)`` from `sinkEvent`,
/// - ``register(width:height:fill:)`` from `formatChanged`, and again when its network's resolution or fill changes,
/// - ``prior(of:)`` for each frame, and then exactly one of ``send(_:answering:)``, before the frame goes
///   downstream, and ``skip(_:)``,
/// - ``leave()`` from `willStop`.
///
/// A frame that is dropped before it gets here needs nothing: its token says so.
public final class FeedbackSender: Sendable {
    private struct Registration {
        var width = 0
        var height = 0
        var fill = PriorFill.mean
        var isAccepted = false
    }

    /// This stylizer's number.
    public let id: UInt64
    private unowned let element: TransformElement
    private let registration = Mutex(Registration())
    /// Number of the last frame with a prior for this stylizer.
    private let lastFrame = Atomic<UInt64>(0)

    public init(_ element: TransformElement) {
        self.element = element
        id = UInt64(UInt(bitPattern: element.object))
    }

    /// Whether a `flowwarp` upstream works for this stylizer.
    public var isAccepted: Bool { registration.withLock { $0.isAccepted } }

    /// Tells the `flowwarp` upstream that here is a stylizer, and what it needs.
    ///
    /// - Parameters:
    ///   - width: of the network's frames; 0 where it is not known yet.
    ///   - fill: what uncertain pixels of the prior are to hold.
    /// - Returns: whether there is one and it has accepted; a second stylizer is refused, with a warning message.
    @discardableResult public func register(width: Int, height: Int, fill: PriorFill) -> Bool {
        registration.withLock {
            $0.width = width
            $0.height = height
            $0.fill = fill
        }
        return announce()
    }

    /// Answers `flowwarp`'s question for a stylizer; false for every other query.
    public func answer(_ query: UnsafeMutablePointer<GstQuery>) -> Bool {
        guard query.pointee.type == GST_QUERY_CUSTOM, let structure = gst_query_get_structure(query),
            gst_structure_has_name(structure, FeedbackProtocol.find) != 0
        else { return false }
        let question = StructureReader(structure)
        guard let wanted = question.number(FeedbackProtocol.stylizer) else { return announce() }
        guard wanted == id else { return false }
        if let frame = question.number(FeedbackProtocol.frame), lastFrame.load(ordering: .relaxed) < frame, isIdle {
            gst_query_writable_structure(query).map { StructureWriter($0).set(FeedbackProtocol.isIdle, 1) }
        }
        return true
    }

    /// Whether the element plays and no frame is in it or on its way on from it.
    private var isIdle: Bool {
        guard element.element.pointee.current_state == GST_STATE_PLAYING,
            let pad = element.transform.pointee.sinkpad, g_rec_mutex_trylock(&pad.pointee.stream_rec_lock) != 0
        else { return false }
        g_rec_mutex_unlock(&pad.pointee.stream_rec_lock)
        return true
    }

    /// Answers for a frame that was lost on its way, if that is what the event asks; call it for each one from upstream.
    public func take(_ event: UnsafeMutablePointer<GstEvent>) {
        guard event.pointee.type == GST_EVENT_CUSTOM_DOWNSTREAM, let structure = gst_event_get_structure(event),
            gst_structure_has_name(structure, FeedbackProtocol.answer) != 0,
            StructureReader(structure).number(FeedbackProtocol.stylizer) == id,
            let frame = StructureReader(structure).number(FeedbackProtocol.frame)
        else { return }
        push(FeedbackProtocol.skipped) { $0.set(FeedbackProtocol.frame, frame) }
    }

    /// The prior of a frame if it is meant for this stylizer; its content is nil where the prior is empty.
    public func prior(of buffer: UnsafeMutablePointer<GstBuffer>) -> PriorMeta? {
        guard let prior = PriorMeta.find(in: buffer, complain: element.complain), prior.owner == id else { return nil }
        lastFrame.store(prior.frame, ordering: .relaxed)
        return prior
    }

    /// Sends a frame's result, the network's own output in network space, before strength, colour and median.
    public func send(_ picture: Image, answering prior: PriorMeta) {
        let isTaken = push(FeedbackProtocol.stylized) {
            $0.set(FeedbackProtocol.frame, prior.frame)
            $0.set(FeedbackProtocol.width, picture.width)
            $0.set(FeedbackProtocol.height, picture.height)
            $0.set(FeedbackProtocol.picture, taking: FloatPayload.make([picture.samples]))
        }
        // Unlinked in the meantime, or flushed: whoever keeps the frame from now on does not answer.
        if !isTaken { prior.token?.end() }
    }

    /// Says that a frame was not stylized.
    public func skip(_ prior: PriorMeta) {
        let isTaken = push(FeedbackProtocol.skipped) { $0.set(FeedbackProtocol.frame, prior.frame) }
        if !isTaken { prior.token?.end() }
    }

    /// Says that no more answers will come.
    public func leave() {
        registration.withLock { $0.isAccepted = false }
        push(FeedbackProtocol.leave) { _ in }
    }

    private func announce() -> Bool {
        let current = registration.withLock { $0 }
        let accepted = push(FeedbackProtocol.register) {
            $0.set(FeedbackProtocol.width, current.width)
            $0.set(FeedbackProtocol.height, current.height)
            $0.set(FeedbackProtocol.fill, current.fill.rawValue)
        }
        registration.withLock { $0.isAccepted = accepted }
        return accepted
    }

    @discardableResult private func push(_ name: String, _ fill: (StructureWriter) -> Void) -> Bool {
        guard let structure = StructureWriter(name) else { return false }
        structure.set(FeedbackProtocol.stylizer, id)
        fill(structure)
        guard let event = gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, structure.take()) else { return false }
        return element.sendUpstream(event)
    }
}
