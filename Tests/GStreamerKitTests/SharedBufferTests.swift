import CGStreamer
import GStreamerKit
import Testing

/// Buffers that others hold too.
@Suite(.serialized) struct SharedBufferTests {
    private func memory(_ frame: Frame) -> UnsafeMutablePointer<GstMemory>? { gst_buffer_peek_memory(frame.buffer, 0) }

    @Test func anOwnBufferIsChangedInPlace() throws {
        let harness = try Harness("testinvert name=e")
        harness.start(Frame.caps(4, 2))
        let input = try #require(Frame.make(4, 2))
        let memory = gst_buffer_peek_memory(input, 0)
        harness.push(input)
        let output = try #require(harness.pull())
        #expect(output.buffer == input && self.memory(output) == memory)
    }

    @Test func othersKeepTheirPixels() throws {
        let harness = try Harness("testinvert name=e")
        harness.start(Frame.caps(4, 2))
        let input = Frame(taking: try #require(Frame.make(4, 2, index: 3)))
        let bytes = input.bytes
        harness.push(input.retained)
        let output = try #require(harness.pull())
        #expect(input.bytes == bytes && output.bytes == bytes.map { ~$0 })
        #expect(output.buffer != input.buffer && memory(output) != memory(input))
        #expect(output.buffer.pointee.pts == input.buffer.pointee.pts && output.buffer.pointee.pts == 120_000_000)
    }

    /// An element that only attaches something gets a buffer of its own with the same memory.
    @Test func unchangedPixelsAreNotCopied() throws {
        let harness = try Harness("testinvert name=e active=false")
        try harness.side("e").hooks.frame = { buffer, _ in
            gst_buffer_add_video_meta(buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_RGB, 4, 2)
            return .forward
        }
        harness.start(Frame.caps(4, 2))
        let input = Frame(taking: try #require(Frame.make(4, 2)))
        harness.push(input.retained)
        let output = try #require(harness.pull())
        #expect(output.buffer != input.buffer && memory(output) == memory(input))
        #expect(gst_buffer_get_video_meta(output.buffer) != nil && gst_buffer_get_video_meta(input.buffer) == nil)
    }

    @Test func branchesOfATeeDoNotSeeEachOther() throws {
        let harness = try Harness("tee name=t ! testinvert ! funnel name=f t. ! identity ! f.")
        harness.start(Frame.caps(4, 2))
        let bytes = Frame.pattern(24)
        harness.push(Frame.make(bytes))
        var outputs: [[UInt8]] = []
        while let output = harness.pull() { outputs.append(output.bytes) }
        #expect(outputs.count == 2)
        #expect(outputs.contains(bytes) && outputs.contains(bytes.map { ~$0 }))
    }

    /// An element that only looks gets the buffer itself, also one that is shared.
    @Test func passthroughElementsCopyNothing() throws {
        let harness = try Harness("testlook name=e active=false")
        var seen: [UnsafeMutablePointer<GstBuffer>] = []
        try harness.side("e").hooks.frame = { buffer, _ in
            seen.append(buffer)
            return .forward
        }
        harness.start(Frame.caps(4, 2))
        let input = Frame(taking: try #require(Frame.make(4, 2)))
        harness.push(input.retained)
        let output = try #require(harness.pull())
        #expect(output.buffer == input.buffer && seen == [input.buffer])
        #expect(output.bytes == Frame.pattern(24))
    }
}
