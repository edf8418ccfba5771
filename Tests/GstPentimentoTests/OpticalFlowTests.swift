import CGStreamer
import Flow
import GstPentimento
import Imaging
import Testing

@Suite struct OpticalFlowTests {
    private func mean(_ values: [Float]) -> Float { values.reduce(0, +) / Float(values.count) }

    private func discontinuities(_ outputs: [OutputFrame]) -> [Int] {
        outputs.indices.filter { outputs[$0].flow?.isDiscontinuity == true }
    }

    @Test func findsTheMotionToEachReference() throws {
        let outputs = try TestPipeline.run(
            TestFrame.sequence(5), through: "opticalflow references=\"3, 1\" preset=medium")
        try #require(outputs.count == 5)
        #expect(outputs.map { $0.flows.map(\.distance) } == [[1], [1], [1], [1, 3], [1, 3]])
        #expect(discontinuities(outputs) == [0])
        #expect(outputs.map { $0.flow?.frame } == [0, 1, 2, 3, 4])
        for meta in outputs[4].flows {
            let flow = try #require(meta.flow)
            #expect(abs(mean(flow.backward.u) + 1.5 * Float(meta.distance)) < 0.3)
            #expect(abs(mean(flow.backward.v) + 0.75 * Float(meta.distance)) < 0.3)
            #expect(abs(mean(flow.forward.u) - 1.5 * Float(meta.distance)) < 0.3)
        }
    }

    @Test func sameAsTheEstimatorAlone() throws {
        let frames = TestFrame.sequence(3)
        let outputs = try TestPipeline.run(frames, through: "opticalflow preset=fast")
        let estimator = FlowEstimator(preset: .fast)
        var previous: FlowPyramid?
        var last: FlowPair?
        for (frame, output) in zip(frames, outputs) {
            let luma = try #require(output.format).withPixels(of: output.buffer, writing: false) { $0.luma() }
            let pyramid = estimator.prepare(luma)
            if let previous {
                last = estimator.estimate(from: pyramid, to: previous, startingFrom: last)
                let isSame = output.flow?.flow == last
                #expect(isSame, "frame \(frame.index)")
            }
            previous = pyramid
        }
    }

    @Test func scaleIsTheFlowsResolution() throws {
        let outputs = try TestPipeline.run(
            TestFrame.sequence(2, width: 65, height: 48), through: "opticalflow scale=0.5")
        let flow = try #require(outputs.last?.flow?.flow)
        #expect(flow.backward.width == 33 && flow.backward.height == 24)
        #expect(abs(mean(flow.backward.u) + 0.75) < 0.3)
    }

    @Test func timeThatJumpsIsADiscontinuity() throws {
        var frames = TestFrame.sequence(8)
        // Forward by 0.8 s, forward by 1.2 s, backward.
        for (index, time) in [0, 1, 21, 22, 52, 53, 40, 41].enumerated() { frames[index].timeIndex = time }
        #expect(discontinuities(try TestPipeline.run(frames, through: "opticalflow")) == [0, 4, 6])
    }

    @Test func slowVideoIsContinuous() throws {
        let pipeline = try TestPipeline("appsrc name=in format=time ! opticalflow ! appsink name=out sync=false")
        var frames = TestFrame.sequence(4)
        // A frame every two seconds.
        for index in frames.indices { frames[index].timeIndex = index * 50 }
        pipeline.setCaps("video/x-raw,format=RGB,width=64,height=48,framerate=1/2")
        pipeline.play()
        pipeline.push(frames)
        pipeline.endStream()
        #expect(discontinuities(try pipeline.pullAll()) == [0])
    }

    @Test func discontFlagIsIgnored() throws {
        let pipeline = try TestPipeline("appsrc name=in format=time ! opticalflow ! appsink name=out sync=false")
        let frames = TestFrame.sequence(4)
        pipeline.setCaps(frames[0].caps)
        pipeline.play()
        for frame in frames {
            let buffer = try #require(frame.makeBuffer())
            UnsafeMutableRawPointer(buffer).assumingMemoryBound(to: GstMiniObject.self).pointee.flags |=
                GST_BUFFER_FLAG_DISCONT.rawValue
            pipeline.push(buffer)
        }
        pipeline.endStream()
        #expect(discontinuities(try pipeline.pullAll()) == [0])
    }

    @Test func gapsAndFlushesAreDiscontinuities() throws {
        let pipeline = try TestPipeline(
            "appsrc name=in format=time ! identity name=before ! opticalflow ! appsink name=out sync=false")
        let frames = TestFrame.sequence(6)
        pipeline.setCaps(frames[0].caps)
        pipeline.play()
        var outputs: [OutputFrame] = []
        for frame in frames {
            let pad = try #require(gst_element_get_static_pad(try pipeline.child("before"), "src"))
            defer { gst_object_unref(pad) }
            if frame.index == 2 { #expect(gst_pad_push_event(pad, gst_event_new_gap(80_000_000, 1)) != 0) }
            if frame.index == 4 {
                #expect(gst_pad_push_event(pad, gst_event_new_flush_start()) != 0)
                #expect(gst_pad_push_event(pad, gst_event_new_flush_stop(0)) != 0)
            }
            pipeline.push([frame])
            outputs.append(try #require(try pipeline.pull()))
        }
        #expect(discontinuities(outputs) == [0, 2, 4])
    }

    @Test func settingsMayChangeWhilePlaying() throws {
        let pipeline = try TestPipeline(
            "appsrc name=in format=time ! opticalflow name=flow ! appsink name=out sync=false")
        let frames = TestFrame.sequence(8)
        pipeline.setCaps(frames[0].caps)
        pipeline.play()
        var outputs: [OutputFrame] = []
        for frame in frames {
            if frame.index == 2 { try pipeline.set("preset", of: "flow", to: "medium") }
            if frame.index == 3 { try pipeline.set("scale", of: "flow", to: "0.5") }
            if frame.index == 4 { try pipeline.set("references", of: "flow", to: "1,2") }
            if frame.index == 6 { try pipeline.set("references", of: "flow", to: "none") }
            pipeline.push([frame])
            outputs.append(try #require(try pipeline.pull()))
        }
        #expect(discontinuities(outputs) == [0], "each frame's flow is at hand whatever changes")
        #expect(outputs.map(\.flows.count) == [1, 1, 1, 1, 1, 2, 2, 2])
        #expect(outputs[3].flow?.flow?.backward.width == 32)
        let warning = try #require(pipeline.waitForMessage([GST_MESSAGE_WARNING], nanoseconds: 0))
        #expect(warning.text.contains("none") && warning.text.contains("1,10,20,40"))
    }

    @Test(arguments: ["0", "1,,2", "one", "1,5000", "-1", "1.5", ""])
    func malformedReferencesAreErrors(_ references: String) throws {
        let pipeline = try TestPipeline(
            "videotestsrc num-buffers=2 ! opticalflow references=\"\(references)\" ! fakesink")
        pipeline.play()
        let error = try #require(pipeline.waitForMessage([GST_MESSAGE_ERROR, GST_MESSAGE_EOS]))
        #expect(error.type == GST_MESSAGE_ERROR)
        #expect(error.text.contains("references"))
    }
}
