import CGStreamer
import CGStreamerCheck
import GStreamerKit
import Imaging
import Testing

/// Elements whose output has another size.
@Suite(.serialized) struct ConvertingElementTests {
    /// The pixels that `testreduce` keeps.
    private func reduced(_ bytes: [UInt8], _ width: Int, _ height: Int, by factor: Int, pixel: Int = 3) -> [UInt8] {
        let stride = (width * pixel + 3) / 4 * 4
        return (0..<height / factor).flatMap { y in
            (0..<width / factor).flatMap { x in
                let start = y * factor * stride + x * factor * pixel
                return bytes[start..<start + pixel]
            }
        }
    }

    /// A frame's pixels without padding.
    private func pixels(_ frame: Frame, _ width: Int, _ height: Int, _ layout: PixelLayout = .rgb) throws -> [UInt8] {
        let format = try #require(Frame.format(width, height, layout))
        return try format.withPixels(of: frame.buffer, writing: false) { pixels in
            (0..<height).flatMap { y in
                Array(
                    UnsafeRawBufferPointer(
                        start: pixels.base + y * pixels.stride, count: width * layout.bytesPerPixel))
            }
        }
    }

    @Test(arguments: [PixelLayout.rgb, .bgra, .xrgb], [(12, 6, 3), (10, 4, 2), (7, 3, 1)])
    func framesGetTheNewSize(layout: PixelLayout, size: (Int, Int, Int)) throws {
        let (width, height, factor) = size
        let harness = try Harness("testreduce name=e divisor=\(factor)")
        harness.start(Frame.caps(width, height, layout))
        let bytes = Frame.pattern((width * layout.bytesPerPixel + 3) / 4 * 4 * height)
        #expect(harness.push(Frame.make(bytes, index: 5)) == GST_FLOW_OK)
        let output = try #require(harness.pull())
        #expect(
            try pixels(output, width / factor, height / factor, layout)
                == reduced(bytes, width, height, by: factor, pixel: layout.bytesPerPixel))
        #expect(output.buffer.pointee.pts == 200_000_000 && output.buffer.pointee.duration == 40_000_000)
    }

    /// Caps of output frames are known before a frame is there, with square pixels.
    @Test func outputCapsFollowFromTheInputs() throws {
        let harness = try Harness("testreduce name=e divisor=4")
        harness.start("\(Frame.caps(16, 8)), pixel-aspect-ratio=4/3")
        harness.push(Frame.make(16, 8))
        let pad = try #require(gst_element_get_static_pad(harness.element, "src"))
        defer { gst_object_unref(pad) }
        let caps = try #require(gst_pad_get_current_caps(pad))
        defer { gst_mini_object_unref(miniObject(caps)) }
        let text = try #require(gst_caps_to_string(caps))
        defer { g_free(text) }
        let format = try #require(VideoFormat(caps))
        #expect(format.width == 4 && format.height == 2)
        #expect(!String(cString: text).contains("4/3"), "\(String(cString: text))")
        let side = try harness.side("e", as: TestReduce.self)
        #expect(side.format?.width == 16 && side.outputFormat?.width == 4)
    }

    /// Downstream asks for another size than the element makes.
    @Test func otherSizesAreRefused() throws {
        let harness = try Harness("testreduce ! capsfilter caps=video/x-raw,width=3")
        harness.start()
        harness.begin(Frame.caps(8, 4))
        #expect(harness.push(Frame.make(8, 4)) == GST_FLOW_NOT_NEGOTIATED)
        harness.begin(Frame.caps(6, 4))
        #expect(harness.push(Frame.make(6, 4)) == GST_FLOW_OK && harness.pull() != nil)
    }

    @Test func buffersAreReusedWithoutTheirMetas() throws {
        let harness = try Harness("testreduce name=e")
        harness.start(Frame.caps(8, 4))
        var pools: Set<UnsafeMutablePointer<GstBufferPool>?> = []
        var buffers: Set<UnsafeMutablePointer<GstBuffer>> = []
        for index in 0..<6 {
            let input = try #require(Frame.make(8, 4, index: index))
            if index % 2 == 0 {
                let caps = gst_caps_from_string("timestamp/x-test")
                gst_buffer_add_reference_timestamp_meta(input, caps, 123, GstClockTime.max)
                gst_mini_object_unref(caps.map(miniObject))
            }
            harness.push(input)
            let output = try #require(harness.pull())
            pools.insert(output.buffer.pointee.pool)
            buffers.insert(output.buffer)
            var kinds: [String] = []
            var state: gpointer?
            while let meta = gst_buffer_iterate_meta(output.buffer, &state) {
                kinds.append(String(cString: g_type_name(meta.pointee.info.pointee.api)))
            }
            let expected = ["GstVideoMetaAPI"] + (index % 2 == 0 ? ["GstReferenceTimestampMetaAPI"] : [])
            #expect(kinds.sorted() == expected.sorted())
        }
        #expect(pools.count == 1 && pools.first != .some(nil))
        #expect(buffers.count < 6)
    }

    /// Asks the sink pad for an allocation.
    private func expectVideoMetaButNoCropMeta(proposedBy harness: Harness) throws {
        let pad = try #require(gst_element_get_static_pad(harness.element, "sink"))
        defer { gst_object_unref(pad) }
        let caps = try #require(gst_caps_from_string(Frame.caps(8, 4)))
        let query = try #require(gst_query_new_allocation(caps, 1))
        defer {
            gst_mini_object_unref(miniObject(query))
            gst_mini_object_unref(miniObject(caps))
        }
        #expect(gst_pad_query(pad, query) != 0)
        #expect(gst_query_find_allocation_meta(query, gst_video_meta_api_get_type(), nil) != 0)
        #expect(gst_query_find_allocation_meta(query, gst_video_crop_meta_api_get_type(), nil) == 0)
    }

    /// Upstream may allocate buffers with any stride.
    @Test func anyStrideIsProposedUpstream() throws {
        let harness = try Harness("testreduce name=e")
        harness.start(Frame.caps(8, 4))
        try expectVideoMetaButNoCropMeta(proposedBy: harness)

        let bytes = Frame.pattern(40 * 4)
        let input = try #require(Frame.make(bytes))
        Frame.describe(input, 8, 4, .rgb, stride: 40)
        harness.push(input)
        var expected: [UInt8] = []
        for start in [0, 6, 12, 18, 80, 86, 92, 98] { expected += bytes[start..<start + 3] }
        #expect(try pixels(try #require(harness.pull()), 4, 2) == expected)
    }

    /// In-place elements show upstream what downstream accepts, except crop metas.
    @Test func cropMetasAreNotProposedUpstream() throws {
        let harness = try Harness("testinvert name=e")
        harness.start(Frame.caps(8, 4))
        gst_harness_add_propose_allocation_meta(harness.harness, gst_video_meta_api_get_type(), nil)
        gst_harness_add_propose_allocation_meta(harness.harness, gst_video_crop_meta_api_get_type(), nil)
        harness.push(Frame.make(8, 4))
        try expectVideoMetaButNoCropMeta(proposedBy: harness)
    }
}
