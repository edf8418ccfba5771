import CGStreamer
import Flow
import GstPentimento
import Imaging
import Testing

/// Every packed format, size and stride.
@Suite struct FormatTests {
    private static let chain = "opticalflow ! occlusioncheck ! queue ! flowwarp source=input"
    private static let sizes = [(1, 1), (3, 5), (17, 1), (8191, 3), (64, 48)]

    @Test(arguments: sizes) func everyFormatGivesTheSameFlowAndLeavesPixelsAlone(size: (Int, Int)) throws {
        var reference: FlowPair?
        for layout in PixelLayout.all {
            let frames = TestFrame.sequence(3, width: size.0, height: size.1, layout: layout)
            let outputs = try TestPipeline.run(frames, through: Self.chain)
            try #require(outputs.count == 3)
            for (frame, output) in zip(frames, outputs) {
                let isSame = output.bytes == frame.makeBytes()
                #expect(isSame, "\(layout.name): the frame was changed")
                #expect(output.time == GstClockTime(frame.index) * TestFrame.duration)
            }
            #expect(outputs[0].flow?.isDiscontinuity == true)
            #expect(outputs[0].prior?.content == nil)
            let flow = try #require(outputs[2].flow?.flow)
            #expect(flow.backward.width == size.0 && flow.backward.height == size.1)
            let isSame = reference == nil || flow == reference
            #expect(isSame, "\(layout.name): another flow than \(PixelLayout.all[0].name)")
            reference = flow
            let content = try #require(outputs[2].prior?.content)
            let isFinite = content.image.samples.allSatisfy(\.isFinite)
            #expect(isFinite && content.image.width == size.0 && content.image.height == size.1)
        }
    }

    @Test(arguments: [PixelLayout.rgb, .argb], [(17, 5), (64, 48)])
    func stridesOfTheVideoMetaAreUsed(layout: PixelLayout, size: (Int, Int)) throws {
        let stride = size.0 * layout.bytesPerPixel + 29
        let padded = TestFrame.sequence(3, width: size.0, height: size.1, layout: layout, stride: stride)
        let tight = TestFrame.sequence(3, width: size.0, height: size.1, layout: layout)
        let outputs = try TestPipeline.run(padded, through: Self.chain)
        let expected = try TestPipeline.run(tight, through: Self.chain)
        try #require(outputs.count == 3 && expected.count == 3)
        for index in 0..<3 {
            let sameFlow = outputs[index].flow?.flow == expected[index].flow?.flow
            let samePrior = outputs[index].prior?.content?.image == expected[index].prior?.content?.image
            let sameBytes = outputs[index].bytes == padded[index].makeBytes()
            #expect(sameFlow && samePrior && sameBytes)
        }
    }

    @Test func aSharedBufferIsNotCopied() throws {
        let pipeline = try TestPipeline(
            "appsrc name=in format=time ! tee name=t t. ! queue ! fakesink async=false sync=false "
                + "t. ! queue ! opticalflow ! appsink name=out sync=false")
        let frame = TestFrame.sequence(1)[0]
        pipeline.setCaps(frame.caps)
        pipeline.play()
        let buffer = try #require(frame.makeBuffer())
        gst_mini_object_ref(UnsafeMutableRawPointer(buffer).assumingMemoryBound(to: GstMiniObject.self))
        defer { gst_mini_object_unref(UnsafeMutableRawPointer(buffer).assumingMemoryBound(to: GstMiniObject.self)) }
        pipeline.push(buffer)
        let output = try #require(try pipeline.pull())
        #expect(output.buffer != buffer)
        #expect(output.flow != nil)
        #expect(FlowMeta.find(in: buffer) == nil, "the other branch's frame got the meta too")
        #expect(gst_buffer_peek_memory(output.buffer, 0) == gst_buffer_peek_memory(buffer, 0), "pixels were copied")
    }

    @Test func newSizeIsADiscontinuity() throws {
        let pipeline = try TestPipeline(
            "appsrc name=in format=time ! opticalflow references=1,2 ! queue ! occlusioncheck ! queue ! flowwarp ! queue ! "
                + "teststylizer ! appsink name=out sync=false")
        pipeline.play()
        let sizes = [(64, 48), (40, 30), (64, 48)]
        var index = 0
        for size in sizes {
            let frames = (0..<3).map { step in
                TestFrame(width: size.0, height: size.1, layout: .rgb, index: index + step)
            }
            pipeline.setCaps(frames[0].caps)
            pipeline.push(frames)
            index += 3
        }
        pipeline.endStream()
        let outputs = try pipeline.pullAll()
        try #require(outputs.count == 9)
        for (number, output) in outputs.enumerated() {
            let size = sizes[number / 3]
            #expect(output.format?.width == size.0 && output.format?.height == size.1)
            #expect(output.flow?.isDiscontinuity == (number % 3 == 0))
            #expect(output.flows.count == max(number % 3, 1))
            if number % 3 == 0 {
                #expect(output.prior?.content == nil)
            } else {
                #expect(output.prior?.content?.image.width == size.0)
            }
        }
    }
}
