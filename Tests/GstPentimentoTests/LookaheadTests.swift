import CGStreamer
import GstPentimento
import Imaging
import Style
import TestSupport
import Testing

/// `lookahead`: frames that are not painted wait for the next one.
@Suite(.serialized) struct LookaheadTests {
    private let chain = "opticalflow ! occlusioncheck ! queue ! flowwarp ! queue ! stylize name=stylize every=2"

    /// A frame per index and shift of the pattern; the stream then ends.
    private func outputs(
        _ shifts: [Int], _ chain: String, size: (Int, Int) = (48, 32)
    ) throws -> [StylePipeline.Output] {
        let pipeline = try #require(StylePipeline(chain))
        pipeline.set(caps: size.0, size.1)
        pipeline.start()
        for (index, shift) in shifts.enumerated() {
            pipeline.push(patternFrame(size.0, size.1, shift: shift), time: UInt64(index) * 40_000_000)
        }
        pipeline.endStream()
        var outputs: [StylePipeline.Output] = []
        while let output = pipeline.pull() { outputs.append(output) }
        #expect(pipeline.messages(GST_MESSAGE_ERROR).isEmpty)
        return outputs
    }

    /// The last frame of an even number is held at the end.
    @Test(arguments: [1, 2, 5, 6]) func allFramesComeOutInOrder(count: Int) throws {
        let outputs = try outputs(Array(0..<count), chain)
        #expect(outputs.map(\.time) == (0..<count).map { UInt64($0) * 40_000_000 })
        #expect(outputs.allSatisfy { $0.duration == 40_000_000 })
    }

    @Test func elementsMatchTheStylizerClass() throws {
        var settings = CoherentStylizer.Settings(style: StyleRequest(model: "scream"))
        settings.every = 2
        settings.lookahead = true
        #expect(
            try outputs([0, 1, 2, 3, 4, 5], chain).map(\.bytes)
                == frames([0, 1, 2, 3, 4, 5], settings, isHeld: [false, true, false, true, false, true]))
    }

    /// In frames that have more pixels than network and flow work on.
    @Test(arguments: [("live", PaintingPreset.live), ("balanced", .balanced), ("best", .best)])
    func qualitiesMatchTheStylizerClass(name: String, preset: PaintingPreset) throws {
        let (shifts, size) = ([0, 1, 3], (1000, 560))
        let settings = CoherentStylizer.Settings(style: StyleRequest(model: "scream"), preset: preset)
        #expect(
            try outputs(shifts, "coherentstylize quality=\(name)", size: size).map(\.bytes)
                == frames(shifts, settings, size: size, isHeld: shifts.indices.map { preset.every == 2 && $0 % 2 == 1 })
        )
    }

    /// What the class makes of such frames.
    private func frames(
        _ shifts: [Int], _ settings: CoherentStylizer.Settings, size: (Int, Int) = (48, 32), isHeld expected: [Bool]
    ) throws -> [[UInt8]] {
        let stylizer = try CoherentStylizer(settings, library: ModelLibrary(folders: [StylePipeline.models]))
        let frames = shifts.map { patternFrame(size.0, size.1, shift: $0) }
        let count = frames[0].count
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count * frames.count, alignment: 64)
        defer { memory.deallocate() }
        var isHeld: [Bool] = []
        for (index, frame) in frames.enumerated() {
            let base = memory + index * count
            base.copyMemory(from: frame, byteCount: count)
            isHeld.append(
                try stylizer.stylize(
                    PackedPixels(base: base, stride: count / size.1, width: size.0, height: size.1, layout: .rgb),
                    time: Double(index) * 0.04
                ).isHeld)
        }
        #expect(isHeld == expected)
        stylizer.finish()
        return frames.indices.map { Array(UnsafeRawBufferPointer(start: memory + $0 * count, count: count)) }
    }

    /// Only frames between are held, so that they alone differ.
    @Test func paintedFramesStayAsTheyAre() throws {
        let shifts = [0, 2, 4, 6, 8]
        let (with, without) = try (outputs(shifts, chain), outputs(shifts, chain + " lookahead=false"))
        #expect(with.indices.map { with[$0].bytes == without[$0].bytes } == [true, false, true, false, true])
    }

    /// Frame 1 waits for frame 2, which is another scene: the network paints it.
    @Test func aCutSaysNothingAboutTheFrameBefore() throws {
        let scene = [0, 1].map { patternFrame(48, 32, shift: $0) }
        let other = patternFrame(48, 32, shift: 20)
        func outputs(_ properties: String) throws -> [[UInt8]] {
            let pipeline = try #require(StylePipeline(chain + properties))
            pipeline.set(caps: 48, 32)
            pipeline.start()
            for (index, frame) in (scene + [other]).enumerated() {
                // A gap of a minute.
                pipeline.push(frame, time: UInt64(index < 2 ? index : 1500) * 40_000_000)
            }
            return try (0..<3).map { _ in try #require(pipeline.pull()).bytes }
        }
        let (held, painted) = try (outputs(""), outputs(" every=1"))
        #expect(held == painted)
        #expect(try outputs(" lookahead=false") != painted)
    }

    @Test func framesOfTheOldSizeComeOutFirst() throws {
        let pipeline = try #require(StylePipeline(chain))
        pipeline.set(caps: 48, 32)
        pipeline.start()
        for index in 0..<2 { pipeline.push(patternFrame(48, 32, shift: index), time: UInt64(index) * 40_000_000) }
        pipeline.set(caps: 40, 24)
        pipeline.push(patternFrame(40, 24), time: 80_000_000)
        let sizes = try (0..<3).map { _ in try #require(pipeline.pull()).width }
        #expect(sizes == [48, 48, 40])
    }

    @Test func aFlushDropsTheHeldFrame() throws {
        let pipeline = try #require(StylePipeline(chain))
        pipeline.set(caps: 48, 32)
        pipeline.start()
        for index in 0..<2 { pipeline.push(patternFrame(48, 32, shift: index), time: UInt64(index) * 40_000_000) }
        #expect(pipeline.pull()?.time == 0)
        pipeline.flush()
        pipeline.push(patternFrame(48, 32), time: 400_000_000)
        #expect(pipeline.pull()?.time == 400_000_000)
        pipeline.stop()
        #expect(pipeline.messages(GST_MESSAGE_ERROR).isEmpty)
    }

    /// A frame is on its way for as long as the held one waits.
    @Test func aHeldFrameCountsAsLatency() throws {
        func latency(_ properties: String) throws -> UInt64 {
            let pipeline = try TestPipeline(
                "videotestsrc is-live=true ! video/x-raw,width=64,height=48,format=RGB,framerate=20/1 ! "
                    + chain + properties + " ! fakesink")
            let painted = try PadCounter(buffersAt: "src", of: "stylize", in: pipeline)
            pipeline.play()
            painted.wait(for: 6)
            let query = try #require(gst_query_new_latency())
            defer { gst_mini_object_unref(UnsafeMutableRawPointer(query).assumingMemoryBound(to: GstMiniObject.self)) }
            let pad = try #require(gst_element_get_static_pad(try pipeline.child("stylize"), "src"))
            defer { gst_object_unref(pad) }
            #expect(gst_pad_query(pad, query) != 0)
            var minimum: GstClockTime = 0
            gst_query_parse_latency(query, nil, &minimum, nil)
            return UInt64(minimum)
        }
        let (with, without) = try (latency(""), latency(" lookahead=false"))
        #expect(with > without + 25_000_000)
    }

    /// A base class that drops a frame would mark the next one as discontinuous.
    @Test func noFrameIsMarkedDiscontinuous() throws {
        let pipeline = try #require(StylePipeline(chain))
        pipeline.set(caps: 48, 32)
        pipeline.start()
        for index in 0..<6 { pipeline.push(patternFrame(48, 32, shift: index), time: UInt64(index) * 40_000_000) }
        pipeline.endStream()
        var flags: [Bool] = []
        while pipeline.pull(inspect: {
            flags.append($0.pointee.mini_object.flags & GST_BUFFER_FLAG_DISCONT.rawValue != 0)
        })
            != nil
        {}
        #expect(flags == [true, false, false, false, false, false])
    }
}
