import CGStreamer
import MediaIO
import Synchronization

/// Links the first video stream from `parsebin` to the decoder, and watches its times. A start time or duration is a seek
/// before the first frame is decoded.
final class StreamRouter: Sendable {
    private struct State {
        var hasVideo = false
        /// Whether the stream is blocked.
        var isWaiting = false
        /// Blocking probes, removed when the seek is sent.
        var waiting: [(pad: Pad, probe: UInt)] = []
        var hasSegment = false
        var packets = 0
        var firstTime: Double?
        var lastTime = 0.0
    }

    private struct Pad: @unchecked Sendable {
        let pointer: UnsafeMutablePointer<GstPad>
    }

    private struct Owner: @unchecked Sendable {
        unowned let pipeline: Pipeline
    }

    private let state = Mutex(State())
    private let owner: Owner
    private let start: Double?
    private let duration: Double?
    private let hasOneSegment: Bool

    /// - Parameters:
    ///   - pipeline: must outlive the router; has elements named `streams` and `decoder`.
    ///   - hasOneSegment: whether only the first segment counts: `matroskademux` 1.22 sends another one if a later stream
    ///     begins earlier, so that the first frame would have the wrong distance from the others.
    init(_ pipeline: Pipeline, start: Double?, duration: Double?, hasOneSegment: Bool) {
        owner = Owner(pipeline: pipeline)
        self.hasOneSegment = hasOneSegment
        self.start = start
        self.duration = duration
        _ = pipeline.child("streams") { parser in
            typealias PadAdded =
                @convention(c) (UnsafeMutablePointer<GstElement>?, UnsafeMutablePointer<GstPad>?, gpointer?) -> Void
            let padAdded: PadAdded = { _, pad, data in
                guard let pad, let data else { return }
                Unmanaged<StreamRouter>.fromOpaque(data).takeUnretainedValue().route(pad)
            }
            g_signal_connect_data(
                parser, "pad-added", unsafeBitCast(padAdded, to: GCallback.self),
                Unmanaged.passRetained(self).toOpaque(),
                { data, _ in if let data { Unmanaged<StreamRouter>.fromOpaque(data).release() } },
                GConnectFlags(rawValue: 0))
        }
    }

    /// Running time of the earliest frame in the file, in seconds; nil until there is one.
    var firstTime: Double? { state.withLock { $0.firstTime } }
    /// Running time at which the last frame in the file ends, in seconds.
    var lastTime: Double { state.withLock { $0.lastTime } }

    // MARK: Linking, on the streaming thread

    private func route(_ pad: UnsafeMutablePointer<GstPad>) {
        guard let caps = gst_pad_get_current_caps(pad) ?? gst_pad_query_caps(pad, nil) else { return }
        defer { gst_mini_object_unref(UnsafeMutableRawPointer(caps).assumingMemoryBound(to: GstMiniObject.self)) }
        guard let structure = gst_caps_get_structure(caps, 0), let name = gst_structure_get_name(structure) else {
            return
        }
        let type = String(cString: name)
        guard type.hasPrefix("video/") || type.hasPrefix("image/") else { return }
        let isFirst = state.withLock { state in
            defer { state.hasVideo = true }
            return !state.hasVideo
        }
        guard isFirst else { return }
        if hasOneSegment { keepFirstSegment(of: pad) }
        watchTimes(of: pad)
        block(pad)
        _ = owner.pipeline.child("decoder") { decoder in
            guard let sink = gst_element_get_static_pad(decoder, "sink") else { return }
            gst_pad_link(pad, sink)
            gst_object_unref(sink)
        }
    }

    private func keepFirstSegment(of pad: UnsafeMutablePointer<GstPad>) {
        let kinds = GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM.rawValue | GST_PAD_PROBE_TYPE_EVENT_FLUSH.rawValue
        gst_pad_add_probe(
            pad, GstPadProbeType(kinds),
            { _, info, data in
                guard let data, let event = info?.pointee.data?.assumingMemoryBound(to: GstEvent.self) else {
                    return GST_PAD_PROBE_OK
                }
                let type = event.pointee.type
                let isDropped = Unmanaged<StreamRouter>.fromOpaque(data).takeUnretainedValue().state.withLock { state in
                    if type == GST_EVENT_FLUSH_STOP { state.hasSegment = false }
                    guard type == GST_EVENT_SEGMENT else { return false }
                    defer { state.hasSegment = true }
                    return state.hasSegment
                }
                return isDropped ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK
            }, Unmanaged.passRetained(self).toOpaque(),
            { data in if let data { Unmanaged<StreamRouter>.fromOpaque(data).release() } })
    }

    /// Packets among which the earliest frame is: they are in the order of decoding.
    private static let reordered = 16

    private func watchTimes(of pad: UnsafeMutablePointer<GstPad>) {
        gst_pad_add_probe(
            pad, GST_PAD_PROBE_TYPE_BUFFER,
            { pad, info, data in
                guard let pad, let info, let data, let buffer = MediaIO.buffer(of: info) else {
                    return GST_PAD_PROBE_OK
                }
                // A file such as AVI has the times of decoding only, but for key frames.
                let shown = runningTime(of: buffer, at: pad)
                guard let time = shown ?? runningTime(of: buffer.pointee.dts, at: pad) else {
                    return GST_PAD_PROBE_OK
                }
                let length = buffer.pointee.duration == UInt.max ? 0 : Double(buffer.pointee.duration) / 1e9
                Unmanaged<StreamRouter>.fromOpaque(data).takeUnretainedValue().state.withLock { state in
                    state.packets += 1
                    if let shown, state.packets <= StreamRouter.reordered {
                        state.firstTime = min(state.firstTime ?? shown, shown)
                    }
                    state.lastTime = max(state.lastTime, time + length)
                }
                return GST_PAD_PROBE_OK
            }, Unmanaged.passRetained(self).toOpaque(),
            { data in if let data { Unmanaged<StreamRouter>.fromOpaque(data).release() } })
    }

    // MARK: Seeking

    private func block(_ pad: UnsafeMutablePointer<GstPad>) {
        guard start != nil || duration != nil else { return }
        // Blocks buffers only: events must pass while `parsebin` is still detecting streams.
        let kind = GstPadProbeType(GST_PAD_PROBE_TYPE_BLOCK.rawValue | GST_PAD_PROBE_TYPE_BUFFER.rawValue)
        let probe = gst_pad_add_probe(
            pad, kind,
            { _, _, data in
                guard let data else { return GST_PAD_PROBE_OK }
                Unmanaged<StreamRouter>.fromOpaque(data).takeUnretainedValue().state.withLock { $0.isWaiting = true }
                return GST_PAD_PROBE_OK
            }, Unmanaged.passRetained(self).toOpaque(),
            { data in if let data { Unmanaged<StreamRouter>.fromOpaque(data).release() } })
        state.withLock { $0.waiting.append((Pad(pointer: pad), probe)) }
    }

    /// Once a stream is blocked, sends the seek and removes the blocking probes. Call it from a non-streaming thread.
    func seekWhenReady() throws(MediaError) {
        let waiting = state.withLock { state in
            guard state.isWaiting else { return [(pad: Pad, probe: UInt)]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        guard let first = waiting.first else { return }
        let from = start ?? 0
        let event = gst_event_new_seek(
            1, GST_FORMAT_TIME, GstSeekFlags(GST_SEEK_FLAG_FLUSH.rawValue | GST_SEEK_FLAG_ACCURATE.rawValue),
            GST_SEEK_TYPE_SET, gint64(from * 1e9),
            duration == nil ? GST_SEEK_TYPE_NONE : GST_SEEK_TYPE_SET, duration.map { gint64((from + $0) * 1e9) } ?? -1)
        let sent = gst_pad_send_event(first.pad.pointer, event) != 0
        for entry in waiting { gst_pad_remove_probe(entry.pad.pointer, entry.probe) }
        if !sent {
            throw MediaError(
                "\(owner.pipeline.input): does not support seeking; omit --start and --duration")
        }
    }
}
