import CGStreamer
import MediaIO
import Synchronization

/// Scales frames whose size changes in mid-stream to the size of the first one, with borders where the shape differs. An
/// encoder, and a file, has one size.
final class SteadySize: Sendable {
    /// The elements that scale.
    static let elements = "videoscale name=scaler ! capsfilter name=steady"

    private struct Size: Equatable {
        var (width, height): (gint, gint)
    }

    private struct State {
        var first: Size?
        var other: Size?
    }

    private struct Owner: @unchecked Sendable {
        unowned let pipeline: Pipeline
    }

    private let state = Mutex(State())
    private let owner: Owner

    /// - Parameter pipeline: has ``elements``, and outlives the object.
    init(_ pipeline: Pipeline) {
        owner = Owner(pipeline: pipeline)
        _ = pipeline.child("scaler") { element in
            guard let pad = gst_element_get_static_pad(element, "sink") else { return }
            defer { gst_object_unref(pad) }
            gst_pad_add_probe(
                pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
                { _, info, data in
                    if let data, let event = info?.pointee.data?.assumingMemoryBound(to: GstEvent.self),
                        event.pointee.type == GST_EVENT_CAPS
                    {
                        Unmanaged<SteadySize>.fromOpaque(data).takeUnretainedValue().see(event)
                    }
                    return GST_PAD_PROBE_OK
                }, Unmanaged.passRetained(self).toOpaque(),
                { data in if let data { Unmanaged<SteadySize>.fromOpaque(data).release() } })
        }
    }

    /// What is said of a change; nil if there was none.
    var note: String? {
        state.withLock { state in
            guard let first = state.first, let other = state.other else { return nil }
            return "frames change from \(first.width)x\(first.height) to \(other.width)x\(other.height) in mid-stream: "
                + "scaled to the first size"
        }
    }

    private func see(_ event: UnsafeMutablePointer<GstEvent>) {
        var caps: UnsafeMutablePointer<GstCaps>?
        gst_event_parse_caps(event, &caps)
        guard let caps, let structure = gst_caps_get_structure(caps, 0) else { return }
        var size = Size(width: 0, height: 0)
        guard gst_structure_get_int(structure, "width", &size.width) != 0,
            gst_structure_get_int(structure, "height", &size.height) != 0
        else { return }
        let isFirst = state.withLock { state in
            defer {
                if state.first == nil { state.first = size } else if size != state.first { state.other = size }
            }
            return state.first == nil
        }
        guard isFirst else { return }
        var (numerator, denominator): (gint, gint) = (1, 1)
        gst_structure_get_fraction(structure, "pixel-aspect-ratio", &numerator, &denominator)
        owner.pipeline.set(
            "caps", of: "steady",
            to: "video/x-raw(ANY),width=\(size.width),height=\(size.height),"
                + "pixel-aspect-ratio=\(numerator)/\(denominator)")
    }
}
