import CGStreamer
import GStreamerKit
import Imaging

/// How a stylizer and the `flowwarp` upstream of it talk: custom events upstream, which take no stream lock and pass queues, and
/// one query downstream.
///
/// | what | when | fields |
/// |---|---|---|
/// | query `pentimento/find-stylizer`, downstream | `flowwarp`, before its first frame | none; a stylizer registers and answers true |
/// | event `pentimento/register` | a stylizer, with new caps, model or scale | `stylizer`, `width`, `height`, `fill` |
/// | event `pentimento/stylized` | for each frame with a prior of its own, before it goes downstream | `stylizer`, `frame`, `width`, `height`, `picture` |
/// | event `pentimento/skipped` | instead, where a frame was not stylized | `stylizer`, `frame` |
/// | event `pentimento/answer`, downstream, in the order of the frames | `flowwarp`, where an answer stays out for long | `frame` |
/// | event `pentimento/leave` | before it stops | `stylizer` |
///
/// `stylizer` is a number that no other stylizer of the process has, never 0; `width` and `height` are the network's
/// resolution, 0 where it is not known yet; `picture` is the network's own output as a GstBuffer in the layout of a prior's
/// picture. A stylizer that meets `answer` sends `skipped` for the frame it names: it was lost on its way, or is answered
/// already, and then this answer does not count. Sending `register` gives true where the stylizer is accepted; a second one is refused.
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
