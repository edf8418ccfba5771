import CGStreamer
import GstPentimento
import Testing

/// The chain with a test stylizer: its result does not depend on queues in between, and it never hangs.
@Suite struct ChainTests {
    private static func chain(_ gaps: [String] = ["", "", "", ""], stylizer: String = "", warp: String = "") -> String {
        """
        \(gaps[0]) opticalflow ! \(gaps[1]) occlusioncheck ! \(gaps[2]) flowwarp name=warp \(warp) ! \
        \(gaps[3]) teststylizer name=style \(stylizer)
        """
    }

    private func bytes(_ chain: String) throws -> [[UInt8]] {
        try TestPipeline.run(TestFrame.sequence(10), through: chain).map(\.bytes)
    }

    @Test(arguments: ["", "scale=0.5"], ["", "fill=noise seed=3"])
    func queuesDoNotChangeTheResult(stylizer: String, warp: String) throws {
        let reference = try bytes(Self.chain(stylizer: stylizer, warp: warp))
        try #require(reference.count == 10)
        let queue = "queue !"
        let small = "queue max-size-buffers=1 !"
        for gaps in [
            [queue, "", "", ""], ["", queue, "", ""], ["", "", queue, ""], ["", "", "", queue],
            [queue, queue, queue, queue], [small, small, small, small], ["", "", "queue2 !", "identity ! queue !"],
        ] {
            let isSame = try bytes(Self.chain(gaps, stylizer: stylizer, warp: warp)) == reference
            #expect(isSame, "\(gaps)")
        }
        let delayed =
            try bytes(Self.chain(["", "", "", queue], stylizer: "\(stylizer) delay=15", warp: warp)) == reference
        #expect(delayed)
        let repeated = try bytes(Self.chain(stylizer: stylizer, warp: warp)) == reference
        #expect(repeated)
    }

    @Test func everyFrameButTheFirstHasAPrior() throws {
        let pipeline = try TestPipeline(
            "appsrc name=in format=time ! \(Self.chain(["", "", "", "queue !"])) ! fakesink sync=false")
        let frames = TestFrame.sequence(8)
        pipeline.setCaps(frames[0].caps)
        pipeline.play()
        pipeline.push(frames)
        pipeline.endStream()
        #expect(pipeline.waitForMessage([GST_MESSAGE_EOS, GST_MESSAGE_ERROR])?.type == GST_MESSAGE_EOS)
        #expect(try pipeline.integer("priors", of: "style") == 7)
    }

    @Test(arguments: [
        chain(["", "", "", "queue leaky=downstream max-size-buffers=1 !"], stylizer: "delay=10"),
        chain(["", "", "", "queue leaky=upstream max-size-buffers=1 !"], stylizer: "delay=10"),
        chain(["", "", "", "identity drop-probability=0.5 ! queue !"]),
        chain(["", "", "queue leaky=downstream max-size-buffers=1 !", "queue !"], stylizer: "delay=10"),
        chain(["queue leaky=downstream max-size-buffers=1 !", "", "queue !", "queue !"], stylizer: "delay=10"),
        chain(["", "", "", "queue !"], stylizer: "skip-every=3"),
        chain(["", "", "", "valve drop=true drop-mode=transform-to-gap !"]),
        chain(["", "", "", "videorate drop-only=true ! video/x-raw,framerate=10/1 !"]),
        "opticalflow ! occlusioncheck ! flowwarp ! queue", "flowwarp ! teststylizer", "teststylizer",
        "opticalflow ! teststylizer",
        "occlusioncheck ! flowwarp ! queue ! teststylizer",
    ])
    func dropsEndNoStream(_ chain: String) throws {
        let pipeline = try TestPipeline("appsrc name=in format=time ! \(chain) ! fakesink sync=false")
        let frames = TestFrame.sequence(20)
        pipeline.setCaps(frames[0].caps)
        pipeline.play()
        pipeline.push(frames)
        pipeline.endStream()
        #expect(pipeline.waitForMessage([GST_MESSAGE_EOS, GST_MESSAGE_ERROR])?.type == GST_MESSAGE_EOS)
        #expect(pipeline.waitForMessage([GST_MESSAGE_WARNING], nanoseconds: 0) == nil)
    }

    @Test func aSecondStylizerBehindATeeWorksFrameByFrame() throws {
        let pipeline = try TestPipeline(
            """
            appsrc name=in format=time ! opticalflow ! occlusioncheck ! flowwarp ! tee name=t \
            t. ! queue ! teststylizer name=a ! fakesink sync=false async=false \
            t. ! queue ! teststylizer name=b ! fakesink sync=false async=false
            """)
        let frames = TestFrame.sequence(8)
        pipeline.setCaps(frames[0].caps)
        pipeline.play()
        pipeline.push(frames)
        pipeline.endStream()
        let warning = try #require(pipeline.waitForMessage([GST_MESSAGE_WARNING, GST_MESSAGE_EOS]))
        #expect(warning.text.contains("second stylizer"))
        #expect(pipeline.waitForMessage([GST_MESSAGE_EOS, GST_MESSAGE_ERROR])?.type == GST_MESSAGE_EOS)
        let priors = [try pipeline.integer("priors", of: "a"), try pipeline.integer("priors", of: "b")]
        #expect(priors.sorted() == [0, 7])
    }

    @Test func lostFrameKeptByASinkIsDetected() throws {
        let pipeline = try TestPipeline(
            """
            appsrc name=in format=time ! opticalflow ! occlusioncheck ! flowwarp ! tee name=t \
            t. ! queue ! fakesink sync=false async=false enable-last-sample=true \
            t. ! queue ! teststylizer name=style ! fakesink sync=false async=false
            """)
        let drop = try PadDrop([2], at: "sink", of: "style", in: pipeline)
        defer { withExtendedLifetime(drop) {} }
        let frames = TestFrame.sequence(4)
        pipeline.setCaps(frames[0].caps)
        pipeline.play()
        pipeline.push(frames)
        pipeline.endStream()
        #expect(pipeline.waitForMessage([GST_MESSAGE_EOS, GST_MESSAGE_ERROR])?.type == GST_MESSAGE_EOS)
        // The prior of the lost frame replaces its result.
        #expect(try pipeline.integer("priors", of: "style") == 2)
    }

    @Test func anUnlinkedStylizerStopsTheStreamWithAnError() throws {
        let pipeline = try TestPipeline(
            "videotestsrc ! video/x-raw,width=64,height=48,format=RGB ! "
                + "\(Self.chain(["", "", "queue !", "queue name=last !"])) ! fakesink sync=false")
        let painted = try PadCounter(buffersAt: "src", of: "style", in: pipeline)
        pipeline.play()
        painted.wait(for: 3)
        gst_element_unlink(try pipeline.child("last"), try pipeline.child("style"))
        #expect(pipeline.waitForMessage([GST_MESSAGE_ERROR, GST_MESSAGE_EOS])?.type == GST_MESSAGE_ERROR)
    }

    @Test func lateFramesAreDroppedBeforeTheFlow() throws {
        let pipeline = try TestPipeline(
            "appsrc name=in format=time ! opticalflow scene-cut=0 ! occlusioncheck ! flowwarp ! queue ! teststylizer ! appsink name=out sync=false"
        )
        let frames = TestFrame.sequence(20)
        pipeline.setCaps(frames[0].caps)
        pipeline.play()
        pipeline.push(Array(frames[..<2]))
        for _ in 0..<2 { #expect(try pipeline.pull() != nil) }
        // Frames up to number 9 are late.
        let late = gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 2, 0, 9 * TestFrame.duration)
        #expect(gst_element_send_event(try pipeline.child("out"), late) != 0)
        pipeline.push(Array(frames[2...]))
        pipeline.endStream()
        let outputs = try pipeline.pullAll()
        #expect(outputs.map(\.time) == (10..<20).map { GstClockTime($0) * TestFrame.duration })
        // Flow was computed between the remaining frames.
        #expect(outputs.allSatisfy { $0.flow?.isDiscontinuity == false })
        #expect(outputs.map { $0.flow?.frame } == (2..<12).map { UInt64($0) })
    }

    @Test func everyPropertyMayBeSetWhilePlaying() throws {
        let pipeline = try TestPipeline(
            "videotestsrc pattern=ball ! video/x-raw,width=64,height=48,format=RGB,framerate=25/1 ! opticalflow name=flow ! "
                + "occlusioncheck name=check ! queue ! flowwarp name=warp ! queue ! teststylizer ! "
                + "appsink name=out sync=false max-buffers=2 drop=true")
        pipeline.play()
        let settings: [(String, String, [String])] = [
            ("flow", "preset", ["ultrafast", "fast", "medium", "quality"]), ("flow", "scale", ["0.1", "0.5", "1"]),
            ("flow", "references", ["1", "2", "1,3", "5,1"]), ("flow", "scene-cut", ["0", "0.4", "1"]),
            ("check", "min-filter", ["1", "2", "255"]), ("check", "motion-boundaries", ["false", "true"]),
            ("check", "consistency-scale", ["0", "10"]), ("check", "boundary-offset", ["0", "10000"]),
            ("warp", "interpolation", ["bilinear", "bicubic"]), ("warp", "fill", ["mean", "noise", "auto"]),
            ("warp", "seed", ["0", "2147483647"]), ("warp", "source", ["input", "stylized"]),
        ]
        for round in 0..<24 {
            for (element, property, values) in settings {
                try pipeline.set(property, of: element, to: values[round % values.count])
            }
            #expect(try pipeline.pull() != nil)
        }
        #expect(pipeline.waitForMessage([GST_MESSAGE_ERROR, GST_MESSAGE_WARNING], nanoseconds: 0) == nil)
    }

    @Test func aSceneCutEmptiesThePrior() throws {
        var frames = TestFrame.sequence(6, width: 128, height: 96)
        for index in 3..<6 { frames[index].scene = 5 }
        let outputs = try TestPipeline.run(frames, through: Self.chain())
        #expect(outputs.map { $0.prior?.content != nil } == [false, true, true, false, true, true])
        let without = try TestPipeline.run(
            frames, through: "opticalflow scene-cut=0 ! occlusioncheck ! flowwarp ! teststylizer")
        #expect(without.map { $0.prior?.content != nil } == [false, true, true, true, true, true])
    }

    @Test func latencyIsTheTimeThatFramesTake() throws {
        let pipeline = try TestPipeline(
            "videotestsrc is-live=true ! video/x-raw,width=64,height=48,format=RGB,framerate=20/1 ! "
                + "teststylizer name=style delay=30 ! fakesink")
        let painted = try PadCounter(buffersAt: "src", of: "style", in: pipeline)
        pipeline.play()
        let query = try #require(gst_query_new_latency())
        defer { gst_mini_object_unref(UnsafeMutableRawPointer(query).assumingMemoryBound(to: GstMiniObject.self)) }
        func added() throws -> UInt64 {
            var minimum: [GstClockTime] = [0, 0]
            for (index, name) in ["src", "sink"].enumerated() {
                let pad = try #require(gst_element_get_static_pad(try pipeline.child("style"), name))
                defer { gst_object_unref(pad) }
                let answered = name == "src" ? gst_pad_query(pad, query) : gst_pad_peer_query(pad, query)
                #expect(answered != 0)
                gst_query_parse_latency(query, nil, &minimum[index], nil)
            }
            return UInt64(minimum[0] - minimum[1])
        }
        painted.wait(for: 3)
        _ = try added()
        #expect(pipeline.waitForMessage([GST_MESSAGE_LATENCY]) != nil)
        painted.wait(for: painted.current + 8)
        #expect(try added() > 25_000_000)
    }
}
