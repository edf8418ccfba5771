import CGStreamer
import GStreamerKit
import GstPentimento
import Imaging
import Testing

/// Luma and chroma in and out, against the same elements on packed pixels between two of GStreamer's converters.
@Suite struct YUVFormatTests {
    static let planar = FrameFormats.all.names.filter { PixelLayout(name: $0) == nil }
    private static let chain =
        "opticalflow ! occlusioncheck ! flowwarp ! stylize name=style model=scream brush=0"

    private func frames(_ caps: String, through text: String, as last: String) throws -> [OutputFrame] {
        let pipeline = try TestPipeline(
            "videotestsrc pattern=smpte75 horizontal-speed=3 num-buffers=3 ! video/x-raw,\(caps),framerate=25/1 ! \(text) "
                + "! \(last) ! appsink name=out sync=false")
        pipeline.play()
        return try pipeline.pullAll()
    }

    private func meanDifference(_ first: OutputFrame, _ second: OutputFrame) -> Double {
        let pairs = zip(first.bytes, second.bytes)
        return pairs.reduce(0) { $0 + abs(Double($1.0) - Double($1.1)) } / Double(max(first.bytes.count, 1))
    }

    /// Finds swapped planes and wrong sizes. A painting's colours differ by 5 to 7 levels, since one is subsampled; that they
    /// are right is tested without a network, by `FramePixelsTests`.
    @Test(arguments: planar, ["bt601", "bt709", "bt2020", "1:3:5:1"])
    func resultsAreThoseOfPackedPixels(format: String, colorimetry: String) throws {
        let site = colorimetry == "1:3:5:1" ? "jpeg" : "mpeg2"
        let caps = "format=\(format),width=64,height=48,colorimetry=\(colorimetry),chroma-site=\(site)"
        let rgb = "videoconvert dither=none chroma-resampler=cubic ! video/x-raw,format=RGB,width=64,height=48"
        let ours = try frames(caps, through: Self.chain, as: rgb)
        let theirs = try frames(caps, through: "\(rgb) ! \(Self.chain)", as: rgb)
        try #require(ours.count == 3 && theirs.count == 3)
        for (one, other) in zip(ours, theirs) { #expect(meanDifference(one, other) < 9) }
    }

    @Test(arguments: planar, [(64, 48), (32, 16)])
    func strengthZeroIsBitExact(format: String, size: (Int, Int)) throws {
        let caps = "format=\(format),width=\(size.0),height=\(size.1)"
        let same = "video/x-raw,format=\(format)"
        let before = try frames(caps, through: "identity", as: same)
        let after = try frames(caps, through: "coherentstylize strength=0", as: same)
        #expect(before.count == 3 && before.map(\.bytes) == after.map(\.bytes))
    }

    /// With 10 bits there are levels between those of 8.
    @Test(arguments: ["I420_10LE", "P010_10LE"]) func tenBitsStayTenBits(format: String) throws {
        let caps = "format=\(format),width=64,height=48"
        let output = try #require(try frames(caps, through: Self.chain, as: "video/x-raw,format=\(format)").last)
        let shift = format == "P010_10LE" ? 6 : 0
        let bytes = output.bytes
        let words = (0..<64 * 48).map { index -> Int in
            let word = Int(bytes[2 * index]) + 256 * Int(bytes[2 * index + 1])
            return word >> shift
        }
        #expect(words.allSatisfy { $0 < 1024 })
        #expect(Set(words.map { $0 % 4 }).count == 4)
    }

    @Test(arguments: planar, [(33, 17), (2, 1), (1, 1)])
    func everyElementTakesEverySize(format: String, size: (Int, Int)) throws {
        let caps = "format=\(format),width=\(size.0),height=\(size.1)"
        let text = "\(Self.chain) metas=keep ! flowdraw opacity=0.5 ! temporalmeter"
        #expect(try frames(caps, through: text, as: "video/x-raw,format=\(format)").count == 3)
    }

    /// The paddings of a GstVideoMeta, and a crop.
    @Test func stridesAndOffsetsOfTheVideoMetaAreUsed() throws {
        let caps = "format=NV12,width=64,height=48"
        let text = "videocrop left=6 right=2 top=4 ! video/x-raw,width=56,height=44 ! \(Self.chain)"
        let last = "video/x-raw,format=NV12"
        let cropped = try frames(caps, through: text, as: last)
        let copied = try frames(
            caps, through: "videocrop left=6 right=2 top=4 ! videoconvert ! video/x-raw,format=I420 ! \(Self.chain)",
            as: "videoconvert ! \(last)")
        #expect(cropped.count == 3 && cropped.map(\.bytes) == copied.map(\.bytes))
    }
}
