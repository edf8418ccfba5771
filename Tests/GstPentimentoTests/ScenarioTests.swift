import CGStreamer
import GStreamerKit
import GstPentimento
import Imaging
import Testing

/// Operations of players and editors on the chain with a real stylizer: seeks, flushes, rate changes, pauses, caps
/// changes, quality of service. Every pad is monitored (`StreamMonitor`).
@Suite(.serialized) struct ScenarioTests {
    private static let names = ["flow", "check", "warp", "style"]
    private static let chain = """
        opticalflow name=flow ! occlusioncheck name=check ! queue ! flowwarp name=warp ! queue max-size-buffers=2 ! \
        stylize name=style model=scream
        """
    private static let whole = "coherentstylize name=style model=scream"
    private static let source =
        "videotestsrc name=in pattern=ball ! video/x-raw,width=48,height=32,format=RGB,framerate=25/1"

    private func player(_ chain: String, sink: String = "max-buffers=3") throws -> (TestPipeline, StreamMonitor) {
        let pipeline = try TestPipeline("\(Self.source) ! \(chain) ! appsink name=out sync=false \(sink)")
        let names = chain == Self.whole ? ["style"] : Self.names
        return (pipeline, try StreamMonitor(names, in: pipeline))
    }

    private func seek(
        _ pipeline: TestPipeline, rate: Double = 1, from start: GstClockTime, to stop: GstClockTime? = nil,
        _ flags: GstSeekFlags = GST_SEEK_FLAG_ACCURATE
    ) -> Bool {
        gst_element_seek(
            pipeline.element, rate, GST_FORMAT_TIME, GstSeekFlags(GST_SEEK_FLAG_FLUSH.rawValue | flags.rawValue),
            GST_SEEK_TYPE_SET, gint64(start), stop == nil ? GST_SEEK_TYPE_NONE : GST_SEEK_TYPE_SET, gint64(stop ?? 0))
            != 0
    }

    /// The output frames from a time on, of an undisturbed pipeline.
    private func alone(_ chain: String, from start: GstClockTime, count: Int) throws -> [[UInt8]] {
        let (pipeline, _) = try player(chain)
        try pipeline.setState(GST_STATE_PAUSED)
        #expect(seek(pipeline, from: start))
        pipeline.play()
        return try (0..<count).map { _ in try #require(try pipeline.pull()).bytes }
    }

    @Test(arguments: [chain, whole]) func scrubbingWhilePaused(chain: String) throws {
        let (pipeline, monitor) = try player(chain)
        try pipeline.setState(GST_STATE_PAUSED)
        var images: [GstClockTime: [UInt8]] = [:]
        for second in [0, 1, 2, 3, 4, 3, 2, 1, 0, 4] {
            let time = GstClockTime(second) * 1_000_000_000
            #expect(seek(pipeline, from: time))
            try pipeline.setState(GST_STATE_PAUSED)
            let frame = try #require(OutputFrame(gst_app_sink_pull_preroll(try pipeline.appSink())))
            #expect(frame.time == time)
            let known = images[time] ?? frame.bytes
            #expect(known == frame.bytes, "another picture of second \(second) than before")
            images[time] = frame.bytes
        }
        #expect(monitor.found == [])
    }

    @Test(arguments: [chain, whole]) func seeksWhilePlayingDropEarlierFrames(chain: String) throws {
        let (pipeline, monitor) = try player(chain)
        pipeline.play()
        // A videotestsrc without negotiated caps seeks to 0.
        _ = try pipeline.pull()
        for step in [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8] {
            #expect(seek(pipeline, from: GstClockTime(step) * 400_000_000))
            if step % 2 == 0 { _ = try pipeline.pull() }
        }
        #expect(seek(pipeline, from: 2_000_000_000))
        let expected = try alone(chain, from: 2_000_000_000, count: 5)
        for (index, bytes) in expected.enumerated() {
            let frame = try #require(try pipeline.pull())
            #expect(frame.time == 2_000_000_000 + GstClockTime(index) * 40_000_000)
            #expect(frame.bytes == bytes, "frame \(index)")
        }
        #expect(monitor.found == [])
    }

    @Test(arguments: [chain, whole], [2.0, 0.5, -1.0]) func otherRates(chain: String, rate: Double) throws {
        let (pipeline, monitor) = try player(chain)
        try pipeline.setState(GST_STATE_PAUSED)
        #expect(seek(pipeline, rate: rate, from: 1_000_000_000, to: 2_000_000_000))
        pipeline.play()
        let times = try pipeline.pullAll().map(\.time)
        #expect(times.count >= 24)
        #expect(times == (rate > 0 ? times.sorted() : times.sorted(by: >)))
        #expect(monitor.found == [])
    }

    @Test(arguments: [chain, whole]) func pausesDoNotChangeTheResult(chain: String) throws {
        let expected = try alone(chain, from: 0, count: 12)
        let (pipeline, monitor) = try player(chain)
        pipeline.play()
        for (index, bytes) in expected.enumerated() {
            #expect(try pipeline.pull()?.bytes == bytes, "frame \(index)")
            if index % 3 == 0 {
                gst_element_set_state(pipeline.element, GST_STATE_PAUSED)
                pipeline.play()
            }
        }
        #expect(monitor.found == [])
    }

    @Test(arguments: [chain, whole]) func afterTheEndItPlaysAgain(chain: String) throws {
        let (pipeline, monitor) = try player(chain)
        try pipeline.setState(GST_STATE_PAUSED)
        #expect(seek(pipeline, from: 4_000_000_000, to: 5_000_000_000))
        pipeline.play()
        let first = try pipeline.pullAll().map(\.bytes)
        #expect(first.count == 25)
        for _ in 0..<2 {
            #expect(seek(pipeline, from: 4_000_000_000, to: 5_000_000_000))
            #expect(try pipeline.pullAll().map(\.bytes) == first)
        }
        #expect(monitor.found == [])
    }

    @Test(arguments: [chain, whole]) func aSegmentSeekEndsWithoutEOS(chain: String) throws {
        let (pipeline, monitor) = try player(chain, sink: "")
        try pipeline.setState(GST_STATE_PAUSED)
        #expect(seek(pipeline, from: 1_000_000_000, to: 1_400_000_000, GST_SEEK_FLAG_SEGMENT))
        pipeline.play()
        #expect(
            pipeline.waitForMessage([GST_MESSAGE_SEGMENT_DONE, GST_MESSAGE_EOS, GST_MESSAGE_ERROR])?.type
                == GST_MESSAGE_SEGMENT_DONE)
        for _ in 0..<10 { #expect(try pipeline.pull() != nil) }
        #expect(monitor.found == [])
    }

    @Test(arguments: [chain, whole]) func renegotiationInMidStream(chain: String) throws {
        let kinds: [(width: Int, height: Int, layout: PixelLayout)] = [
            (48, 32, .rgb), (33, 47, .bgrx), (48, 32, .argb), (16, 8, .rgb), (16, 8, .bgra), (48, 32, .rgb),
        ]
        let pipeline = try TestPipeline("appsrc name=in format=time ! \(chain) ! appsink name=out sync=false")
        let monitor = try StreamMonitor(chain == Self.whole ? ["style"] : Self.names, in: pipeline)
        pipeline.play()
        var expected: [[UInt8]] = []
        var index = 0
        for kind in kinds {
            let frames = (0..<3).map { _ in
                defer { index += 1 }
                return TestFrame(width: kind.width, height: kind.height, layout: kind.layout, index: index)
            }
            pipeline.setCaps(frames[0].caps)
            pipeline.push(frames)
            expected += try TestPipeline.run(frames, through: chain).map(\.bytes)
        }
        pipeline.endStream()
        let outputs = try pipeline.pullAll().map(\.bytes)
        #expect(outputs.count == expected.count)
        for (number, pair) in zip(outputs, expected).enumerated() {
            let isSame = pair.0 == pair.1
            #expect(isSame, "frame \(number)")
        }
        #expect(monitor.found == [])
    }

    @Test(arguments: [chain, whole]) func qualityOfServiceDropsFramesAndRecovers(chain: String) throws {
        let (pipeline, monitor) = try player(chain)
        pipeline.play()
        func report(_ lateness: GstClockTimeDiff, at time: GstClockTime) throws {
            let event = gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, lateness > 0 ? 3 : 0.5, lateness, time)
            gst_element_send_event(try pipeline.child("out"), event)
        }
        var last = try #require(try pipeline.pull()).time
        var dropped = 0
        for _ in 0..<4 {
            try report(400_000_000, at: last)
            // Some frames have already passed the element that drops late ones.
            for _ in 0..<6 {
                let time = try #require(try pipeline.pull()).time
                dropped += Int((time - last) / TestFrame.duration) - 1
                last = time
            }
            try report(-40_000_000, at: last)
        }
        #expect(dropped >= 4 * 5)
        #expect(monitor.found == [])
    }
}
