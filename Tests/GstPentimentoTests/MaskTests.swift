import CGStreamer
import GStreamerKit
import GstPentimento
import Imaging
import MediaIO
import Support
import TestSupport
import Testing

/// Masks of `stylize` and `coherentstylize`: from alpha, pictures and metas.
@Suite(.serialized) struct MaskTests {
    /// A folder with pictures that are masks.
    private final class Pictures {
        let folder: TemporaryFolder
        init() throws { folder = try TemporaryFolder() }

        /// A grey picture.
        func make(_ name: String, width: Int = 5, height: Int = 3, _ level: (Int) -> Float) throws -> String {
            let path = folder.path(name)
            let row = (0..<width).map(level)
            let plane = (0..<height).flatMap { _ in row }
            try Image(width: width, height: height, samples: plane + plane + plane).write(to: path)
            return path
        }
    }

    private static let formats = ["RGB", "BGRx", "I420", "NV12", "YUY2", "I420_10LE", "P010_10LE"]

    private func frames(_ caps: String, through text: String, count: Int = 3) throws -> [[UInt8]] {
        let pipeline = try TestPipeline(
            "videotestsrc pattern=smpte75 horizontal-speed=3 num-buffers=\(count) ! video/x-raw,\(caps),framerate=25/1 ! "
                + "\(text) ! appsink name=out sync=false")
        pipeline.play()
        return try pipeline.pullAll().map(\.bytes)
    }

    @Test(arguments: formats, [(64, 48), (40, 18)])
    func blackKeepsAndWhitePaints(format: String, size: (Int, Int)) throws {
        let pictures = try Pictures()
        let black = try pictures.make("black.png") { _ in 0 }
        let white = try pictures.make("white.png") { _ in 255 }
        let caps = "format=\(format),width=\(size.0),height=\(size.1)"
        let original = try frames(caps, through: "identity")
        for element in ["stylize", "coherentstylize", "coherentstylize every=2"] {
            let painted = try frames(caps, through: element)
            #expect(painted.count == 3 && painted != original)
            let masked = "\(element) mask=picture mask-location="
            #expect(try frames(caps, through: masked + black) == original)
            #expect(try frames(caps, through: masked + white) == painted)
            #expect(try frames(caps, through: "\(masked)\(black) mask-invert=true") == painted)
            #expect(try frames(caps, through: "\(masked)\(white) mask-invert=true mask-feather=7") == original)
        }
    }

    /// Alpha says where, and stays what it is.
    @Test func alphaIsAMaskAndStays() throws {
        var bytes = patternFrame(40, 24, .rgba)
        for pixel in 0..<40 * 24 { bytes[4 * pixel + 3] = pixel % 40 < 13 ? 0 : pixel % 40 < 21 ? 120 : 255 }
        func result(_ properties: String) throws -> [UInt8] {
            let pipeline = try #require(StylePipeline("stylize \(properties)"))
            pipeline.set(caps: 40, 24, .rgba)
            pipeline.start()
            pipeline.push(bytes, time: 0)
            return try #require(pipeline.pull()).bytes
        }
        let (whole, masked) = (try result("mask=none"), try result("mask=alpha"))
        for pixel in 0..<40 * 24 {
            let range = 4 * pixel..<4 * pixel + 4
            #expect(masked[4 * pixel + 3] == bytes[4 * pixel + 3])
            if pixel % 40 < 13 { #expect(masked[range] == bytes[range]) }
            if pixel % 40 >= 21 { #expect(masked[range] == whole[range]) }
            for index in range {
                #expect(masked[index] >= min(bytes[index], whole[index]))
                #expect(masked[index] <= max(bytes[index], whole[index]))
            }
        }
        #expect(try result("mask=alpha threads=1") == masked)
    }

    @Test func withoutAlphaEverythingIsPaintedAndSaid() throws {
        let pipeline = try #require(StylePipeline("stylize mask=alpha"))
        pipeline.set(caps: 24, 16)
        pipeline.start()
        for index in 0..<3 {
            pipeline.push(patternFrame(24, 16), time: UInt64(index) * 40_000_000)
            #expect(try #require(pipeline.pull()).bytes != patternFrame(24, 16))
        }
        let texts = pipeline.messages(GST_MESSAGE_WARNING)
        #expect(texts.count == 1 && texts[0].contains("RGBA"), "\(texts)")
    }

    @Test func wrongPicturesAreErrorsAtTheStart() throws {
        let pictures = try Pictures()
        let whole = try pictures.make("whole.png", width: 90, height: 90) { Float($0 % 7) * 30 }
        let bytes = try Files.read(whole)
        let cut = pictures.folder.path("cut.png")
        try Files.write(Array(bytes.prefix(bytes.count / 2)), to: cut)
        let text = pictures.folder.path("text.png")
        try Files.write(Array("no picture".utf8), to: text)
        for (path, word) in [
            ("", "mask-location has to name one"), ("/nowhere/mask.png", "/nowhere/mask.png"), (cut, cut), (text, text),
        ] {
            let pipeline = try #require(StylePipeline("stylize mask=picture mask-location=\"\(path)\""))
            pipeline.set(caps: 24, 16)
            pipeline.start()
            let texts = pipeline.messages(GST_MESSAGE_ERROR, within: 10)
            #expect(texts.first?.contains(word) == true, "\(texts)")
            #expect(texts.first?.contains("white where to paint") == true, "\(texts)")
        }
    }

    @Test(.timeLimit(.minutes(2))) func picturesChangeWhilePlaying() throws {
        let pictures = try Pictures()
        let black = try pictures.make("black.png") { _ in 0 }
        let half = try pictures.make("half.png", width: 2, height: 1) { $0 == 0 ? 255 : 0 }
        let pipeline = try #require(StylePipeline("stylize name=stylize mask=picture mask-location=\(black)"))
        pipeline.set(caps: 24, 16)
        pipeline.start()
        let bytes = patternFrame(24, 16)
        var time: UInt64 = 0
        func next() throws -> [UInt8] {
            pipeline.push(bytes, time: time)
            time += 40_000_000
            return try #require(pipeline.pull()).bytes
        }
        #expect(try next() == bytes)
        pipeline.set("mask-location", of: "stylize", to: half)
        var changed = try next()
        while changed == bytes, !Task.isCancelled { changed = try next() }
        #expect(changed[3 * 23..<3 * 24] == bytes[3 * 23..<3 * 24])
        #expect(changed[0..<3] != bytes[0..<3])
        // A picture that cannot be read changes nothing, and is reported once.
        pipeline.set("mask-location", of: "stylize", to: "/nowhere/mask.png")
        var texts: [String] = []
        while texts.isEmpty, !Task.isCancelled {
            #expect(try next() == changed)
            texts = pipeline.messages(GST_MESSAGE_WARNING)
        }
        for _ in 0..<3 { #expect(try next() == changed) }
        #expect(texts.count == 1 && texts[0].contains("/nowhere/mask.png"), "\(texts)")
        #expect(pipeline.messages(GST_MESSAGE_WARNING).isEmpty)
        pipeline.set("mask", of: "stylize", to: "none")
        #expect(try next() != changed)
    }

    // MARK: - Metas

    /// Attaches a meta to each frame before the stylizer.
    private func painted(
        _ attach: @escaping (UnsafeMutablePointer<GstBuffer>) -> Void
    ) throws -> (frames: [[UInt8]], warnings: [String]) {
        let pipeline = try #require(StylePipeline("stylize"))
        pipeline.set(caps: 24, 16)
        pipeline.start()
        let frames = try (0..<3).map { index in
            pipeline.push(patternFrame(24, 16), time: UInt64(index) * 40_000_000, decorate: attach)
            return try #require(pipeline.pull()).bytes
        }
        return (frames, pipeline.messages(GST_MESSAGE_WARNING))
    }

    @Test func metasOfAnyElementAreTaken() throws {
        let (plain, _) = try painted { _ in }
        let mask = Plane<UInt8>(width: 3, height: 7, repeating: 0)
        let (kept, warnings) = try painted {
            let payload = MaskMeta.payload(mask)
            MaskMeta.attach(payload, width: 3, height: 7, to: $0)
            release(payload)
        }
        #expect(kept.allSatisfy { $0 == patternFrame(24, 16) } && warnings.isEmpty)
        for (width, height) in [(0, 7), (3, 8), (1 << 31, 1 << 31), (Int(UInt32.max), 1)] {
            let (ignored, warnings) = try painted {
                let payload = MaskMeta.payload(mask)
                MaskMeta.attach(payload, width: width, height: height, to: $0)
                release(payload)
            }
            #expect(ignored == plain)
            #expect(warnings.count == 1 && warnings[0].contains("a mask that is invalid"), "\(warnings)")
        }
    }

    /// Scaling keeps a mask, cropping drops it.
    @Test(arguments: [("videoscale ! video/x-raw,width=32,height=24", true), ("videocrop left=16", false)])
    func metasFollowTheImage(element: String, stays: Bool) throws {
        let pipeline = try TestPipeline(
            "videotestsrc num-buffers=2 ! video/x-raw,format=RGB,width=64,height=48,framerate=25/1 ! mask.sink "
                + "videotestsrc num-buffers=2 ! video/x-raw,format=GRAY8,width=8,height=6,framerate=25/1 ! mask.mask "
                + "maskcombine name=mask ! \(element) ! appsink name=out sync=false")
        pipeline.play()
        let frames = try pipeline.pullAll()
        #expect(frames.count == 2)
        #expect(frames.allSatisfy { (MaskMeta.find(in: $0.buffer)?.width == 8) == stays })
    }
}
