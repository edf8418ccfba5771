import Foundation
import Support
import TestSupport
import Testing

/// Frames without a codec, for other programs.
@Suite struct PlainOutputTests {
    private let shop: Workshop

    init() throws { shop = try Workshop() }

    /// Makes a clip of five frames with ffmpeg.
    private func makeClip(_ options: String) throws -> String {
        let path = shop.path("clip.mkv")
        let outcome = try Program.run(
            "/usr/bin/env",
            [
                "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=r=30000/1001:s=96x64", "-f", "lavfi", "-i",
                "sine",
            ]
                + options.split(separator: " ").map(String.init)
                + ["-frames:v", "5", "-shortest", "-c:v", "ffv1", "-c:a", "flac", path])
        try #require(outcome.status == 0, "\(outcome.errors)")
        return path
    }

    private func shell(_ script: String) throws -> Outcome {
        try Program.run(
            "/bin/bash",
            ["-o", "pipefail", "-c", "stylize() { \"\(Program.pentimento)\" stylize --strength 0 \"$@\"; }; \(script)"])
    }

    /// What ffprobe says of a stream.
    private func facts(_ path: String) throws -> String {
        try Program.peer(
            "ffprobe", "-select_streams", "v", "-show_entries",
            "stream=codec_name,width,height,pix_fmt,r_frame_rate,sample_aspect_ratio,color_range", "-of", "csv=p=0",
            path
        ).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static let tags = "-colorspace bt709 -color_trc bt709 -color_primaries bt709 -color_range tv"

    /// Without painting, frames are those of the clip, unless their chroma is not subsampled any more.
    @Test(arguments: [
        ("-pix_fmt yuv420p \(tags)", "", "rawvideo,96,64,1:1,yuv420p,tv,30000/1001"),
        ("-pix_fmt yuv420p -vf setsar=4/3 \(tags)", "", "rawvideo,96,64,4:3,yuv420p,tv,30000/1001"),
        ("-pix_fmt yuv420p -vf scale=95:63 \(tags)", "", "rawvideo,95,63,1:1,yuv444p,tv,30000/1001"),
        ("-pix_fmt yuv420p10le \(tags)", "--bit-depth 10", "rawvideo,96,64,1:1,yuv420p10le,tv,30000/1001"),
        ("-pix_fmt yuv420p -color_range pc", "", "rawvideo,96,64,1:1,yuv420p,pc,30000/1001"),
    ])
    func y4m(source: String, options: String, facts expected: String) throws {
        let clip = try makeClip(source)
        let outcome = try shell("stylize \(clip) \(options) -o - --container y4m > \(shop.path("out.y4m"))")
        #expect(outcome.status == 0 && outcome.errors.contains("5 frames"), "\(outcome.errors)")
        #expect(outcome.errors.contains("sound (flac): left out, as .y4m does not hold it"), "\(outcome.errors)")
        #expect(try facts(shop.path("out.y4m")) == expected)
        var format = expected.split(separator: ",").map(String.init)[4]
        if source.contains("pc") { format = "yuvj420p" }
        let frames = try pixels("out.y4m", format)
        if format != "yuv444p" { #expect(try frames == pixels("clip.mkv", format)) }
        // The encoder of Matroska gets the same.
        let video = try shell("stylize \(clip) \(options) -o \(shop.path("out.mkv")) --quality 100")
        #expect(video.status == 0, "\(video.errors)")
        let coded = try pixels("out.mkv", format)
        #expect(frames.count == coded.count)
        if !format.contains("10") {
            let difference = zip(frames, coded).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
            #expect(difference < 2 * frames.count, "\(difference) of \(frames.count)")
        }
        #expect(try shell("stylize \(clip) \(options) -o \(shop.path("by.y4m"))").status == 0)
        #expect(try Files.read(shop.path("by.y4m")) == Files.read(shop.path("out.y4m")))
    }

    /// Frames as ffmpeg reads them.
    private func pixels(_ name: String, _ format: String) throws -> Data {
        try Peer.run("ffmpeg", "-i", [shop.path(name), "-map", "0:v", "-pix_fmt", format, "-f", "rawvideo", "-"])
    }

    /// Without painting, lossless frames are those of the clip.
    @Test func framesAreThoseOfTheChain() throws {
        let clip = try makeClip("-pix_fmt rgb24")
        let outcome = try shell("stylize \(clip) -o - --container raw > \(shop.path("out.rgb"))")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("raw frames: RGB24, 96x64, 30000/1001 frames/s"), "\(outcome.errors)")
        #expect(try Data(Files.read(shop.path("out.rgb"))) == pixels("clip.mkv", "rgb24"))
    }

    /// Another encoder takes it from the pipe.
    @Test func anEncoderReadsIt() throws {
        let clip = try makeClip("-pix_fmt yuv420p")
        let outcome = try shell(
            "stylize \(clip) -o - --container y4m | ffmpeg -v error -f yuv4mpegpipe -i - -c:v libx264 \(shop.path("out.mp4"))"
        )
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try Workshop.times(of: shop.path("out.mp4")).count == 5)
    }

    @Test func whatCannotBeWritten() throws {
        let clip = try makeClip("-pix_fmt yuv420p")
        let varying = shop.path("varying.mkv")
        _ = try Program.peer(
            "ffmpeg", "-f", "lavfi", "-i", "testsrc2=r=25:s=96x64:d=1", "-vf", "select='not(eq(mod(n,3),1))'", "-vsync",
            "vfr", "-c:v", "ffv1", varying)
        let cases = [
            ("stylize \(varying) -o \(shop.path("out.y4m"))", 1, "frames of a constant rate"),
            ("stylize \(varying) -o \(shop.path("out.rgb")) --container raw", 0, "raw frames"),
            ("stylize \(clip) -o \(shop.path("out.mp4")) --container y4m", 1, "its ending is that of another format"),
            ("stylize \(clip) \(varying) -o \(shop.path("out/")) --container y4m", 2, "belongs to one output"),
            ("stylize \(clip) -o - --container y4m | head -c 100 > /dev/null", 1, "Broken pipe"),
        ]
        for (script, status, words) in cases {
            let outcome = try shell(script)
            #expect(outcome.status == Int32(status) && outcome.errors.contains(words), "\(script): \(outcome.errors)")
        }
        #expect(shop.files == ["clip.mkv", "out.rgb", "varying.mkv"])
    }
}
