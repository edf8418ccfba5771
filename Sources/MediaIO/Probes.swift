import CGStreamer

/// The buffer of a buffer probe.
package func buffer(of info: UnsafeMutablePointer<GstPadProbeInfo>) -> UnsafeMutablePointer<GstBuffer>? {
    info.pointee.data?.assumingMemoryBound(to: GstBuffer.self)
}

/// The buffer's running time in seconds; nil if it has none.
package func runningTime(of buffer: UnsafeMutablePointer<GstBuffer>, at pad: UnsafeMutablePointer<GstPad>) -> Double? {
    runningTime(of: buffer.pointee.pts, at: pad)
}

/// The running time of a timestamp in seconds; nil if it is none.
package func runningTime(of timestamp: GstClockTime, at pad: UnsafeMutablePointer<GstPad>) -> Double? {
    guard timestamp != GstClockTime.max, let event = gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0) else {
        return nil
    }
    defer { gst_mini_object_unref(UnsafeMutableRawPointer(event).assumingMemoryBound(to: GstMiniObject.self)) }
    var segment: UnsafePointer<GstSegment>?
    gst_event_parse_segment(event, &segment)
    guard let segment else { return nil }
    let time = gst_segment_to_running_time(segment, GST_FORMAT_TIME, guint64(timestamp))
    return time == guint64.max ? nil : Double(time) / 1e9
}
