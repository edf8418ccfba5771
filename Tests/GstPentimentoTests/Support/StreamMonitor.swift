import CGStreamer
import GStreamerKit

/// Checks the stream rules of GStreamer on every pad: those of GstValidate's pad monitor for elements with one sink and
/// one source pad.
final class StreamMonitor {
    private struct Pad {
        var hasStream = false, hasCaps = false, hasSegment = false, isEnded = false
        var segment = GstSegment()
        var size = 0
        var lastTime: GstClockTime?
    }

    private let faults = Monitor<[String]>([])
    private var probes: [PadProbe] = []

    /// Violations, with the pad.
    var found: [String] { faults.update { $0 } }

    /// - Parameter names: names of the elements whose pads are monitored.
    init(_ names: [String], in pipeline: TestPipeline) throws {
        for name in names {
            for pad in ["sink", "src"] { probes.append(try watch(pad, of: name, in: pipeline)) }
        }
    }

    private func watch(_ pad: String, of name: String, in pipeline: TestPipeline) throws -> PadProbe {
        let state = Monitor(Pad())
        let faults = faults
        return try PadProbe(
            pad, of: name, in: pipeline, GST_PAD_PROBE_TYPE_BUFFER, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
            GST_PAD_PROBE_TYPE_EVENT_FLUSH
        ) { info in
            let found: String?
            if info.pointee.type.rawValue & GST_PAD_PROBE_TYPE_BUFFER.rawValue != 0 {
                let buffer = info.pointee.data?.assumingMemoryBound(to: GstBuffer.self)
                found = state.update { state in buffer.flatMap { Self.fault(of: $0, &state) } }
            } else {
                let event = info.pointee.data?.assumingMemoryBound(to: GstEvent.self)
                found = state.update { state in event.flatMap { Self.fault(of: $0, &state) } }
            }
            if let found { faults.update { $0.append("\(name).\(pad): \(found)") } }
            return GST_PAD_PROBE_OK
        }
    }

    private static func fault(of event: UnsafeMutablePointer<GstEvent>, _ pad: inout Pad) -> String? {
        switch event.pointee.type {
        case GST_EVENT_FLUSH_STOP:
            var resetsTime: gboolean = 0
            gst_event_parse_flush_stop(event, &resetsTime)
            pad.isEnded = false
            if resetsTime != 0 { pad.hasSegment = false }
            pad.lastTime = nil
        case GST_EVENT_STREAM_START:
            pad.hasStream = true
            pad.isEnded = false
        case GST_EVENT_CAPS:
            var caps: UnsafeMutablePointer<GstCaps>?
            gst_event_parse_caps(event, &caps)
            var info = GstVideoInfo()
            if let caps, gst_video_info_from_caps(&info, caps) != 0 { pad.size = Int(info.size) }
            pad.hasCaps = true
            if !pad.hasStream { return "caps before stream-start" }
        case GST_EVENT_SEGMENT:
            gst_event_copy_segment(event, &pad.segment)
            pad.hasSegment = true
            pad.isEnded = false
            pad.lastTime = nil
            if !pad.hasStream { return "a segment before stream-start" }
        case GST_EVENT_EOS:
            if pad.isEnded { return "a second EOS" }
            pad.isEnded = true
        default: break
        }
        return nil
    }

    private static func fault(of buffer: UnsafeMutablePointer<GstBuffer>, _ pad: inout Pad) -> String? {
        let time = buffer.pointee.pts
        defer { pad.lastTime = time }
        if !pad.hasCaps { return "a buffer before caps" }
        if !pad.hasSegment { return "a buffer before its segment" }
        if pad.isEnded { return "a buffer after EOS" }
        if Int(gst_buffer_get_size(buffer)) != pad.size { return "a buffer of another size than the caps'" }
        var (start, stop) = (guint64(0), guint64(0))
        // In reverse playback videotestsrc starts with the frame at the segment's end, which is outside the segment.
        if pad.segment.rate > 0,
            gst_segment_clip(
                &pad.segment, GST_FORMAT_TIME, time, time + max(buffer.pointee.duration, 1), &start, &stop) == 0
        {
            return "a buffer at \(time) outside of the segment \(pad.segment.start) to \(pad.segment.stop)"
        }
        if let last = pad.lastTime, pad.segment.rate > 0 ? time < last : time > last {
            return "time goes from \(last) to \(time) at rate \(pad.segment.rate)"
        }
        return nil
    }
}
