import CGStreamer
import Synchronization

/// Measures the processing time of elements: from the arrival of a buffer at the sink pad to its departure at the
/// source pad.
///
/// Valid for elements that output one buffer per input buffer on the same thread. Time spent waiting is included, such
/// as `flowwarp`'s wait for the previous result.
public final class ElementTimes: Sendable {
    /// The total time of an element.
    public struct Time: Sendable, Equatable {
        /// The element factory's name.
        public let element: String
        /// Number of processed buffers.
        public internal(set) var buffers = 0
        /// Total time in seconds.
        public internal(set) var seconds = 0.0
    }

    private let stopwatches: [Stopwatch]

    /// - Parameter factories: factory names of the elements to measure; determines the order of ``times``.
    public init(in pipeline: Pipeline, factories: [String]) {
        let bin = pipeline.element.of(GstBin.self)
        stopwatches = factories.compactMap { factory in
            guard let elements = gst_bin_iterate_all_by_element_factory_name(bin, factory) else { return nil }
            defer { gst_iterator_free(elements) }
            var value = GValue()
            guard gst_iterator_next(elements, &value) == GST_ITERATOR_OK else { return nil }
            defer { g_value_unset(&value) }
            return g_value_get_object(&value).map {
                Stopwatch(factory, at: $0.assumingMemoryBound(to: GstElement.self))
            }
        }
    }

    /// The times measured so far.
    public var times: [Time] { stopwatches.map(\.time) }
}

private final class Stopwatch: Sendable {
    private let state: Mutex<(time: ElementTimes.Time, arrival: gint64)>

    init(_ name: String, at element: Pipeline.Element) {
        state = Mutex((ElementTimes.Time(element: name), 0))
        probe(element, "sink") { _, _, data in
            Stopwatch.from(data)?.state.withLock { $0.arrival = g_get_monotonic_time() }
            return GST_PAD_PROBE_OK
        }
        probe(element, "src") { _, _, data in
            Stopwatch.from(data)?.state.withLock {
                $0.time.buffers += 1
                $0.time.seconds += Double(g_get_monotonic_time() - $0.arrival) / 1e6
            }
            return GST_PAD_PROBE_OK
        }
    }

    var time: ElementTimes.Time { state.withLock { $0.time } }

    private static func from(_ data: gpointer?) -> Stopwatch? {
        data.map { Unmanaged<Stopwatch>.fromOpaque($0).takeUnretainedValue() }
    }

    private func probe(_ element: Pipeline.Element, _ pad: String, _ body: @escaping GstPadProbeCallback) {
        guard let pad = gst_element_get_static_pad(element, pad) else { return }
        gst_pad_add_probe(
            pad, GST_PAD_PROBE_TYPE_BUFFER, body, Unmanaged.passRetained(self).toOpaque(),
            { data in if let data { Unmanaged<Stopwatch>.fromOpaque(data).release() } })
        gst_object_unref(pad)
    }
}
