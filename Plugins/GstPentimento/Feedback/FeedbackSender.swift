import CGStreamer
import GStreamerKit
import Imaging
import Style
import Synchronization

/// A stylizer's side of the feedback to `flowwarp`.
///
/// An element that stylizes owns a sender and calls
/// - ``answer(_:)`` from `sinkQuery`,
/// - ``take(_:)`` from `sinkEvent`,
/// - ``register(width:height:fill:)`` from `formatChanged`, and again when its network's resolution or fill changes,
/// - ``prior(of:)`` for each frame, and then exactly one of ``send(_:answering:)``, before the frame goes
///   downstream, and ``skip(_:)``,
/// - ``leave()`` from `willStop`.
///
/// Frames that are dropped before they reach the element need no call: the release of their token is enough.
public final class FeedbackSender: Sendable {
    private struct Registration {
        var width = 0
        var height = 0
        var fill = PriorFill.mean
        var isAccepted = false
    }

    /// This stylizer's id, unique in the process.
    public let id: UInt64
    private unowned let element: TransformElement
    private let registration = Mutex(Registration())
    /// The number of the last frame with a prior for this stylizer.
    private let lastFrame = Atomic<UInt64>(0)

    /// - Parameter element: the stylizing element, which must outlive the sender.
    public init(_ element: TransformElement) {
        self.element = element
        id = UInt64(UInt(bitPattern: element.object))
    }

    /// Whether a `flowwarp` upstream has accepted this stylizer.
    public var isAccepted: Bool { registration.withLock { $0.isAccepted } }

    /// Registers this stylizer with the `flowwarp` upstream.
    ///
    /// - Parameters:
    ///   - width: width of the network's input, and `height` its height, in pixels; 0 if not yet known.
    ///   - fill: the fill of uncertain pixels of the prior.
    /// - Returns: whether a `flowwarp` accepted this stylizer. A second stylizer is refused with a warning message.
    @discardableResult public func register(width: Int, height: Int, fill: PriorFill) -> Bool {
        registration.withLock {
            $0.width = width
            $0.height = height
            $0.fill = fill
        }
        return announce()
    }

    /// Answers `flowwarp`'s query for a stylizer; false for every other query.
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

    /// Whether the element is in PLAYING and no streaming thread is in it or downstream of it.
    private var isIdle: Bool {
        element.element.pointee.current_state == GST_STATE_PLAYING && !element.isStreaming
    }

    /// Answers the event `answer`, which arrives before its frame only if the frame was lost. Call it for each event
    /// from upstream.
    ///
    /// - Returns: whether it was this event.
    @discardableResult public func take(_ event: UnsafeMutablePointer<GstEvent>) -> Bool {
        guard event.pointee.type == GST_EVENT_CUSTOM_DOWNSTREAM, let structure = gst_event_get_structure(event),
            gst_structure_has_name(structure, FeedbackProtocol.answer) != 0,
            StructureReader(structure).number(FeedbackProtocol.stylizer) == id,
            let frame = StructureReader(structure).number(FeedbackProtocol.frame)
        else { return false }
        push(FeedbackProtocol.skipped) { $0.set(FeedbackProtocol.frame, frame) }
        return true
    }

    /// The prior of a frame, if it is for this stylizer; its content is nil if the prior is empty.
    public func prior(of buffer: UnsafeMutablePointer<GstBuffer>) -> PriorMeta? {
        guard let prior = PriorMeta.find(in: buffer, warn: element.warnOnce), prior.owner == id else { return nil }
        lastFrame.store(prior.frame, ordering: .relaxed)
        return prior
    }

    /// Sends a frame's result: the network's output in network space, before strength, colour and median filter are
    /// applied.
    public func send(_ image: Image, answering prior: PriorMeta) {
        let isTaken = push(FeedbackProtocol.stylized) {
            $0.set(FeedbackProtocol.frame, prior.frame)
            $0.set(FeedbackProtocol.width, image.width)
            $0.set(FeedbackProtocol.height, image.height)
            $0.set(FeedbackProtocol.picture, taking: FloatPayload.make([image.samples]))
        }
        // Upstream was unlinked or flushed, so there will be no answer. Other elements may still hold the token.
        if !isTaken { prior.token?.end() }
    }

    /// Reports that a frame was not stylized.
    public func skip(_ prior: PriorMeta) {
        let isTaken = push(FeedbackProtocol.skipped) { $0.set(FeedbackProtocol.frame, prior.frame) }
        if !isTaken { prior.token?.end() }
    }

    /// Reports that this stylizer stops and sends no more results.
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
