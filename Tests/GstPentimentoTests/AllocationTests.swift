import CGStreamer
import GStreamerKit
import GstPentimento
import Testing

/// Where output buffers come from, and what they carry.
@Suite(.serialized) struct AllocationTests {
    private static let caps = "video/x-raw,format=RGB,width=128,height=64,framerate=25/1"

    private func pipeline(_ chain: String) throws -> TestPipeline {
        let pipeline = try TestPipeline(
            "appsrc name=in format=time ! \(chain) ! appsink name=out sync=false enable-last-sample=false")
        pipeline.setCaps(Self.caps)
        return pipeline
    }

    private func buffer(_ index: Int) -> UnsafeMutablePointer<GstBuffer>? {
        let bytes = equirectangularFrame(128, 64, turn: Double(index) / 10)
        let buffer = gst_buffer_new_memdup(bytes, gsize(bytes.count))
        buffer?.pointee.pts = GstClockTime(index) * TestFrame.duration
        return buffer
    }

    /// The pixels of a frame, without the padding of its rows.
    private func pixels(of frame: OutputFrame) throws -> [UInt8] {
        let format = try #require(frame.format)
        return try format.withPixels(of: frame.buffer, writing: false) { view in
            (0..<view.height).flatMap { y in
                Array(UnsafeRawBufferPointer(start: view.base + y * view.stride, count: 3 * view.width))
            }
        }
    }

    @Test(arguments: ["cubemapsplit overlap=8", "cubemapsplit overlap=8 ! cubemapjoin width=100"])
    func downstreamsPoolIsUsedWithItsStrides(chain: String) throws {
        let own = try pipeline(chain)
        let other = try pipeline(chain)
        let pool = try #require(gst_video_buffer_pool_new())
        defer { gst_object_unref(pool) }
        let probe = try PadProbe(
            "sink", of: "out", in: other, GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM, GST_PAD_PROBE_TYPE_PUSH
        ) { info in
            guard let query = info.pointee.data?.assumingMemoryBound(to: GstQuery.self),
                query.pointee.type == GST_QUERY_ALLOCATION
            else { return GST_PAD_PROBE_OK }
            var caps: UnsafeMutablePointer<GstCaps>?
            gst_query_parse_allocation(query, &caps, nil)
            guard let format = VideoFormat(caps) else { return GST_PAD_PROBE_OK }
            let configuration = gst_buffer_pool_get_config(pool)
            gst_buffer_pool_config_set_params(configuration, caps, guint(format.byteCount), 0, 0)
            gst_buffer_pool_config_add_option(configuration, GST_BUFFER_POOL_OPTION_VIDEO_META)
            gst_buffer_pool_config_add_option(configuration, GST_BUFFER_POOL_OPTION_VIDEO_ALIGNMENT)
            var alignment = GstVideoAlignment()
            gst_video_alignment_reset(&alignment)
            (alignment.padding_left, alignment.padding_right, alignment.padding_top) = (5, 9, 3)
            gst_buffer_pool_config_set_video_alignment(configuration, &alignment)
            gst_buffer_pool_set_config(pool, configuration)
            gst_query_add_allocation_pool(query, pool, guint(format.byteCount), 0, 0)
            gst_query_add_allocation_meta(query, gst_video_meta_api_get_type(), nil)
            return GST_PAD_PROBE_HANDLED
        }
        own.play()
        other.play()
        for index in 0..<3 {
            own.push(buffer(index))
            other.push(buffer(index))
            let expected = try #require(try own.pull())
            let output = try #require(try other.pull())
            #expect(output.buffer.pointee.pool == pool)
            let (here, there) = (
                gst_buffer_get_video_meta(expected.buffer), gst_buffer_get_video_meta(output.buffer)
            )
            #expect(try #require(here).pointee.stride.0 != #require(there).pointee.stride.0)
            let isSame = try pixels(of: output) == pixels(of: expected)
            #expect(isSame)
        }
        _ = probe
    }

    /// A buffer that others hold too goes through the meter as it is.
    @Test func theMeterCopiesNoBuffer() throws {
        let pipeline = try pipeline("temporalmeter")
        pipeline.play()
        for index in 0..<4 {
            let input = try #require(buffer(index))
            FlowMeta(distance: 1, frame: UInt64(index), flow: nil).attach(to: input)
            gst_mini_object_ref(miniObject(input))
            defer { gst_mini_object_unref(miniObject(input)) }
            pipeline.push(input)
            let output = try #require(try pipeline.pull())
            // The source copies the first buffer itself, to mark the discontinuity.
            if index > 0 { #expect(output.buffer == input) }
        }
    }
}
