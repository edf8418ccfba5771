import CGStreamer
import GStreamerKit
import Imaging

/// The feedback protocol between a stylizer and the `flowwarp` upstream of it. It consists of custom upstream events,
/// which take no stream lock and pass queues, one downstream event and one downstream query.
///
/// From `flowwarp`, downstream:
/// - Query `pentimento/find-stylizer` without fields, before the first frame: a stylizer registers and answers true.
/// - Query `pentimento/find-stylizer` with `stylizer` and `frame`, to check whether a stylizer is still there: only
///   this stylizer answers true, and it does not register again. It may set `idle` to 1 if it is in PLAYING, processes
///   nothing and has not received the frame.
/// - Event `pentimento/answer` with `stylizer`, `frame` and `token`, serialized behind the frame, when `flowwarp` has
///   to wait.
///
/// From the stylizer, upstream:
/// - Event `pentimento/register` with `stylizer`, `width`, `height` and `fill`, with new caps, a new model or a new
///   scale.
/// - Event `pentimento/stylized` with `stylizer`, `frame`, `width`, `height` and `picture`, for each frame whose prior
///   is for this stylizer, before the frame goes downstream.
/// - Event `pentimento/skipped` with `stylizer` and `frame`, instead of `stylized` if the frame was not stylized.
/// - Event `pentimento/leave` with `stylizer`, before the stylizer stops.
///
/// `stylizer` is an id that is unique in the process, never 0. `width` and `height` are the network's resolution, 0 if
/// not yet known. `picture` is the network's output as a GstBuffer in the layout of a prior's image. Sending
/// `register` returns true if the stylizer is accepted; a second stylizer is refused.
///
/// `flowwarp` has no time-out: it waits until the frame is answered or lost. A frame is lost when the last reference to
/// its prior is dropped. Another element may keep the frame, such as a sink or the other branch of a `tee`; the frame
/// is then lost when the last reference to the event `answer` is dropped, which follows the frame through every queue.
/// A stylizer that receives `answer` with its own id sends `skipped` for the frame; `flowwarp` ignores it if the frame
/// is already answered. A stylizer that answers later, from another thread, keeps the event until then: `token` is an
/// empty GstBuffer whose release ends the wait.
enum FeedbackProtocol {
    static let find = "pentimento/find-stylizer"
    static let register = "pentimento/register"
    static let stylized = "pentimento/stylized"
    static let skipped = "pentimento/skipped"
    static let answer = "pentimento/answer"
    static let leave = "pentimento/leave"

    static let stylizer = "stylizer"
    static let frame = "frame"
    static let width = "width"
    static let height = "height"
    static let fill = "fill"
    static let picture = "picture"
    static let token = "token"
    static let isIdle = "idle"
}

/// A message from a stylizer, as `flowwarp` reads it.
enum FeedbackMessage {
    case register(stylizer: UInt64, width: Int, height: Int, fill: String)
    case stylized(stylizer: UInt64, frame: UInt64, image: Image)
    case skipped(stylizer: UInt64, frame: UInt64)
    case leave(stylizer: UInt64)

    /// Nil for every other event and for messages with missing fields.
    init?(_ event: UnsafeMutablePointer<GstEvent>) {
        guard event.pointee.type == GST_EVENT_CUSTOM_UPSTREAM, let structure = gst_event_get_structure(event),
            let name = gst_structure_get_name(structure)
        else { return nil }
        let fields = StructureReader(structure)
        guard let stylizer = fields.number(FeedbackProtocol.stylizer), stylizer != 0 else { return nil }
        let frame = fields.number(FeedbackProtocol.frame)
        let width = fields.integer(FeedbackProtocol.width) ?? 0
        let height = fields.integer(FeedbackProtocol.height) ?? 0
        switch String(cString: name) {
        case FeedbackProtocol.register:
            let fill = fields.text(FeedbackProtocol.fill) ?? ""
            self = .register(stylizer: stylizer, width: max(width, 0), height: max(height, 0), fill: fill)
        case FeedbackProtocol.stylized:
            guard let frame else { return nil }
            let payload = fields.buffer(FeedbackProtocol.picture)
            if let image = Image(payload, width: width, height: height) {
                self = .stylized(stylizer: stylizer, frame: frame, image: image)
            } else {
                self = .skipped(stylizer: stylizer, frame: frame)
            }
        case FeedbackProtocol.skipped:
            guard let frame else { return nil }
            self = .skipped(stylizer: stylizer, frame: frame)
        case FeedbackProtocol.leave:
            self = .leave(stylizer: stylizer)
        default:
            return nil
        }
    }
}
