import CGStreamer
import MediaIO
import Synchronization

/// Takes what reaches an `appsink`, on its thread.
final class FrameTap: Sendable {
    private let body: @Sendable (OpaquePointer) -> Void

    private init(_ body: @escaping @Sendable (OpaquePointer) -> Void) { self.body = body }

    /// - Parameter body: given each sample, which it does not own.
    static func attach(to pipeline: Pipeline, _ name: String, _ body: @escaping @Sendable (OpaquePointer) -> Void) {
        let tap = FrameTap(body)
        _ = pipeline.child(name) { sink in
            var callbacks = GstAppSinkCallbacks()
            callbacks.new_sample = { sink, data in
                guard let sink, let data, let sample = gst_app_sink_pull_sample(sink) else { return GST_FLOW_EOS }
                Unmanaged<FrameTap>.fromOpaque(data).takeUnretainedValue().body(sample)
                gst_sample_unref(sample)
                return GST_FLOW_OK
            }
            gst_app_sink_set_callbacks(
                sink.of(GstAppSink.self), &callbacks, Unmanaged.passRetained(tap).toOpaque(),
                { data in if let data { Unmanaged<FrameTap>.fromOpaque(data).release() } })
        }
    }
}

/// Counts what reaches an element, so that one that stalls is noticed.
final class FlowCount: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    func add() { count.add(1, ordering: .relaxed) }

    /// Counts the buffers that come to an element of a pipeline.
    func watch(_ name: String, of pipeline: Pipeline) {
        _ = pipeline.child(name) { element in
            guard let pad = gst_element_get_static_pad(element, "sink") else { return }
            defer { gst_object_unref(pad) }
            let kinds = GST_PAD_PROBE_TYPE_BUFFER.rawValue | GST_PAD_PROBE_TYPE_BUFFER_LIST.rawValue
            gst_pad_add_probe(
                pad, GstPadProbeType(rawValue: kinds),
                { _, _, data in
                    if let data { Unmanaged<FlowCount>.fromOpaque(data).takeUnretainedValue().add() }
                    return GST_PAD_PROBE_OK
                }, Unmanaged.passRetained(self).toOpaque(),
                { data in if let data { Unmanaged<FlowCount>.fromOpaque(data).release() } })
        }
    }
}
