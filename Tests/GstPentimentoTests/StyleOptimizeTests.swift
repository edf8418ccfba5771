import CGStreamer
import GStreamerKit
import Imaging
import Testing

/// Frame-by-frame optimisation, with a single pass.
@Suite(.serialized) struct StyleOptimizeTests {
    @Test func allFormatsGiveTheSameImageAndKeepTheirFourthByte() throws {
        let reference = try OptimizeRun.bytes(TestFrame.sequence(1, width: 33, height: 25))[0]
        for layout in PixelLayout.all {
            // Padded rows with three and with four bytes per pixel.
            for stride in [nil] + (["BGR", "ARGB"].contains(layout.name) ? [33 * layout.bytesPerPixel + 29] : []) {
                let frames = TestFrame.sequence(1, width: 33, height: 25, layout: layout, stride: stride)
                let before = frames[0].makeBytes()
                let after = try OptimizeRun.bytes(frames)[0]
                try #require(after.count == before.count)
                let rowBytes = stride ?? (33 * layout.bytesPerPixel + 3) / 4 * 4
                var differences = 0
                for y in 0..<25 {
                    for x in 0..<33 {
                        let pixel = y * rowBytes + x * layout.bytesPerPixel
                        let wanted = y * 100 + x * 3
                        if after[pixel + layout.red] != reference[wanted] { differences += 1 }
                        if after[pixel + layout.green] != reference[wanted + 1] { differences += 1 }
                        if after[pixel + layout.blue] != reference[wanted + 2] { differences += 1 }
                        guard layout.bytesPerPixel == 4 else { continue }
                        let fourth = 6 - layout.red - layout.green - layout.blue
                        if after[pixel + fourth] != before[pixel + fourth] { differences += 1 }
                    }
                }
                #expect(differences == 0, "\(layout.name), stride \(rowBytes)")
            }
        }
    }

    @Test func framesKeepTimesAndForeignMetasAndChange() throws {
        let run = try OptimizeRun("\(OptimizeRun.flow) ! \(OptimizeRun.element())")
        let frames = OptimizeRun.small(3, layout: .bgra)
        run.pipeline.setCaps(frames[0].caps)
        run.pipeline.play()
        for frame in frames {
            let buffer = try #require(frame.makeBuffer())
            gst_buffer_add_video_region_of_interest_meta(buffer, "face", 1, 2, 3, 4)
            run.pipeline.push(buffer)
        }
        let outputs = try run.finish()
        #expect(run.error == nil && outputs.count == 3)
        for (frame, output) in zip(frames, outputs) {
            #expect(output.time == GstClockTime(frame.index) * TestFrame.duration)
            #expect(output.buffer.pointee.duration == TestFrame.duration)
            #expect(output.bytes != frame.makeBytes())
            #expect(output.flows.isEmpty && output.certainty == nil, "metas of flow go where nobody reads them")
            let regions = gst_buffer_get_n_meta(output.buffer, gst_video_region_of_interest_meta_api_get_type())
            #expect(regions == 1)
        }
    }

    @Test func metasAreKeptForReaders() throws {
        let run = try OptimizeRun("\(OptimizeRun.flow) ! \(OptimizeRun.element()) ! temporalmeter name=meter")
        let outputs = try run.run(OptimizeRun.small(3))
        #expect(outputs.count == 3 && outputs[2].flows.count == 2)
        #expect(try run.pipeline.integer("frames", of: "meter") == 2)
        let kept = try OptimizeRun("\(OptimizeRun.flow) ! \(OptimizeRun.element("metas=keep"))")
        #expect(try kept.run(OptimizeRun.small(2))[1].certainty != nil)
    }

    @Test func resultIsReproducibleForAnyNumberOfThreads() throws {
        let frames = OptimizeRun.small(3)
        let first = try OptimizeRun.bytes(frames)
        #expect(try OptimizeRun.bytes(frames) == first)
        #expect(try OptimizeRun.bytes(frames, "threads=1") == first)
        #expect(try OptimizeRun.bytes(frames, "seed=5") != first)
    }

    /// Each property must affect the optimisation.
    @Test(arguments: [
        "content-weight=50", "style-weight=2000", "temporal-weight=0", "tv-weight=1", "init=content",
        "init=random,content",
        "init=random,previous", "init=network", "iterations=2", "temporal-loss=absolute", "optimizer=adam",
        "style-scale=0.5", "pooling=average", "content-layers=relu1_2", "style-layers=relu1_1", "seed=1",
        "style-loss=sliced", "style-normalization=layer",
        "tolerance=0.99 tolerance-window=1",
    ])
    func propertiesChangeTheImage(properties: String) throws {
        let frames = OptimizeRun.small(2)
        #expect(try OptimizeRun.bytes(frames, properties) != Self.plain.get(), "\(properties)")
    }

    private static let plain = Result { try OptimizeRun.bytes(OptimizeRun.small(2)) }

    /// `opticalflow` tells how many results are needed, once and with each change.
    @Test func referencesAreAnnounced() throws {
        let pipeline = try TestPipeline(
            "appsrc name=in format=time ! opticalflow name=flow references=1,2 ! appsink name=out sync=false")
        let events = try PadCounter(
            events: "pentimento/farthest-reference", at: "src", of: "flow", in: pipeline)
        let frames = OptimizeRun.small(6)
        pipeline.setCaps(frames[0].caps)
        pipeline.play()
        for frame in frames {
            if frame.index == 3 { try pipeline.set("references", of: "flow", to: "1,2,4") }
            pipeline.push([frame])
            _ = try pipeline.pull()
            #expect(events.current == (frame.index < 3 ? 1 : 2))
        }
    }

    /// References that are added in mid-stream find the results of earlier frames.
    @Test func moreReferencesWhilePlaying() throws {
        var frames = OptimizeRun.small(2) + OptimizeRun.small(2, scene: 1, from: 2) + OptimizeRun.small(1)
        frames[4].timeIndex = 4
        func last(references: String) throws -> [UInt8] {
            let run = try OptimizeRun(
                "opticalflow name=flow scene-cut=0 ! occlusioncheck min-filter=1 ! \(OptimizeRun.element())")
            run.pipeline.setCaps(frames[0].caps)
            run.pipeline.play()
            var bytes: [UInt8] = []
            for (index, frame) in frames.enumerated() {
                if index == 1 { try run.pipeline.set("references", of: "flow", to: references) }
                run.pipeline.push([frame])
                bytes = try #require(try run.pipeline.pull()).bytes
            }
            return bytes
        }
        #expect(try last(references: "1,4") != last(references: "1"))
    }

    @Test func longTermReferencesChangeTheResult() throws {
        // The fourth frame equals the first one and differs from those in between.
        var frames = OptimizeRun.small(1) + OptimizeRun.small(2, scene: 1, from: 1) + OptimizeRun.small(1)
        frames[3].timeIndex = 3
        func bytes(_ references: String) throws -> [[UInt8]] {
            try OptimizeRun.bytes(
                frames, flow: "opticalflow scene-cut=0 references=\(references) ! occlusioncheck min-filter=1 ! queue")
        }
        let near = try bytes("1")
        let far = try bytes("1,3")
        #expect(near[..<3] == far[..<3])
        #expect(near[3] != far[3], "the reference three frames back is not used")
    }

    @Test func withoutFlowFramesAreIndependentWithOneMessage() throws {
        let frames = OptimizeRun.small(3)
        let run = try OptimizeRun(OptimizeRun.element("init=content iterations=2"))
        let outputs = try run.run(frames).map(\.bytes)
        #expect(run.infos.count == 1 && run.infos[0].contains("opticalflow ! occlusioncheck"))
        let alone = try OptimizeRun.bytes([frames[2]], "init=content iterations=2", flow: "identity")
        #expect(outputs.count == 3 && outputs[2] == alone[0])
        let unchecked = try OptimizeRun("opticalflow ! \(OptimizeRun.element())")
        _ = try unchecked.run(frames)
        #expect(unchecked.infos.count == 1 && unchecked.infos[0].contains("no occlusioncheck"))
    }

    @Test func sceneCutIsADiscontinuity() throws {
        let flow = "opticalflow ! occlusioncheck min-filter=1"
        let second = OptimizeRun.small(2, scene: 1, from: 2)
        let both = try OptimizeRun.bytes(OptimizeRun.small(2) + second, "init=content", flow: flow)
        let alone = try OptimizeRun.bytes(second, "init=content", flow: flow)
        #expect(both.count == 4 && Array(both[2...]) == alone)
    }

    @Test func progressTellsFramesAndLosses() throws {
        let run = try OptimizeRun("\(OptimizeRun.flow) ! \(OptimizeRun.element("tolerance=0"))")
        _ = try run.run(OptimizeRun.small(2))
        let ends = run.progress.filter { $0.iteration == 1 || $0.isLast }.map {
            [$0.frame, $0.iteration, $0.iterations]
        }
        #expect(ends == [[1, 1, 3], [1, 3, 3], [2, 1, 2], [2, 2, 2]])
        for note in run.progress {
            #expect(note.shot == 0 && note.pass == 1 && note.passes == 1)
            #expect(abs(note.parts.reduce(0, +) - note.loss) <= 1e-9 * note.loss)
            #expect((note.parts[2] > 0) == (note.frame == 2))
        }
        let first = try #require(run.progress.first)
        let last = try #require(run.progress.last { $0.frame == 1 })
        #expect(last.loss < first.loss)
    }

    @Test func framesAreCountedWhereTheirNumberIsKnown() throws {
        let run = try OptimizeRun(
            "fakesink name=unused async=false videotestsrc num-buffers=2 ! video/x-raw,width=32,height=24,format=RGB,"
                + "framerate=25/1 ! identity ! \(OptimizeRun.element()) ")
        run.pipeline.play()
        #expect(run.wait { $0.frame == 2 && $0.isLast })
        #expect(run.progress.allSatisfy { $0.frames == 0 || $0.frames == 2 })
    }

    // MARK: - Interruptions

    @Test(.timeLimit(.minutes(2)), arguments: ["iterations=1000000", "passes=2 pass-iterations=1000000"])
    func aStopEndsTheComputation(properties: String) throws {
        let run = try OptimizeRun(OptimizeRun.element("tolerance=0 \(properties)"))
        let frames = OptimizeRun.small(2)
        run.pipeline.setCaps(frames[0].caps)
        run.pipeline.play()
        run.pipeline.push(frames)
        run.pipeline.endStream()
        #expect(run.wait { $0.iteration >= 1 })
        try run.pipeline.setState(GST_STATE_NULL)
        #expect(run.error == nil)
    }

    @Test(.timeLimit(.minutes(2)), arguments: ["iterations=1000000", "passes=2 pass-iterations=1000000"])
    func aFlushEndsTheComputation(properties: String) throws {
        let run = try OptimizeRun(OptimizeRun.element("tolerance=0 \(properties)"))
        let frames = OptimizeRun.small(1)
        for _ in 0..<2 {
            run.pipeline.setCaps(frames[0].caps)
            run.pipeline.play()
            run.pipeline.push(frames)
            // Two frames without flow: the second one starts a new shot.
            run.pipeline.push(frames)
            #expect(run.wait { $0.iteration >= 1 && $0.frame == 1 })
            let source = try run.pipeline.child("in")
            gst_element_send_event(source, gst_event_new_flush_start())
            gst_element_send_event(source, gst_event_new_flush_stop(1))
        }
        try run.pipeline.setState(GST_STATE_NULL)
        #expect(run.error == nil)
    }

    @Test func frameCountRestartsAfterAFlush() throws {
        let frames = OptimizeRun.small(3)
        let expected = try OptimizeRun.bytes(frames)
        let run = try OptimizeRun("\(OptimizeRun.flow) ! \(OptimizeRun.element())")
        run.pipeline.setCaps(frames[0].caps)
        run.pipeline.play()
        run.pipeline.push(frames)
        for _ in 0..<3 { #expect(try run.pipeline.pull() != nil) }
        let source = try run.pipeline.child("in")
        gst_element_send_event(source, gst_event_new_flush_start())
        gst_element_send_event(source, gst_event_new_flush_stop(1))
        run.pipeline.push(frames)
        let outputs = try run.finish()
        #expect(outputs.map(\.bytes) == expected)
    }
}
