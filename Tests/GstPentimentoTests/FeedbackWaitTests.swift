import CGStreamer
import GstPentimento
import Testing

/// `flowwarp` waits for a stylizer exactly as long as a frame is on its way. The tests do not depend on time: probes
/// hold buffers until the test releases them.
@Suite struct FeedbackWaitTests {
    private static let question = "pentimento/answer"
    private static let head = "appsrc name=in format=time ! opticalflow ! occlusioncheck ! flowwarp name=warp"
    private static let chain = "\(head) ! queue name=last ! teststylizer name=style ! appsink name=out sync=false"

    private func pipeline(_ text: String = chain) throws -> TestPipeline {
        let pipeline = try TestPipeline(text)
        pipeline.setCaps(TestFrame.sequence(1)[0].caps)
        return pipeline
    }

    @Test func slowStylizerHasNoTimeout() throws {
        let frames = TestFrame.sequence(6)
        let reference = try TestPipeline.run(
            frames, through: "opticalflow ! occlusioncheck ! flowwarp ! teststylizer"
        ).map(\.bytes)
        let pipeline = try pipeline()
        #expect(try outputs(of: pipeline, frames, slowedAt: "style") == reference)
    }

    /// The output when each frame is held before an element until flowwarp waits for its result.
    private func outputs(
        of pipeline: TestPipeline, _ frames: [TestFrame], slowedAt element: String
    ) throws -> [[UInt8]] {
        let gate = try PadGate("sink", of: element, in: pipeline)
        defer { gate.open() }
        let questions = try PadCounter(events: Self.question, at: "src", of: "warp", in: pipeline)
        pipeline.play()
        pipeline.push(frames)
        pipeline.endStream()
        for index in frames.indices {
            gate.waitForArrival(of: index + 1)
            // The next frame has reached flowwarp, which waits for the result of this one.
            if index + 1 < frames.count { questions.wait(for: index + 1) }
            gate.letOneThrough()
        }
        return try pipeline.pullAll().map(\.bytes)
    }

    /// A playing pipeline whose flowwarp waits for a frame that is held before the stylizer.
    private func waiting() throws -> (TestPipeline, PadBlock) {
        let pipeline = try TestPipeline(
            "videotestsrc pattern=zone-plate ! video/x-raw,width=64,height=48,format=RGB,framerate=25/1 ! "
                + Self.chain.replacing("appsrc name=in format=time ! ", with: ""))
        let block = try PadBlock("sink", of: "style", in: pipeline)
        let questions = try PadCounter(events: Self.question, at: "src", of: "warp", in: pipeline)
        pipeline.play()
        block.waitForBuffer()
        questions.wait(for: 1)
        return (pipeline, block)
    }

    @Test func stoppingEndsTheWait() throws {
        let (pipeline, _) = try waiting()
        #expect(gst_element_set_state(pipeline.element, GST_STATE_NULL) == GST_STATE_CHANGE_SUCCESS)
    }

    @Test func stoppingFlowwarpAloneEndsTheWait() throws {
        let (pipeline, _) = try waiting()
        #expect(gst_element_set_state(try pipeline.child("warp"), GST_STATE_READY) == GST_STATE_CHANGE_SUCCESS)
    }

    @Test func aSeekEndsTheWait() throws {
        let (pipeline, block) = try waiting()
        #expect(pipeline.seek(to: 1_000_000_000))
        block.remove()
        let frame = try #require(try pipeline.pull())
        #expect(frame.flow?.isDiscontinuity == true)
        #expect(frame.prior?.content == nil)
    }

    @Test func leavingStylizerEndsTheWait() throws {
        let (pipeline, _) = try waiting()
        let passed = try PadCounter(buffersAt: "src", of: "warp", in: pipeline)
        #expect(gst_element_set_state(try pipeline.child("style"), GST_STATE_READY) != GST_STATE_CHANGE_FAILURE)
        passed.wait(for: 1)
    }

    @Test(arguments: [GST_STATE_READY, GST_STATE_PLAYING])
    func fullQueueOfAPausedPipelineDoesNotDeadlock(next state: GstState) throws {
        let frames = TestFrame.sequence(6)
        let reference = try TestPipeline.run(
            frames, through: "opticalflow ! occlusioncheck ! flowwarp ! teststylizer"
        ).map(\.bytes)
        let pipeline = try pipeline(
            Self.chain.replacing("queue name=last", with: "queue max-size-buffers=1").replacing(
                "appsink name=out", with: "queue max-size-buffers=1 ! appsink name=out max-buffers=1"))
        let arrived = try PadCounter(buffersAt: "src", of: "style", in: pipeline)
        pipeline.push(frames)
        pipeline.endStream()
        try pipeline.setState(GST_STATE_PAUSED)
        arrived.wait(for: 2)
        #expect(gst_element_set_state(pipeline.element, state) != GST_STATE_CHANGE_FAILURE)
        if state == GST_STATE_PLAYING { #expect(try pipeline.pullAll().map(\.bytes) == reference) }
    }

    /// Two branches: the first keeps all its frames, the second leads to the stylizer.
    private static func branches(_ way: String, keeper: String = "appsink name=out") -> String {
        """
        \(head) ! tee name=t t. ! queue ! \(keeper) sync=false async=false \
        t. ! queue name=last ! \(way) ! fakesink sync=false async=false
        """
    }

    /// An appsink keeps events too, so only the idle stylizer shows that the frame is lost.
    @Test(arguments: ["fakesink", "appsink"])
    func framesAndEventsDroppedWhileAnotherBranchKeepsThem(keeper: String) throws {
        let pipeline = try pipeline(
            Self.branches("valve name=valve ! teststylizer name=style", keeper: "\(keeper) name=keeper"))
        let painted = try PadCounter(buffersAt: "src", of: "style", in: pipeline)
        let kept = try PadCounter(buffersAt: "sink", of: "keeper", in: pipeline)
        let frames = TestFrame.sequence(4)
        pipeline.play()
        pipeline.push(Array(frames[..<2]))
        painted.wait(for: 2)
        try pipeline.set("drop", of: "valve", to: "true")
        pipeline.push(Array(frames[2...]))
        kept.wait(for: frames.count)
        #expect(pipeline.waitForMessage([GST_MESSAGE_WARNING, GST_MESSAGE_ERROR], nanoseconds: 0) == nil)
    }

    @Test(arguments: ["sink of slow", "queue before slow"])
    func slowElementBeforeTheStylizerHasNoTimeout(place: String) throws {
        let queue = place == "queue before slow" ? "queue name=before ! " : ""
        let pipeline = try pipeline(
            Self.branches("\(queue)identity name=slow ! teststylizer name=style", keeper: "appsink name=keeper"))
        let gate = try PadGate("sink", of: "slow", in: pipeline)
        defer { gate.open() }
        let looks = try PadCounter(queries: "pentimento/find-stylizer", at: "sink", of: "style", in: pipeline)
        let painted = try PadCounter(buffersAt: "src", of: "style", in: pipeline)
        let frames = TestFrame.sequence(3)
        pipeline.play()
        pipeline.push(frames)
        gate.waitForArrival(of: 1)
        gate.letOneThrough()
        gate.waitForArrival(of: 2)
        // Longer than it takes to detect a lost frame.
        looks.wait(for: looks.current + 6)
        gate.open()
        painted.wait(for: frames.count)
        #expect(try pipeline.integer("priors", of: "style") == 2)
        #expect(pipeline.waitForMessage([GST_MESSAGE_WARNING, GST_MESSAGE_ERROR], nanoseconds: 0) == nil)
    }

    @Test func stylizerUnlinkedDuringAFrame() throws {
        let pipeline = try pipeline(Self.branches("teststylizer name=style"))
        let gate = try PadGate("sink", of: "style", in: pipeline)
        defer { gate.open() }
        let questions = try PadCounter(events: Self.question, at: "src", of: "warp", in: pipeline)
        pipeline.play()
        pipeline.push(Array(TestFrame.sequence(4)))
        let first = try pipeline.pull()
        gate.waitForArrival(of: 1)
        questions.wait(for: 1)
        gst_element_unlink(try pipeline.child("last"), try pipeline.child("style"))
        gate.open()
        let kept = try [first] + (0..<3).map { _ in try pipeline.pull() }
        #expect(kept.map { $0?.prior?.content == nil } == [true, true, true, true])
    }

    @Test func unlinkedStylizerCanBeReplaced() throws {
        let pipeline = try pipeline(
            Self.chain.replacing("teststylizer name=style", with: "teststylizer name=style ! identity name=after"))
        let frames = TestFrame.sequence(5)
        pipeline.play()
        pipeline.push(Array(frames[..<2]))
        var priors = try (0..<2).map { _ in try pipeline.pull()?.prior?.content != nil }
        let (last, style, after) = try (pipeline.child("last"), pipeline.child("style"), pipeline.child("after"))
        gst_element_unlink(last, style)
        gst_element_unlink(style, after)
        let new = try #require(gst_element_factory_make("teststylizer", "new"))
        gst_bin_add(UnsafeMutableRawPointer(pipeline.element).assumingMemoryBound(to: GstBin.self), new)
        #expect(gst_element_link(last, new) != 0 && gst_element_link(new, after) != 0)
        #expect(gst_element_sync_state_with_parent(new) != 0)
        pipeline.push(Array(frames[2...]))
        for _ in 2..<5 { priors.append(try pipeline.pull()?.prior?.content != nil) }
        #expect(priors[4], "\(priors)")
        #expect(pipeline.waitForMessage([GST_MESSAGE_WARNING, GST_MESSAGE_ERROR], nanoseconds: 0) == nil)
    }

    @Test func answerEventsAreHandledByTheirStylizerOnly() throws {
        let frames = TestFrame.sequence(8)
        func chain(_ queue: String) -> String {
            "opticalflow ! occlusioncheck ! flowwarp ! \(queue) teststylizer ! flowwarp ! \(queue) teststylizer"
        }
        let reference = try TestPipeline.run(frames, through: chain("")).map(\.bytes)
        let pipeline = try pipeline(
            "\(Self.head) ! queue ! teststylizer name=first ! flowwarp ! queue ! teststylizer ! appsink name=out sync=false"
        )
        #expect(try outputs(of: pipeline, frames, slowedAt: "first") == reference)
    }
}

extension String {
    /// The text with the first occurrence of `part` replaced.
    fileprivate func replacing(_ part: String, with other: String) -> String {
        guard let range = firstRange(of: part) else { return self }
        return replacingCharacters(in: range, with: other)
    }

    private func replacingCharacters(in range: Range<String.Index>, with other: String) -> String {
        String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
    }
}
