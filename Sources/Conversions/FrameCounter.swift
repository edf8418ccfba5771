import CGStreamer
import MediaIO
import Synchronization

/// Counts the buffers that enter a queue.
final class FrameCounter: Sendable {
    private let state = Mutex(Conversion.Progress(frames: 0, time: 0))

    var progress: Conversion.Progress { state.withLock { $0 } }

    func watch(_ pipeline: Pipeline, _ name: String) {
        _ = pipeline.child(name) { element in
            guard let pad = gst_element_get_static_pad(element, "sink") else { return }
            defer { gst_object_unref(pad) }
            gst_pad_add_probe(
                pad, GST_PAD_PROBE_TYPE_BUFFER,
                { pad, info, data in
                    guard let pad, let info, let data, let buffer = buffer(of: info) else { return GST_PAD_PROBE_OK }
                    let time = runningTime(of: buffer, at: pad)
                    Unmanaged<FrameCounter>.fromOpaque(data).takeUnretainedValue().state.withLock {
                        $0.frames += 1
                        $0.time = time ?? $0.time
                    }
                    return GST_PAD_PROBE_OK
                }, Unmanaged.passRetained(self).toOpaque(),
                { data in if let data { Unmanaged<FrameCounter>.fromOpaque(data).release() } })
        }
    }
}
