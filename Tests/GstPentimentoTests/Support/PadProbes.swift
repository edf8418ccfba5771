import CGStreamer
import GStreamerKit

/// A probe on a pad of an element, called on the streaming thread.
final class PadProbe {
    private final class Body {
        let see: (UnsafeMutablePointer<GstPadProbeInfo>) -> GstPadProbeReturn
        init(_ see: @escaping (UnsafeMutablePointer<GstPadProbeInfo>) -> GstPadProbeReturn) { self.see = see }
    }

    private let pad: UnsafeMutablePointer<GstPad>
    private var number: gulong = 0

    init(
        _ pad: String, of name: String, in pipeline: TestPipeline, _ types: GstPadProbeType...,
        see: @escaping (UnsafeMutablePointer<GstPadProbeInfo>) -> GstPadProbeReturn
    ) throws {
        guard let pad = gst_element_get_static_pad(try pipeline.child(name), pad) else {
            throw PipelineFailure(description: "\(name) has no pad \(pad)")
        }
        self.pad = pad
        number = gst_pad_add_probe(
            pad, GstPadProbeType(types.reduce(0) { $0 | $1.rawValue }),
            { _, info, data in
                guard let info, let data else { return GST_PAD_PROBE_OK }
                return Unmanaged<Body>.fromOpaque(data).takeUnretainedValue().see(info)
            }, Unmanaged.passRetained(Body(see)).toOpaque(),
            { data in if let data { Unmanaged<Body>.fromOpaque(data).release() } })
    }

    func remove() {
        gst_pad_remove_probe(pad, number)
        number = 0
    }

    deinit {
        if number != 0 { gst_pad_remove_probe(pad, number) }
        gst_object_unref(pad)
    }
}

/// Counts buffers, events or queries that pass a pad, and lets the test wait for a number of them.
final class PadCounter {
    private let count = Monitor(0)
    private var probe: PadProbe?

    /// Counts buffers.
    init(buffersAt pad: String, of name: String, in pipeline: TestPipeline) throws {
        probe = try PadProbe(pad, of: name, in: pipeline, GST_PAD_PROBE_TYPE_BUFFER) { [count] _ in
            count.update { $0 += 1 }
            return GST_PAD_PROBE_OK
        }
    }

    /// Counts downstream events whose structure has a name.
    init(events event: String, at pad: String, of name: String, in pipeline: TestPipeline) throws {
        probe = try PadProbe(pad, of: name, in: pipeline, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) { [count] info in
            if let seen = info.pointee.data?.assumingMemoryBound(to: GstEvent.self),
                let structure = gst_event_get_structure(seen), gst_structure_has_name(structure, event) != 0
            {
                count.update { $0 += 1 }
            }
            return GST_PAD_PROBE_OK
        }
    }

    /// Counts queries from upstream whose structure has a name.
    init(queries query: String, at pad: String, of name: String, in pipeline: TestPipeline) throws {
        probe = try PadProbe(
            pad, of: name, in: pipeline, GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM, GST_PAD_PROBE_TYPE_PUSH
        ) { [count] info in
            if let seen = info.pointee.data?.assumingMemoryBound(to: GstQuery.self),
                let structure = gst_query_get_structure(seen), gst_structure_has_name(structure, query) != 0
            {
                count.update { $0 += 1 }
            }
            return GST_PAD_PROBE_OK
        }
    }

    /// The current count.
    var current: Int { count.update { $0 } }

    func wait(for number: Int) { count.wait { $0 >= number ? true : nil } }
}

/// Drops chosen buffers, as a leaky queue or a valve does.
final class PadDrop {
    private let count = Monitor(0)
    private var probe: PadProbe?

    /// - Parameter indices: indices of the buffers to drop, in order of arrival from 0.
    init(_ indices: Set<Int>, at pad: String, of name: String, in pipeline: TestPipeline) throws {
        probe = try PadProbe(pad, of: name, in: pipeline, GST_PAD_PROBE_TYPE_BUFFER) { [count] _ in
            let index = count.update { count in
                count += 1
                return count - 1
            }
            return indices.contains(index) ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK
        }
    }
}

/// Holds each buffer at a pad until the test releases it, like a slow element.
///
/// It blocks the streaming thread; only the test releases it. Open the gate before the pipeline stops.
final class PadGate {
    private let state = Monitor((arrived: 0, allowed: 0))
    private var probe: PadProbe?

    init(_ pad: String, of name: String, in pipeline: TestPipeline) throws {
        probe = try PadProbe(pad, of: name, in: pipeline, GST_PAD_PROBE_TYPE_BUFFER) { [state] _ in
            let number = state.update {
                $0.arrived += 1
                return $0.arrived
            }
            state.wait { $0.allowed >= number ? true : nil }
            return GST_PAD_PROBE_OK
        }
    }

    func waitForArrival(of number: Int) { state.wait { $0.arrived >= number ? true : nil } }
    func letOneThrough() { state.update { $0.allowed += 1 } }
    func open() { state.update { $0.allowed = .max } }
}

/// Blocks a pad with a GStreamer blocking probe: flushes and stops pass.
final class PadBlock {
    private let isReached = Monitor(false)
    private var probe: PadProbe?

    init(_ pad: String, of name: String, in pipeline: TestPipeline) throws {
        probe = try PadProbe(
            pad, of: name, in: pipeline, GST_PAD_PROBE_TYPE_BLOCK, GST_PAD_PROBE_TYPE_BUFFER
        ) { [isReached] _ in
            isReached.update { $0 = true }
            return GST_PAD_PROBE_OK
        }
    }

    func waitForBuffer() { isReached.wait { $0 ? true : nil } }
    func remove() { probe?.remove() }
}
