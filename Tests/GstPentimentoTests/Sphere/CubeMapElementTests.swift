import CGStreamer
import GStreamerKit
import Glibc
import GstPentimento
import Imaging
import Testing

/// `cubemapsplit` and `cubemapjoin`, separately and together.
@Suite(.serialized) struct CubeMapElementTests {
    /// The output for one frame.
    private func output(
        _ bytes: [UInt8], _ width: Int, _ height: Int, _ layout: PixelLayout = .rgb, through chain: String
    ) throws -> StylePipeline.Output {
        let pipeline = try #require(StylePipeline(chain))
        pipeline.set(caps: width, height, layout)
        pipeline.start()
        pipeline.push(bytes, time: 0)
        return try #require(pipeline.pull(), "\(pipeline.messages(GST_MESSAGE_ERROR))")
    }

    /// The error for frames of a size.
    private func failure(_ width: Int, _ height: Int, through chain: String) throws -> String {
        let pipeline = try #require(StylePipeline(chain))
        pipeline.set(caps: width, height)
        pipeline.start()
        pipeline.push(patternFrame(width, height), time: 0)
        #expect(pipeline.pull(within: 2) == nil)
        return pipeline.messages(GST_MESSAGE_ERROR, within: 5).first ?? ""
    }

    /// The bytes of an RGB frame without row padding, which is undefined.
    private func pixels(_ output: StylePipeline.Output) -> [UInt8] {
        let stride = (3 * output.width + 3) / 4 * 4
        return (0..<output.height).flatMap { output.bytes[$0 * stride..<$0 * stride + 3 * output.width] }
    }

    /// The peak signal-to-noise ratio of two frames in decibels.
    private func ratio(_ first: [UInt8], _ second: [UInt8]) -> Double {
        let errors = zip(first, second).map { (Double($0) - Double($1)) * (Double($0) - Double($1)) }
        return 10 * log10(255 * 255 * Double(errors.count) / max(errors.reduce(0, +), 1e-9))
    }

    /// Changes of a property that takes effect with the next start have no effect while the element runs.
    @Test func facesKeepTheirSizeWhilePlaying() throws {
        let pipeline = try #require(StylePipeline("cubemapsplit name=split face-size=20 overlap=2"))
        pipeline.set(caps: 64, 32)
        pipeline.start()
        pipeline.push(patternFrame(64, 32), time: 0)
        #expect(try #require(pipeline.pull()).width == 24)
        pipeline.set("face-size", of: "split", to: "30")
        pipeline.set("overlap", of: "split", to: "5")
        pipeline.set(caps: 96, 48)
        pipeline.push(patternFrame(96, 48), time: 40_000_000)
        #expect(try #require(pipeline.pull()).width == 24)
        pipeline.stop()
        pipeline.set(caps: 96, 48)
        pipeline.start()
        pipeline.push(patternFrame(96, 48), time: 0)
        #expect(try #require(pipeline.pull()).width == 40)
    }

    @Test func roundTripInEveryFormat() throws {
        let chain = "cubemapsplit face-size=96 overlap=12 ! cubemapjoin width=256"
        let reference = try output(equirectangularFrame(256, 128), 256, 128, through: chain)
        #expect(reference.width == 256 && reference.height == 128)
        let quality = ratio(reference.bytes, equirectangularFrame(256, 128))
        #expect(quality > 40, "\(quality) dB")
        for layout in PixelLayout.all where layout != .rgb {
            let bytes = try output(
                equirectangularFrame(256, 128, layout), 256, 128, layout, through: chain
            ).bytes
            var isSame = true
            for pixel in 0..<256 * 128 {
                let (here, there) = (pixel * layout.bytesPerPixel, pixel * 3)
                isSame =
                    isSame && bytes[here + layout.red] == reference.bytes[there]
                    && bytes[here + layout.green] == reference.bytes[there + 1]
                    && bytes[here + layout.blue] == reference.bytes[there + 2]
                // A uniform frame stays uniform.
                if layout.bytesPerPixel == 4 {
                    isSame = isSame && bytes[here + 6 - layout.red - layout.green - layout.blue] == 200
                }
            }
            #expect(isSame, "\(layout.name)")
        }
    }

    @Test func stridesOfTheVideoMetaAreUsed() throws {
        func run(stride: Int?) throws -> [[UInt8]] {
            try TestPipeline.run(
                TestFrame.sequence(2, width: 130, height: 65, stride: stride),
                through: "cubemapsplit overlap=8 ! cubemapjoin"
            ).map(\.bytes)
        }
        let isSame = try run(stride: 419) == run(stride: nil)
        #expect(isSame)
    }

    @Test(arguments: [
        ("equirectangular", 0, 128, 64), ("equirectangular", 100, 100, 50), ("equirectangular", 101, 101, 50),
        ("3x2", 0, 96, 64), ("6x1", 0, 192, 32), ("1x6", 0, 32, 192), ("4x3", 0, 128, 96), ("3x2", 60, 60, 40),
    ])
    func layoutsAndWidths(layout: String, width: Int, outWidth: Int, outHeight: Int) throws {
        let joined = try output(
            equirectangularFrame(160, 80), 160, 80,
            through: "cubemapsplit face-size=32 overlap=4 ! cubemapjoin layout=\(layout) width=\(width)")
        #expect(joined.width == outWidth && joined.height == outHeight)
        // And back, with the layout detected from the aspect ratio.
        let back = try output(
            joined.bytes, outWidth, outHeight, through: "cubemapsplit overlap=4 ! cubemapjoin layout=1x6")
        let faces = try output(
            equirectangularFrame(160, 80), 160, 80,
            through: "cubemapsplit face-size=\(back.width) overlap=4 ! cubemapjoin layout=1x6")
        #expect(faces.width == back.width && faces.height == back.height)
        // Small faces lose some quality; wrongly ordered or rotated faces would be below 20 dB.
        let quality = ratio(pixels(faces), pixels(back))
        #expect(quality > 25, "\(quality) dB")
    }

    @Test(arguments: [(101, 51), (99, 49), (640, 322), (35, 18)])
    func oddSizes(width: Int, height: Int) throws {
        let joined = try output(
            equirectangularFrame(width, height), width, height, through: "cubemapsplit overlap=3 ! cubemapjoin")
        #expect(abs(joined.width - width) <= 2 && joined.height == joined.width / 2)
    }

    @Test func timesAndMetas() throws {
        let pipeline = try #require(StylePipeline("cubemapsplit overlap=8 ! queue ! cubemapjoin"))
        pipeline.set(caps: 128, 64)
        pipeline.start()
        for index in 0..<3 {
            let time = 7_000_000_000 + UInt64(index) * 33_366_667
            pipeline.push(equirectangularFrame(128, 64), time: time) {
                gst_buffer_add_video_region_of_interest_meta($0, "face", 1, 2, 3, 4)
                let caps = gst_caps_from_string("timestamp/x-test")
                gst_buffer_add_reference_timestamp_meta($0, caps, 123, GstClockTime.max)
                gst_mini_object_unref(caps.map(miniObject))
            }
            var references = 0
            var isCubeMap = false
            let output = try #require(
                pipeline.pull {
                    references += gst_buffer_get_reference_timestamp_meta($0, nil) == nil ? 0 : 1
                    isCubeMap = CubeMapMeta.find(in: $0, width: 32 + 16, height: 6 * 48) != nil
                })
            #expect(output.time == time && output.duration == 40_000_000)
            // Metas of the whole frame stay, those with positions are dropped.
            #expect(references == 1 && output.regionCount == 0 && !isCubeMap)
        }
    }

    @Test func anotherSizeGoesOn() throws {
        let pipeline = try #require(StylePipeline("cubemapsplit overlap=8 ! queue ! cubemapjoin"))
        pipeline.start()
        for (width, height) in [(128, 64), (256, 128), (96, 64), (128, 64)] {
            pipeline.set(caps: width, height)
            pipeline.push(
                width == 96 ? patternFrame(width, height) : equirectangularFrame(width, height), time: 0)
            let output = try #require(pipeline.pull(), "\(pipeline.messages(GST_MESSAGE_ERROR))")
            // A 3x2 cube map of 32-pixel faces corresponds to 128x64.
            #expect(output.width == (width == 96 ? 128 : width) && output.height == (width == 96 ? 64 : height))
        }
    }

    @Test func nonSphericalFrames() throws {
        let text = try failure(100, 60, through: "cubemapsplit")
        #expect(text.contains("100x60") && text.contains("100x50") && text.contains("3x2"), "\(text)")
        let wrong = try failure(128, 64, through: "cubemapsplit layout=3x2")
        #expect(wrong.contains("3x2") && wrong.contains("128x64"), "\(wrong)")
    }

    @Test func facesTooSmallForTheOverlap() throws {
        let text = try failure(128, 64, through: "cubemapsplit")
        #expect(text.contains("too small") && text.contains("64"), "\(text)")
    }

    @Test(arguments: [
        "cubemapjoin", "identity ! cubemapjoin", "spherestylize", "opticalflow ! spherestylize",
    ])
    func missingCubemapsplit(chain: String) throws {
        let text = try failure(96, 576, through: chain)
        #expect(text.contains("Put a cubemapsplit before it"), "\(text)")
    }

    @Test func scaledFaces() throws {
        let text = try failure(
            128, 64,
            through: "cubemapsplit overlap=8 ! videoscale ! video/x-raw,width=60,height=360 ! cubemapjoin")
        #expect(text.contains("cubemapsplit") && text.contains("size"), "\(text)")
    }

    @Test func invalidWidth() throws {
        let text = try failure(128, 64, through: "cubemapsplit overlap=8 ! cubemapjoin layout=3x2 width=100")
        #expect(text.contains("width=100") && text.contains("99x66"), "\(text)")
    }
}
