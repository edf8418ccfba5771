import CGStreamer
import GStreamerKit
import Imaging
import Testing

/// Caps, and the frames that they describe, with any stride and padding.
@Suite(.serialized) struct VideoFormatTests {
    @Test(arguments: PixelLayout.all) func capsOfEveryPackedFormatAreRead(layout: PixelLayout) throws {
        let format = try #require(Frame.format(17, 5, layout))
        #expect(format.width == 17 && format.height == 5 && format.layout == layout)
        #expect(format.frameRate.numerator == 25 && format.frameRate.denominator == 1)
        #expect(format.byteCount == gsize((17 * layout.bytesPerPixel + 3) / 4 * 4 * 5))
        #expect(gst_video_format_to_string(.named(layout.name)).map { String(cString: $0) } == layout.name)
    }

    @Test(arguments: [
        "video/x-raw, format=AYUV, width=4, height=4, framerate=25/1", "video/x-raw, format=RGB, width=4",
        "video/x-raw, format=RGB, width=0, height=4, framerate=25/1", "audio/x-raw, format=S16LE", "video/x-h264",
    ])
    func otherCapsHaveNoFormat(text: String) throws {
        _ = try Harness("testinvert name=e")
        let caps = try #require(gst_caps_from_string(text))
        defer { gst_mini_object_unref(miniObject(caps)) }
        #expect(VideoFormat(caps) == nil && VideoFormat(nil) == nil)
    }

    @Test func namesOfFormatsAreKnown() {
        #expect(GstVideoFormat.named("I420") == GST_VIDEO_FORMAT_I420)
        #expect(GstVideoFormat.named("RGBx") == GST_VIDEO_FORMAT_RGBx)
        for name in ["", "rgb", "none"] { #expect(GstVideoFormat.named(name) == GST_VIDEO_FORMAT_UNKNOWN) }
    }

    @Test func padsAcceptEveryPackedFormat() throws {
        _ = try Harness("testinvert name=e")
        let caps = try #require(FrameFormats.packed.makeCaps())
        defer { gst_mini_object_unref(miniObject(caps)) }
        for layout in PixelLayout.all {
            let one = try #require(gst_caps_from_string(Frame.caps(3, 1, layout)))
            #expect(gst_caps_is_subset(one, caps) != 0)
            gst_mini_object_unref(miniObject(one))
        }
    }

    /// The rows of a frame, its padding, and nothing else is changed.
    @Test(arguments: PixelLayout.all, [(1, 1), (3, 5), (17, 2), (8, 3)])
    func onlyPixelsAreChanged(layout: PixelLayout, size: (Int, Int)) throws {
        let (width, height) = size
        let row = width * layout.bytesPerPixel
        let usual = (row + 3) / 4 * 4
        for (stride, offset, described) in [(usual, 0, false), (usual, 0, true), (row + 29, 0, true), (row, 7, true)] {
            let harness = try Harness("testinvert name=e")
            harness.start(Frame.caps(width, height, layout))
            let bytes = Frame.pattern(offset + stride * height + 5)
            let input = try #require(Frame.make(described ? bytes : Array(bytes.dropLast(5))))
            if described { Frame.describe(input, width, height, layout, stride: stride, offset: offset) }
            #expect(harness.push(input) == GST_FLOW_OK)
            var expected = described ? bytes : Array(bytes.dropLast(5))
            for y in 0..<height {
                for x in 0..<row { expected[offset + y * stride + x] = ~expected[offset + y * stride + x] }
            }
            #expect(harness.pull()?.bytes == expected, "stride \(stride), offset \(offset)")
        }
    }

    /// A buffer may be larger than its caps say: the pixels of the crop meta are the frame.
    @Test func theCroppedRegionIsMapped() throws {
        let format = try #require(Frame.format(2, 2))
        let input = Frame(taking: try #require(Frame.make(Frame.pattern(12 * 4))))
        Frame.describe(input.buffer, 4, 4, .rgb, stride: 12)
        let crop = try #require(
            gst_buffer_add_meta(input.buffer, gst_video_crop_meta_get_info(), nil).map {
                UnsafeMutableRawPointer($0).assumingMemoryBound(to: GstVideoCropMeta.self)
            })
        (crop.pointee.x, crop.pointee.y, crop.pointee.width, crop.pointee.height) = (1, 2, 2, 2)
        let first = try format.withPixels(of: input.buffer, writing: false) { pixels in
            #expect(pixels.width == 2 && pixels.height == 2 && pixels.stride == 12)
            return pixels.base.load(as: UInt8.self)
        }
        #expect(first == Frame.pattern(48)[2 * 12 + 3])
        // A region of another size, or outside of the buffer.
        for (x, width) in [(1, 3), (3, 2)] as [(guint, guint)] {
            (crop.pointee.x, crop.pointee.width) = (x, width)
            #expect(throws: ElementError.self) { try format.withPixels(of: input.buffer, writing: false) { _ in } }
        }
    }

    /// Buffers that do not hold what the caps say, and the error's text.
    private static let faults: [(text: String, make: @Sendable () -> UnsafeMutablePointer<GstBuffer>?)] = [
        ("A frame of 4x4 RGB could not be mapped", { Frame.make(Frame.pattern(47)) }),
        ("A frame of 4x4 RGB could not be mapped", { Frame.make([]) }),
        (
            "A frame is 3x4 where its caps say 4x4",
            { described(48, 3, 4, .rgb, stride: 12) }
        ),
        ("A frame is 8x4 where its caps say 4x4", { described(96, 8, 4, .rgb, stride: 24) }),
        ("A frame has another format than its caps say, RGB", { described(64, 4, 4, .rgba, stride: 16) }),
        ("is shorter than it says", { described(47, 4, 4, .rgb, stride: 12) }),
        ("is shorter than it says", { described(48, 4, 4, .rgb, stride: 12, offset: 3) }),
        ("is shorter than it says", { described(48, 4, 4, .rgb, stride: 4) }),
        ("is shorter than it says", { described(48, 4, 4, .rgb, stride: -12) }),
    ]

    private static func described(
        _ count: Int, _ width: Int, _ height: Int, _ layout: PixelLayout, stride: Int, offset: Int = 0
    ) -> UnsafeMutablePointer<GstBuffer>? {
        let buffer = Frame.make(Frame.pattern(count))
        if let buffer { Frame.describe(buffer, width, height, layout, stride: stride, offset: offset) }
        return buffer
    }

    @Test(arguments: faults.indices) func buffersThatDoNotHoldTheFrameAreErrors(index: Int) throws {
        let (text, make) = Self.faults[index]
        let harness = try Harness("testinvert name=e")
        harness.start(Frame.caps(4, 4))
        #expect(harness.push(make()) == GST_FLOW_ERROR)
        let errors = harness.messages(GST_MESSAGE_ERROR)
        #expect(errors.count == 1 && errors[0].domain == "gst-stream-error-quark")
        #expect(errors.first?.code == Int(GST_STREAM_ERROR_FORMAT.rawValue))
        #expect(errors.first?.text.contains(text) == true, "\(errors)")
        #expect(errors.first?.text.hasSuffix("Put a videoconvert before this element.") == true)
    }

    /// An error of the body goes through, and the frame is unmapped: it can be mapped for writing again.
    @Test func errorsOfTheBodyAreThrown() throws {
        struct Own: Error {}
        let format = try #require(Frame.format(4, 4))
        let input = Frame(taking: try #require(Frame.make(4, 4)))
        #expect(throws: Own.self) { try format.withPixels(of: input.buffer, writing: true) { _ in throw Own() } }
        #expect(gst_mini_object_is_writable(miniObject(input.buffer)) != 0)
        #expect(try format.withPixels(of: input.buffer, writing: true) { $0.width } == 4)
    }
}
