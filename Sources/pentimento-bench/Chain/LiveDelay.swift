import CGStreamer
import GstPentimento
import MediaIO
import Support
import Synchronization

/// Measures how long frames take from a source that sends them at their times to the sink.
enum LiveDelay {
    static let usage =
        "CLIP [WIDTHxHEIGHT [FRAMES/SECOND [QUALITY [MODEL]]]] (1920x1080 30/1 live scream; delay in frames)"
    /// Frames that allocate memory.
    private static let warmUp = 12

    static func run(_ arguments: [String]) throws {
        guard let clip = arguments.first else { throw BenchmarkError("usage: pentimento-bench live-delay \(usage)") }
        let size = arguments.count > 1 ? arguments[1] : "1920x1080"
        let rate = arguments.count > 2 ? arguments[2] : "30/1"
        let quality = arguments.count > 3 ? arguments[3] : "live"
        let bench = try Bench([arguments.count > 4 ? arguments[4] : "scream", size], defaultSize: size)
        let parts = rate.split(separator: "/").compactMap { Double($0) }
        guard parts.count == 2, parts[0] > 0, parts[1] > 0 else { throw BenchmarkError("\(rate): not a frame rate") }
        let folder = try PrivateFolder()
        let frames = "\(folder.path)/frames.nv12"
        try Pipeline(parsing: "\(bench.source(clip: clip)) ! filesink location=\"\(frames)\"", input: clip).run()
        let bytes = bench.width * bench.height + (bench.width + 1) / 2 * ((bench.height + 1) / 2) * 2
        let delays = try Delays(
            "filesrc location=\"\(frames)\" blocksize=\(bytes) ! rawvideoparse format=nv12 width=\(bench.width) "
                + "height=\(bench.height) framerate=\(rate) ! clocksync ! coherentstylize name=stylizer model=\(bench.model) "
                + "quality=\(quality) ! fakesink name=sink sync=false"
        ).seconds.dropFirst(warmUp).map { $0 * parts[0] / parts[1] }
        guard delays.count > 2 * warmUp else { throw BenchmarkError("\(clip): too few frames") }
        let half = delays.count / 2
        print(
            "delay in frames: median \(text(delays.median)), longest \(text(delays.max())); first half "
                + "\(text(Array(delays[..<half]).median)), second half \(text(Array(delays[half...]).median))")
    }

    private static func text(_ value: Double?) -> String { "\(((value ?? .nan) * 100).rounded() / 100)" }
}

/// The delay of each frame at the element `sink` of a pipeline.
private final class Delays: Sendable {
    private let values = Mutex<[Double]>([])

    var seconds: [Double] { values.withLock { $0 } }

    /// Plays the pipeline to its end.
    init(_ description: String) throws {
        guard let pipeline = gst_parse_launch(description, nil) else {
            throw BenchmarkError("\(description): no pipeline")
        }
        defer {
            gst_element_set_state(pipeline, GST_STATE_NULL)
            gst_object_unref(pipeline)
        }
        let bin = UnsafeMutableRawPointer(pipeline).assumingMemoryBound(to: GstBin.self)
        guard let sink = gst_bin_get_by_name(bin, "sink"), let pad = gst_element_get_static_pad(sink, "sink"),
            let bus = gst_element_get_bus(pipeline)
        else { throw BenchmarkError("\(description): no sink") }
        defer {
            gst_object_unref(sink)
            gst_object_unref(pad)
            gst_object_unref(bus)
        }
        gst_pad_add_probe(
            pad, GST_PAD_PROBE_TYPE_BUFFER,
            { pad, info, data in
                guard let data, let frame = info?.pointee.data else { return GST_PAD_PROBE_OK }
                let buffer = frame.assumingMemoryBound(to: GstBuffer.self)
                Unmanaged<Delays>.fromOpaque(data).takeUnretainedValue().record(buffer.pointee.pts, at: pad)
                return GST_PAD_PROBE_OK
            }, Unmanaged.passUnretained(self).toOpaque(), nil)
        gst_element_set_state(pipeline, GST_STATE_PLAYING)
        let ends = GstMessageType(GST_MESSAGE_EOS.rawValue | GST_MESSAGE_ERROR.rawValue)
        guard let message = gst_bus_timed_pop_filtered(bus, .max, ends) else { return }
        defer { gst_message_unref(message) }
        if message.pointee.type == GST_MESSAGE_ERROR { throw BenchmarkError("\(description): an element failed") }
    }

    private func record(_ time: GstClockTime, at pad: UnsafeMutablePointer<GstPad>?) {
        guard let sink = gst_pad_get_parent_element(pad) else { return }
        defer { gst_object_unref(sink) }
        guard let clock = gst_element_get_clock(sink) else { return }
        defer { gst_object_unref(clock) }
        // The segment of a file begins at 0.
        let now = gst_clock_get_time(clock) - gst_element_get_base_time(sink)
        values.withLock { $0.append((Double(now) - Double(time)) / 1e9) }
    }
}
