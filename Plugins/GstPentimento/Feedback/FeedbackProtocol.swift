import CGStreamer
import GStreamerKit
import Imaging

/// How a stylizer and the `flowwarp` upstream of it talk: custom events upstream, which take no stream lock and pass queues, and
/// one query downstream.
///
/// | what | when | fields |
/// |---|---|---|
/// | query `pentimento/find-stylizer`, downstream | `flowwarp`, before its first frame | none; a stylizer registers and answers true |
/// | the same | `flowwarp`, where a stylizer may be gone | `stylizer`, `frame`; only this one answers true, and registers nothing; it may set `idle` to 1 while it plays, does nothing and has not got that frame |
/// | event `pentimento/register` | a stylizer, with new caps, model or scale | `stylizer`, `width`, `height`, `fill` |
/// | event `pentimento/stylized` | for each frame with a prior of its own, before it goes downstream | `stylizer`, `frame`, `width`, `height`, `picture` |
/// | event `pentimento/skipped` | instead, where a frame was not stylized | `stylizer`, `frame` |
/// | event `pentimento/answer`, downstream, in the order of the frames | `flowwarp`, where it has to wait for an answer | `stylizer`, `frame`, `token` |
/// | event `pentimento/leave` | before it stops | `stylizer` |
///
/// `stylizer` is a number that no other stylizer of the process has, never 0; `width` and `height` are the network's
/// resolution, 0 where it is not known yet; `picture` is the network's own output as a GstBuffer in the layout of a prior's
/// picture. Sending `register` gives true where the stylizer is accepted; a second one is refused.
///
/// `flowwarp` waits as long as a frame is on its way, and for no time: until it is answered, or lost. It is lost when nobody holds
/// the frame's prior any more; or, where somebody keeps the frame (a `tee`'s other branch, a sink its last one), when nobody holds the event
/// `answer` any more, which follows the frame through every queue. A stylizer that meets `answer` with its own number sends `skipped` for the
/// frame that it names; where that is answered already, this does not count. One that answers later, from another thread, keeps
/// the event until then: `token` is a GstBuffer without content whose release ends the wait.
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

/// A message of the protocol, as `flowwarp` reads it.
enum FeedbackMessage {
    case register(stylizer: UInt64, width: Int, height: Int, fill: String)
    case stylized(stylizer: UInt64, frame: UInt64, picture: Image)
    case skipped(stylizer: UInt64, frame: UInt64)
    case leave(stylizer: UInt64)

    /// Nil for every other event, and for messages that lack something.
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
            if let picture = Image(payload, width: width, height: height) {
                self = .stylized(stylizer: stylizer, frame: frame, picture: picture)
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
