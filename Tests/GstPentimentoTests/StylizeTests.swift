import CGStreamer
import CGStreamerCheck
import GStreamerKit
import Imaging
import TestSupport
import Testing

@Suite(.serialized) struct StylizeTests {
    /// The output for one frame.
    private func stylized(
        _ bytes: [UInt8], _ width: Int, _ height: Int, _ layout: PixelLayout = .rgb, properties: String = ""
    ) throws -> [UInt8] {
        let pipeline = try #require(StylePipeline("stylize \(properties)"))
        pipeline.set(caps: width, height, layout)
        pipeline.start()
        pipeline.push(bytes, time: 0)
        return try #require(pipeline.pull()).bytes
    }

    @Test func allFormatsGiveTheSameImageAndKeepTheirFourthByte() throws {
        let reference = try stylized(patternFrame(30, 22), 30, 22)
        #expect(reference != patternFrame(30, 22))
        for layout in PixelLayout.all {
            let before = patternFrame(30, 22, layout)
            let after = try stylized(before, 30, 22, layout)
            let stride = (30 * layout.bytesPerPixel + 3) / 4 * 4
            for y in 0..<22 {
                for x in 0..<30 {
                    let pixel = y * stride + x * layout.bytesPerPixel
                    let wanted = y * 92 + x * 3
                    #expect(after[pixel + layout.red] == reference[wanted])
                    #expect(after[pixel + layout.green] == reference[wanted + 1])
                    #expect(after[pixel + layout.blue] == reference[wanted + 2])
                    if layout.bytesPerPixel == 4 {
                        let fourth = 6 - layout.red - layout.green - layout.blue
                        #expect(after[pixel + fourth] == before[pixel + fourth])
                    }
                }
            }
        }
    }

    @Test(arguments: [(1, 1), (3, 5), (17, 1), (1, 40), (2051, 3)])
    func anySize(width: Int, height: Int) throws {
        let bytes = patternFrame(width, height)
        let after = try stylized(bytes, width, height)
        #expect(after.count == bytes.count && after != bytes)
    }

    @Test func timesAndForeignMetasStay() throws {
        let pipeline = try #require(StylePipeline("stylize"))
        pipeline.set(caps: 20, 16)
        pipeline.start()
        for index in 0..<3 {
            pipeline.push(patternFrame(20, 16), time: 7_000_000_000 + UInt64(index) * 33_366_667) {
                gst_buffer_add_video_region_of_interest_meta($0, "face", 1, 2, 3, 4)
            }
            let output = try #require(pipeline.pull())
            #expect(output.time == 7_000_000_000 + UInt64(index) * 33_366_667)
            #expect(output.duration == 40_000_000)
            #expect(output.regionCount == 1)
        }
    }

    @Test func strengthZeroPassesFramesUnchanged() throws {
        let bytes = patternFrame(31, 17, .bgra)
        #expect(try stylized(bytes, 31, 17, .bgra, properties: "strength=0") == bytes)
    }

    @Test func propertiesChangeTheImage() throws {
        let bytes = patternFrame(40, 32)
        let plain = try stylized(bytes, 40, 32)
        for properties in ["strength=0.5", "preserve-color=true", "median-filter=3", "median-filter=5", "scale=0.5"] {
            #expect(try stylized(bytes, 40, 32, properties: properties) != plain, "\(properties)")
        }
        // Without a prior the gate is closed. The number of threads does not change the result.
        for properties in ["coherence=2", "threads=1", "image-model=scream"] {
            #expect(try stylized(bytes, 40, 32, properties: properties) == plain, "\(properties)")
        }
    }

    @Test func strengthFollowsAController() throws {
        let pipeline = try #require(StylePipeline("stylize name=stylize"))
        pipeline.withElement("stylize") { object in
            let control = gst_interpolation_control_source_new()
            interpolateLinearly(control)
            let values = UnsafeMutableRawPointer(control).map {
                $0.assumingMemoryBound(to: GstTimedValueControlSource.self)
            }
            gst_timed_value_control_source_set(values, 0, 0)
            gst_timed_value_control_source_set(values, 1_000_000_000, 1)
            let target = UnsafeMutableRawPointer(object).assumingMemoryBound(to: GstObject.self)
            gst_object_add_control_binding(target, gst_direct_control_binding_new(target, "strength", control))
            gst_object_unref(control)
        }
        pipeline.set(caps: 24, 16)
        pipeline.start()
        let bytes = patternFrame(24, 16)
        var distances: [Int] = []
        for time: UInt64 in [0, 500_000_000, 1_000_000_000] {
            pipeline.push(bytes, time: time)
            let output = try #require(pipeline.pull())
            distances.append(zip(output.bytes, bytes).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) })
        }
        #expect(distances[0] == 0)
        #expect(abs(distances[1] * 2 - distances[2]) < distances[2] / 20)
    }

    @Test func newSizeInMidStreamIsPlanned() throws {
        let pipeline = try #require(StylePipeline("opticalflow ! occlusioncheck ! queue ! flowwarp ! queue ! stylize"))
        pipeline.start()
        for (index, (width, height)) in [(24, 16), (24, 16), (37, 9), (37, 9), (24, 16)].enumerated() {
            pipeline.set(caps: width, height)
            pipeline.push(patternFrame(width, height), time: UInt64(index) * 40_000_000)
            let output = try #require(pipeline.pull())
            #expect(output.width == width && output.height == height)
        }
        #expect(pipeline.messages(GST_MESSAGE_ERROR).isEmpty)
    }

    @Test func withoutFlowOneMessageIsPosted() throws {
        let pipeline = try #require(StylePipeline("stylize"))
        pipeline.set(caps: 24, 16)
        pipeline.start()
        for index in 0..<3 {
            pipeline.push(patternFrame(24, 16), time: UInt64(index) * 40_000_000)
            _ = try #require(pipeline.pull())
        }
        let texts = pipeline.messages(GST_MESSAGE_INFO)
        #expect(texts.count == 1)
        #expect(texts.first?.contains("opticalflow ! occlusioncheck ! flowwarp") == true)
    }

    @Test func flowWithoutFlowwarpIsFrameByFrame() throws {
        let pipeline = try #require(StylePipeline("opticalflow ! occlusioncheck ! stylize"))
        pipeline.set(caps: 24, 16)
        pipeline.start()
        let alone = try stylized(patternFrame(24, 16, shift: 1), 24, 16)
        for index in 0..<2 {
            pipeline.push(patternFrame(24, 16, shift: index), time: UInt64(index) * 40_000_000)
            let output = try #require(pipeline.pull())
            if index == 1 { #expect(output.bytes == alone) }
        }
        #expect(pipeline.messages(GST_MESSAGE_INFO).contains { $0.contains("There is no flowwarp") })
    }

    @Test func missingModelIsAnErrorAtTheStart() throws {
        for (model, word) in [
            ("screem", "did you mean \"scream\""), ("/nowhere/x.safetensors", "/nowhere/x.safetensors"),
        ] {
            let pipeline = try #require(StylePipeline("stylize model=\(model)"))
            pipeline.set(caps: 24, 16)
            pipeline.start()
            let texts = pipeline.messages(GST_MESSAGE_ERROR, within: 10)
            #expect(texts.first?.contains(word) == true, "\(texts)")
        }
    }
}

/// A control source with linear interpolation.
private func interpolateLinearly(_ control: UnsafeMutablePointer<GstControlSource>?) {
    guard let control else { return }
    gst_util_set_object_arg(UnsafeMutableRawPointer(control).assumingMemoryBound(to: GObject.self), "mode", "linear")
}
