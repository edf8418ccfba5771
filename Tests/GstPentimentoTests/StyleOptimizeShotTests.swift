import CGStreamer
import GStreamerKit
import Glibc
import Imaging
import Synchronization
import Testing

/// Several passes over whole shots.
@Suite(.serialized) struct StyleOptimizeShotTests {
    private static let passes = "passes=3 init=content"

    @Test func framesKeepTimesFlagsAndMetas() throws {
        for layout in [PixelLayout.rgb, .argb, .bgrx] {
            let run = try OptimizeRun("\(OptimizeRun.flow) ! \(OptimizeRun.element(Self.passes))")
            let frames = (0..<3).map {
                TestFrame(width: 33, height: 25, layout: layout, index: $0, stride: 33 * layout.bytesPerPixel + 19)
            }
            run.pipeline.setCaps(frames[0].caps)
            run.pipeline.play()
            for frame in frames {
                let buffer = try #require(frame.makeBuffer())
                gst_buffer_add_video_region_of_interest_meta(buffer, "face", 1, 2, 3, 4)
                buffer.pointee.offset = guint64(frame.index + 7)
                run.pipeline.push(buffer)
            }
            let outputs = try run.finish()
            #expect(run.error == nil)
            try #require(outputs.count == 3)
            for (frame, output) in zip(frames, outputs) {
                #expect(output.time == GstClockTime(frame.index) * TestFrame.duration)
                #expect(output.buffer.pointee.duration == TestFrame.duration)
                #expect(output.buffer.pointee.offset == guint64(frame.index + 7))
                let regions = gst_buffer_get_n_meta(output.buffer, gst_video_region_of_interest_meta_api_get_type())
                #expect(regions == 1 && output.flows.isEmpty)
                guard layout.bytesPerPixel == 4 else { continue }
                let fourth = 6 - layout.red - layout.green - layout.blue
                let format = try #require(output.format)
                let differences = try format.withPixels(of: output.buffer, writing: false) { pixels in
                    let before = frame.makeBytes()
                    return (0..<33 * 25).count { index in
                        let pixel = (index / 33, index % 33 * 4 + fourth)
                        let byte = pixels.base.load(
                            fromByteOffset: pixel.0 * pixels.stride + pixel.1, as: UInt8.self)
                        return byte != before[pixel.0 * (33 * 4 + 19) + pixel.1]
                    }
                }
                #expect(differences == 0)
            }
        }
    }

    @Test func passesGoOverTheShotForwardAndBackward() throws {
        let run = try OptimizeRun("\(OptimizeRun.flow) ! \(OptimizeRun.element(Self.passes))")
        _ = try run.run(OptimizeRun.small(3))
        let order = run.progress.filter(\.isLast).map { [$0.pass, $0.frame] }
        #expect(order == [[1, 1], [1, 2], [1, 3], [2, 1], [2, 2], [2, 3], [3, 3], [3, 2], [3, 1]])
        #expect(run.progress.allSatisfy { $0.shot == 1 && $0.frames == 3 && $0.passes == 3 && $0.iterations == 2 })
    }

    @Test func runsAreReproducibleAndPassesChangeTheResult() throws {
        let frames = OptimizeRun.small(3)
        let three = try OptimizeRun.bytes(frames, Self.passes)
        #expect(try OptimizeRun.bytes(frames, "\(Self.passes) threads=1") == three)
        for other in ["passes=2 init=content", "\(Self.passes) blend=0.2", "\(Self.passes) temporal-from-pass=4"] {
            #expect(try OptimizeRun.bytes(frames, other) != three, "\(other)")
        }
    }

    @Test func aSceneCutEndsAShot() throws {
        let flow = "opticalflow ! occlusioncheck min-filter=1"
        let first = OptimizeRun.small(3)
        let second = OptimizeRun.small(2, scene: 1, from: 3)
        let run = try OptimizeRun("\(flow) ! \(OptimizeRun.element(Self.passes))")
        let both = try run.run(first + second)
        #expect(Set(run.progress.map { [$0.shot, $0.frames] }) == [[1, 3], [2, 2]])
        let alone =
            try OptimizeRun.bytes(first, Self.passes, flow: flow)
            + OptimizeRun.bytes(second, Self.passes, flow: flow)
        #expect(both.map(\.bytes) == alone)
        #expect(both.map(\.time) == (first + second).map { GstClockTime($0.index) * TestFrame.duration })
    }

    @Test func aNewSizeEndsAShot() throws {
        let run = try OptimizeRun("\(OptimizeRun.flow) ! \(OptimizeRun.element(Self.passes))")
        run.pipeline.play()
        for (width, index) in [(32, 0), (48, 2), (32, 4)] {
            let frames = (0..<2).map { TestFrame(width: width, height: 24, layout: .rgb, index: index + $0) }
            run.pipeline.setCaps(frames[0].caps)
            run.pipeline.push(frames)
        }
        let outputs = try run.finish()
        #expect(outputs.map { $0.format?.width } == [32, 32, 48, 48, 32, 32])
        #expect(Set(run.progress.map(\.shot)) == [1, 2, 3])
    }

    @Test func withoutFlowEachFrameIsAShot() throws {
        let run = try OptimizeRun(OptimizeRun.element(Self.passes))
        let outputs = try run.run(OptimizeRun.small(2))
        #expect(outputs.count == 2 && run.infos.count == 1)
        #expect(Set(run.progress.map { [$0.shot, $0.frames] }) == [[1, 1], [2, 1]])
    }

    @Test func flowIsKeptForReaders() throws {
        let run = try OptimizeRun(
            "\(OptimizeRun.flow) ! \(OptimizeRun.element(Self.passes)) ! temporalmeter name=meter")
        let outputs = try run.run(OptimizeRun.small(3))
        #expect(try run.pipeline.integer("frames", of: "meter") == 2)
        let plain = try TestPipeline.run(OptimizeRun.small(3), through: OptimizeRun.flow)
        #expect(outputs[2].flow?.flow == plain[2].flow?.flow)
        #expect(outputs[2].certainty?.forward == plain[2].certainty?.forward)
    }

    @Test func eventsKeepTheirOrder() throws {
        let run = try OptimizeRun("\(OptimizeRun.flow) ! \(OptimizeRun.element(Self.passes))")
        let order = EventOrder()
        let pad = try #require(gst_element_get_static_pad(try run.pipeline.child("out"), "sink"))
        defer { gst_object_unref(pad) }
        order.watch(pad)
        let frames = OptimizeRun.small(3)
        run.pipeline.setCaps(frames[0].caps)
        run.pipeline.play()
        let source = try run.pipeline.child("in")
        let sent = try PadCounter(buffersAt: "src", of: "in", in: run.pipeline)
        for frame in frames {
            run.pipeline.push([frame])
            // The event then arrives after the frame.
            sent.wait(for: frame.index + 1)
            let mark = gst_structure_new_empty("mark-\(frame.index)")
            gst_element_send_event(source, gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM, mark))
        }
        #expect(try run.finish().count == 3)
        #expect(order.names == ["frame", "mark-0", "frame", "mark-1", "frame", "mark-2", "eos"])
    }

    @Test func flushDropsTheShot() throws {
        let frames = OptimizeRun.small(3)
        let run = try OptimizeRun("\(OptimizeRun.flow) ! \(OptimizeRun.element(Self.passes))")
        run.pipeline.setCaps(frames[0].caps)
        run.pipeline.play()
        let source = try run.pipeline.child("in")
        let sent = try PadCounter(buffersAt: "src", of: "in", in: run.pipeline)
        run.pipeline.push(Array(frames[..<2]))
        sent.wait(for: 2)
        gst_element_send_event(source, gst_event_new_flush_start())
        gst_element_send_event(source, gst_event_new_flush_stop(1))
        run.pipeline.push(frames)
        #expect(try run.finish().map(\.bytes) == OptimizeRun.bytes(frames, Self.passes))
    }

    // MARK: - The store

    @Test func storeFileIsUnlinked() throws {
        let folder = OptimizeFiles.newFolder("store")
        mkdir(folder, 0o700)
        let run = try OptimizeRun(
            "\(OptimizeRun.flow) ! \(OptimizeRun.element("\(Self.passes) store-location=\(folder)"))")
        let frames = OptimizeRun.small(3)
        run.pipeline.setCaps(frames[0].caps)
        run.pipeline.play()
        run.pipeline.push(frames)
        run.pipeline.endStream()
        #expect(run.wait { $0.pass == 2 })
        #expect(OptimizeFiles.list(folder).isEmpty)
        #expect(try run.pipeline.pullAll().count == 3)
    }

    @Test func storeLimitErrorNamesTheNumberOfFrames() throws {
        // The first frame has no motion: 32x24 pixels take 3 + 12 bytes each, the next ones 24 more.
        let pixels = 32 * 24
        let limit = pixels * 15 + 2 * pixels * 39
        func error(_ limit: Int) throws -> String? {
            let run = try OptimizeRun(
                "\(OptimizeRun.flow) ! \(OptimizeRun.element("\(Self.passes) store-limit=\(limit)"))")
            _ = try run.run(OptimizeRun.small(4))
            return run.error
        }
        let refused = try #require(try error(limit))
        #expect(refused.contains("store-limit=\(limit)") && refused.contains("3 frames of 32x24 fit"), "\(refused)")
        #expect(try error(limit + pixels * 39) == nil)
        #expect(try error(0) == nil)
    }
}

/// Records the order in which frames and marker events pass a pad.
private final class EventOrder: Sendable {
    private let state = Mutex<[String]>([])

    var names: [String] { state.withLock { $0 } }

    func watch(_ pad: UnsafeMutablePointer<GstPad>) {
        let types = GST_PAD_PROBE_TYPE_BUFFER.rawValue | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM.rawValue
        gst_pad_add_probe(
            pad, GstPadProbeType(rawValue: types),
            { _, info, data in
                guard let info, let data else { return GST_PAD_PROBE_OK }
                let order = Unmanaged<EventOrder>.fromOpaque(data).takeUnretainedValue()
                if info.pointee.type.rawValue & GST_PAD_PROBE_TYPE_BUFFER.rawValue != 0 {
                    order.state.withLock { $0.append("frame") }
                } else if let event = gst_pad_probe_info_get_event(info) {
                    if event.pointee.type == GST_EVENT_EOS { order.state.withLock { $0.append("eos") } }
                    if event.pointee.type == GST_EVENT_CUSTOM_DOWNSTREAM, let structure = gst_event_get_structure(event)
                    {
                        let name = String(glib: gst_structure_get_name(structure))
                        order.state.withLock { $0.append(name) }
                    }
                }
                return GST_PAD_PROBE_OK
            }, Unmanaged.passRetained(self).toOpaque(),
            { data in if let data { Unmanaged<EventOrder>.fromOpaque(data).release() } })
    }
}
