import CGStreamer
import Flow
import GStreamerKit
import GstPentimento
import Imaging
import Testing

/// Metas that other elements made or changed: invalid ones are ignored and never crash an element.
@Suite struct ForeignMetaTests {
    private static let chains = [
        "occlusioncheck ! flowwarp ! teststylizer", "flowdraw draw=flow", "flowdraw draw=certainty",
        "flowdraw draw=prior", "temporalmeter", "occlusioncheck ! flowwarp source=input ! stylize ! temporalmeter",
        "\(OptimizeRun.element("iterations=1")) ! identity",
        "\(OptimizeRun.element("passes=2 pass-iterations=1")) ! identity",
    ]

    /// Damages a meta of a frame; returns false if the frame has none.
    private typealias Damage = (UnsafeMutablePointer<GstBuffer>) -> Bool

    private static func meta<Meta>(
        _ name: String, as: Meta.Type, of buffer: UnsafeMutablePointer<GstBuffer>
    ) -> UnsafeMutablePointer<Meta>? {
        gst_buffer_get_meta(buffer, g_type_from_name(name)).map {
            UnsafeMutableRawPointer($0).assumingMemoryBound(to: Meta.self)
        }
    }

    private static func flow(_ change: @escaping (inout PentimentoFlowMeta) -> Void) -> Damage {
        { buffer in
            meta(PENTIMENTO_FLOW_META_API, as: PentimentoFlowMeta.self, of: buffer).map { change(&$0.pointee) } != nil
        }
    }

    private static func certainty(_ change: @escaping (inout PentimentoCertaintyMeta) -> Void) -> Damage {
        { buffer in
            meta(PENTIMENTO_CERTAINTY_META_API, as: PentimentoCertaintyMeta.self, of: buffer).map {
                change(&$0.pointee)
            } != nil
        }
    }

    /// A payload in ordinary memory, not made by `FloatPayload`.
    private static func payload(_ values: [Float]) -> UnsafeMutablePointer<GstBuffer>? {
        if values.isEmpty { return gst_buffer_new() }
        return values.withUnsafeBytes { gst_buffer_new_memdup($0.baseAddress, gsize($0.count)) }
    }

    private static func replace(_ old: inout UnsafeMutablePointer<GstBuffer>?, with values: [Float]?) {
        release(old)
        old = values.flatMap(payload)
    }

    private static let pixels = 64 * 48
    private static var damages: [(name: String, damage: Damage)] {
        [
            ("no size", flow { ($0.width, $0.height) = (0, 0) }),
            ("no width", flow { $0.width = 0 }),
            ("a size that overflows", flow { ($0.width, $0.height) = (.max, .max) }),
            ("what would be negative", flow { ($0.width, $0.height) = (guint(bitPattern: -64), 48) }),
            ("a size that fits by overflow", flow { ($0.width, $0.height) = (1 << 31, 1 << 31) }),
            ("a taller size", flow { $0.height += 1 }),
            ("no distance", flow { $0.distance = 0 }), ("a far distance", flow { $0.distance = .max }),
            ("the last number", flow { $0.frame = .max }),
            ("no payload", flow { replace(&$0.backward, with: nil) }),
            ("an empty payload", flow { replace(&$0.forward, with: []) }),
            ("a short payload", flow { replace(&$0.backward, with: [1, 2, 3]) }),
            ("NaN values", flow { replace(&$0.backward, with: Array(repeating: .nan, count: 2 * pixels)) }),
            ("infinite values", flow { replace(&$0.forward, with: Array(repeating: .infinity, count: 2 * pixels)) }),
            (
                "large values",
                flow {
                    replace(
                        &$0.backward,
                        with: Array(repeating: .greatestFiniteMagnitude, count: 2 * pixels))
                }
            ),
            (
                "one pixel",
                flow {
                    ($0.width, $0.height) = (1, 1)
                    replace(&$0.backward, with: [0.5, 0.5])
                    replace(&$0.forward, with: [0.5, 0.5])
                }
            ),
            (
                "a long line",
                flow {
                    ($0.width, $0.height) = (1 << 18, 1)
                    replace(&$0.backward, with: Array(repeating: 1, count: 1 << 19))
                    replace(&$0.forward, with: Array(repeating: 1, count: 1 << 19))
                }
            ),
            ("certainty without size", certainty { ($0.width, $0.height) = (0, 0) }),
            ("certainty of an absurd size", certainty { ($0.width, $0.height) = (.max, .max) }),
            (
                "certainty that is none",
                certainty {
                    replace(&$0.backward, with: Array(repeating: -7, count: pixels))
                }
            ),
            (
                "NaN certainty",
                certainty {
                    replace(&$0.long_term, with: Array(repeating: .nan, count: pixels))
                }
            ),
            ("certainty of nowhere", certainty { $0.distance = 0 }),
        ]
    }

    @Test(arguments: chains) func damagedMetasAreIgnored(chain: String) throws {
        for (name, damage) in Self.damages {
            let pipeline = try TestPipeline(
                "appsrc name=in format=time ! opticalflow scene-cut=0 ! occlusioncheck ! identity name=place ! \(chain) ! "
                    + "appsink name=out sync=false wait-on-eos=false")
            let probe = try PadProbe("src", of: "place", in: pipeline, GST_PAD_PROBE_TYPE_BUFFER) { info in
                if let buffer = info.pointee.data?.assumingMemoryBound(to: GstBuffer.self) { _ = damage(buffer) }
                return GST_PAD_PROBE_OK
            }
            let frames = TestFrame.sequence(3)
            pipeline.setCaps(frames[0].caps)
            pipeline.play()
            pipeline.push(frames)
            pipeline.endStream()
            #expect(try pipeline.pullAll().count == 3, "\(name)")
            _ = probe
        }
    }

    @Test func ignoredMetasAreReportedOnce() throws {
        let pipeline = try TestPipeline(
            "appsrc name=in format=time ! opticalflow scene-cut=0 ! identity name=place ! occlusioncheck ! "
                + "appsink name=out sync=false")
        let probe = try PadProbe("src", of: "place", in: pipeline, GST_PAD_PROBE_TYPE_BUFFER) { info in
            if let buffer = info.pointee.data?.assumingMemoryBound(to: GstBuffer.self) {
                _ = Self.flow { $0.height += 1 }(buffer)
            }
            return GST_PAD_PROBE_OK
        }
        let frames = TestFrame.sequence(5)
        pipeline.setCaps(frames[0].caps)
        pipeline.play()
        pipeline.push(frames)
        pipeline.endStream()
        #expect(try pipeline.pullAll().allSatisfy { $0.certainty == nil })
        let warning = pipeline.waitForMessage([GST_MESSAGE_WARNING], nanoseconds: 0)
        #expect(warning?.text.contains("optical flow that is invalid") == true, "\(warning?.text ?? "none")")
        #expect(pipeline.waitForMessage([GST_MESSAGE_WARNING], nanoseconds: 0) == nil)
        _ = probe
    }

    @Test func flowsOfSeveralSizesAreNotCompared() throws {
        let pipeline = try TestPipeline(
            "appsrc name=in format=time ! identity name=place ! occlusioncheck ! appsink name=out sync=false")
        let probe = try PadProbe("src", of: "place", in: pipeline, GST_PAD_PROBE_TYPE_BUFFER) { info in
            guard let buffer = info.pointee.data?.assumingMemoryBound(to: GstBuffer.self) else {
                return GST_PAD_PROBE_OK
            }
            for (distance, width) in [(2, 16), (1, 64), (1, 8), (3, 64)] {
                let field = FlowField(width: width, height: 48)
                FlowMeta(distance: distance, frame: 1, flow: FlowPair(backward: field, forward: field)).attach(
                    to: buffer)
            }
            return GST_PAD_PROBE_OK
        }
        let frame = TestFrame.sequence(1)[0]
        pipeline.setCaps(frame.caps)
        pipeline.play()
        pipeline.push([frame])
        let output = try #require(try pipeline.pull())
        let certainties = CertaintyMeta.all(of: output.buffer)
        #expect(certainties.map(\.distance) == [1, 3] && certainties.allSatisfy { $0.backward.width == 64 })
        _ = probe
    }

    /// Flow values from files or Swift are not validated, but must not cause accesses outside an image.
    @Test(arguments: chains) func nonFiniteFlowStaysInBounds(chain: String) throws {
        for value in [Float.nan, .infinity, -.infinity, 1e30, -3e9] {
            let pipeline = try TestPipeline(
                "appsrc name=in format=time ! identity name=place ! \(chain) ! appsink name=out sync=false wait-on-eos=false"
            )
            var number: UInt64 = 0
            let probe = try PadProbe("src", of: "place", in: pipeline, GST_PAD_PROBE_TYPE_BUFFER) { info in
                guard let buffer = info.pointee.data?.assumingMemoryBound(to: GstBuffer.self) else {
                    return GST_PAD_PROBE_OK
                }
                let values = (0..<Self.pixels).map { $0 % 5 == 0 ? value : 0.25 }
                let field = FlowField(width: 64, height: 48, u: values, v: values)
                FlowMeta(distance: 1, frame: number, flow: FlowPair(backward: field, forward: field)).attach(to: buffer)
                let plane = Plane<Float>(width: 64, height: 48, repeating: 1)
                CertaintyMeta(distance: 1, backward: plane, forward: plane).attach(to: buffer)
                number += 1
                return GST_PAD_PROBE_OK
            }
            let frames = TestFrame.sequence(3)
            pipeline.setCaps(frames[0].caps)
            pipeline.play()
            pipeline.push(frames)
            pipeline.endStream()
            // styleoptimize may report that its loss is not finite.
            let end = pipeline.waitForMessage([GST_MESSAGE_ERROR, GST_MESSAGE_EOS])
            let isFine = end?.type == GST_MESSAGE_EOS || chain.contains("styleoptimize")
            #expect(isFine, "\(value): \(end?.text ?? "nothing")")
            _ = probe
        }
    }

    // MARK: - Frames

    /// A frame in a larger buffer with a GstVideoCropMeta.
    private func cropped(_ frame: TestFrame, in full: TestFrame, x: Int, y: Int) throws -> UnsafeMutablePointer<
        GstBuffer
    > {
        var bytes = full.makeBytes()
        let (inner, outer) = (frame.makeBytes(), (full.width * 3 + 3) / 4 * 4)
        for row in 0..<frame.height {
            for byte in 0..<frame.width * 3 {
                bytes[(y + row) * outer + x * 3 + byte] = inner[row * ((frame.width * 3 + 3) / 4 * 4) + byte]
            }
        }
        let buffer = try #require(bytes.withUnsafeBytes { gst_buffer_new_memdup($0.baseAddress, gsize($0.count)) })
        buffer.pointee.pts = GstClockTime(frame.index) * TestFrame.duration
        gst_buffer_add_video_meta(
            buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_RGB, guint(full.width), guint(full.height))
        let meta = try #require(gst_buffer_add_meta(buffer, gst_video_crop_meta_get_info(), nil))
        let crop = UnsafeMutableRawPointer(meta).assumingMemoryBound(to: GstVideoCropMeta.self)
        (crop.pointee.x, crop.pointee.y) = (guint(x), guint(y))
        (crop.pointee.width, crop.pointee.height) = (guint(frame.width), guint(frame.height))
        return buffer
    }

    @Test func cropMetaSelectsTheFrame() throws {
        let frames = TestFrame.sequence(4)
        let chain = "opticalflow ! occlusioncheck ! flowwarp ! teststylizer"
        let reference = try TestPipeline.run(frames, through: chain).map(\.bytes)
        let pipeline = try TestPipeline("appsrc name=in format=time ! \(chain) ! appsink name=out sync=false")
        pipeline.setCaps(frames[0].caps)
        pipeline.play()
        let full = TestFrame(width: 80, height: 60, layout: .rgb, index: 9)
        for frame in frames { pipeline.push(try cropped(frame, in: full, x: 5, y: 7)) }
        pipeline.endStream()
        let outputs = try pipeline.pullAll()
        try #require(outputs.count == 4)
        let before = full.makeBytes()
        for (output, wanted) in zip(outputs, reference) {
            #expect(gst_buffer_get_meta(output.buffer, gst_video_crop_meta_api_get_type()) != nil)
            let bytes = output.bytes
            var isSame = true
            for y in 0..<60 {
                for x in 0..<240 {
                    let isInside = (7..<55).contains(y) && (15..<207).contains(x)
                    let expected = isInside ? wanted[(y - 7) * 192 + x - 15] : before[y * 240 + x]
                    isSame = isSame && bytes[y * 240 + x] == expected
                }
            }
            #expect(isSame)
        }
    }

    @Test func cropMetaSupportIsNotProposed() throws {
        // videocrop attaches a crop meta if downstream supports it.
        let pipeline = try TestPipeline(
            "videotestsrc num-buffers=3 ! video/x-raw,format=RGB,width=64,height=48 ! videocrop left=8 top=4 ! stylize ! "
                + "videocrop right=8 ! appsink name=out sync=false")
        pipeline.play()
        let frames = try pipeline.pullAll()
        #expect(frames.count == 3 && frames.allSatisfy { $0.format?.width == 48 })
    }

    @Test func cropMetaWithinTheFrameIsKept() throws {
        let frames = TestFrame.sequence(1)
        let reference = try TestPipeline.run(frames, through: "teststylizer").map(\.bytes)
        let pipeline = try TestPipeline("appsrc name=in format=time ! teststylizer ! appsink name=out sync=false")
        pipeline.setCaps(frames[0].caps)
        pipeline.play()
        let buffer = try #require(frames[0].makeBuffer())
        let meta = try #require(gst_buffer_add_meta(buffer, gst_video_crop_meta_get_info(), nil))
        UnsafeMutableRawPointer(meta).assumingMemoryBound(to: GstVideoCropMeta.self).pointee.width = 10
        pipeline.push(buffer)
        let output = try #require(try pipeline.pull())
        #expect([output.bytes] == reference)
        #expect(gst_buffer_get_meta(output.buffer, gst_video_crop_meta_api_get_type()) != nil)
    }

    /// A GstVideoMeta with strides or offsets outside the buffer is an error.
    @Test(arguments: [(-192, 0), (100_000, 0), (0, 0), (1, 0), (192, 9000), (192, 100_000)])
    func absurdStridesAndOffsetsAreErrors(stride: Int, offset: Int) throws {
        let pipeline = try TestPipeline("appsrc name=in format=time ! stylize ! appsink name=out sync=false")
        let frame = TestFrame.sequence(1)[0]
        pipeline.setCaps(frame.caps)
        pipeline.play()
        let buffer = try #require(frame.makeBuffer())
        var (offsets, strides): ([gsize], [gint]) = ([gsize(offset), 0, 0, 0], [gint(stride), 0, 0, 0])
        gst_buffer_add_video_meta_full(
            buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_RGB, 64, 48, 1, &offsets, &strides)
        pipeline.push(buffer)
        #expect(pipeline.waitForMessage([GST_MESSAGE_ERROR, GST_MESSAGE_EOS])?.type == GST_MESSAGE_ERROR)
    }

    @Test(arguments: [
        ("RGB", 47, "64x47 where its caps say 64x48"), ("BGR", 48, "another format than its caps say, RGB"),
    ])
    func videoMetaThatContradictsTheCapsIsAnError(format: String, height: Int, text: String) throws {
        let pipeline = try TestPipeline("appsrc name=in format=time ! stylize ! appsink name=out sync=false")
        let frame = TestFrame.sequence(1)[0]
        pipeline.setCaps(frame.caps)
        pipeline.play()
        let buffer = try #require(frame.makeBuffer())
        gst_buffer_add_video_meta(
            buffer, GST_VIDEO_FRAME_FLAG_NONE, .named(format), 64, guint(height))
        pipeline.push(buffer)
        let end = try #require(pipeline.waitForMessage([GST_MESSAGE_ERROR, GST_MESSAGE_EOS]))
        #expect(end.text.contains(text), "\(end.text)")
    }

    @Test func customStridesSurviveSeveralPasses() throws {
        let plain = try OptimizeRun.bytes(OptimizeRun.small(3), "passes=2")
        let frames = OptimizeRun.small(3).map { frame in
            var frame = frame
            frame.stride = 400
            return frame
        }
        #expect(try OptimizeRun.bytes(frames, "passes=2") == plain)
    }
}
