import CGStreamer
import Synchronization

/// Links the streams from `parsebin`: the first video stream to the decoder and the first audio stream to the muxer.
/// Audio is copied if the container supports it. A start time or duration is a seek before the first frame is decoded.
final class StreamRouter: Sendable {
    private struct State {
        var hasVideo = false
        var hasSound = false
        /// Whether a stream is blocked; by then all streams are known.
        var isWaiting = false
        /// Blocking probes, removed when the seek is sent.
        var waiting: [(pad: Pad, probe: UInt)] = []
        var lastTime = 0.0
        var soundNote: String?
    }

    private struct Pad: @unchecked Sendable {
        let pointer: UnsafeMutablePointer<GstPad>
    }

    private struct Owner: @unchecked Sendable {
        unowned let pipeline: Pipeline
    }

    private let state = Mutex(State())
    private let owner: Owner
    private let container: VideoContainer?
    private let start: Double?
    private let duration: Double?

    /// - Parameters:
    ///   - pipeline: must outlive the router; has elements named `streams`, `decoder` and, with a container, `mux`.
    ///   - container: output container; nil: the sound is dropped.
    init(_ pipeline: Pipeline, container: VideoContainer?, start: Double?, duration: Double?) {
        owner = Owner(pipeline: pipeline)
        self.container = container
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

    /// Describes how the sound was changed; nil if it is copied.
    var soundNote: String? { state.withLock { $0.soundNote } }
    /// The end time of the last video or audio buffer from the file, in seconds.
    var lastTime: Double { state.withLock { $0.lastTime } }

    // MARK: Linking, on the streaming thread

    private func route(_ pad: UnsafeMutablePointer<GstPad>) {
        guard let caps = gst_pad_get_current_caps(pad) ?? gst_pad_query_caps(pad, nil) else { return }
        defer { gst_mini_object_unref(UnsafeMutableRawPointer(caps).assumingMemoryBound(to: GstMiniObject.self)) }
        guard let structure = gst_caps_get_structure(caps, 0), let name = gst_structure_get_name(structure) else {
            return
        }
        let type = String(cString: name)
        if type.hasPrefix("video/") || type.hasPrefix("image/") {
            let isFirst = state.withLock { state in
                defer { state.hasVideo = true }
                return !state.hasVideo
            }
            if isFirst { routeVideo(pad) }
        } else if type.hasPrefix("audio/"), let container {
            let isFirst = state.withLock { state in
                defer { state.hasSound = true }
                return !state.hasSound
            }
            if isFirst { routeSound(pad, caps, type, container) }
        }
    }

    private func routeVideo(_ pad: UnsafeMutablePointer<GstPad>) {
        watchTimes(of: pad)
        block(pad)
        _ = owner.pipeline.child("decoder") { decoder in
            guard let sink = gst_element_get_static_pad(decoder, "sink") else { return }
            gst_pad_link(pad, sink)
            gst_object_unref(sink)
        }
    }

    private func routeSound(
        _ pad: UnsafeMutablePointer<GstPad>, _ caps: UnsafeMutablePointer<GstCaps>, _ type: String,
        _ container: VideoContainer
    ) {
        let queue = "queue max-size-buffers=0 max-size-bytes=0 max-size-time=0"
        let linked = owner.pipeline.child("mux") { muxer in
            if let accepted = gst_element_get_compatible_pad(muxer, pad, caps) {
                return add("\(queue) name=first ! identity name=last", between: pad, and: accepted)
            }
            state.withLock {
                $0.soundNote = "the sound (\(type)) was encoded anew: .\(container.rawValue) does not support it"
            }
            guard let accepted = gst_element_request_pad_simple(muxer, "audio_%u") else { return false }
            return add(
                "\(queue) name=first ! \(container.soundEncoder) ! \(queue) name=last", between: pad, and: accepted)
        }
        if linked == true {
            watchTimes(of: pad)
            block(pad)
        } else {
            state.withLock { $0.soundNote = "the sound (\(type)) was dropped: not supported by .\(container.rawValue)" }
        }
    }

    /// Inserts elements between a pad and the muxer's pad, and takes ownership of the latter.
    private func add(
        _ description: String, between pad: UnsafeMutablePointer<GstPad>, and accepted: UnsafeMutablePointer<GstPad>
    ) -> Bool {
        defer { gst_object_unref(accepted) }
        // Ghost pads are made by hand: the parser would choose that of an element that is not linked to `decodebin`
        // yet.
        guard let bin = gst_parse_bin_from_description(description, 0, nil) else { return false }
        gst_bin_add(owner.pipeline.element.of(GstBin.self), bin)
        guard let sink = ghost("sink", of: "first", in: bin), let source = ghost("src", of: "last", in: bin),
            gst_pad_link(source, accepted) == GST_PAD_LINK_OK, gst_element_sync_state_with_parent(bin) != 0
        else { return false }
        return gst_pad_link(pad, sink) == GST_PAD_LINK_OK
    }

    /// Adds a ghost pad for a child's pad; the bin owns it.
    private func ghost(
        _ pad: String, of child: String, in bin: Pipeline.Element
    ) -> UnsafeMutablePointer<GstPad>? {
        guard let element = gst_bin_get_by_name(bin.of(GstBin.self), child) else { return nil }
        defer { gst_object_unref(element) }
        guard let inner = gst_element_get_static_pad(element, pad) else { return nil }
        defer { gst_object_unref(inner) }
        guard let ghost = gst_ghost_pad_new(pad, inner) else { return nil }
        return gst_element_add_pad(bin, ghost) != 0 ? ghost : nil
    }

    private func watchTimes(of pad: UnsafeMutablePointer<GstPad>) {
        gst_pad_add_probe(
            pad, GST_PAD_PROBE_TYPE_BUFFER,
            { _, info, data in
                guard let info, let data, let buffer = MediaIO.buffer(of: info), buffer.pointee.pts != UInt.max else {
                    return GST_PAD_PROBE_OK
                }
                let length = buffer.pointee.duration == UInt.max ? 0 : buffer.pointee.duration
                let time = Double(buffer.pointee.pts + length) / 1e9
                Unmanaged<StreamRouter>.fromOpaque(data).takeUnretainedValue().state.withLock {
                    $0.lastTime = max($0.lastTime, time)
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
