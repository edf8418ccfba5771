import Conversions
import Foundation
import MediaIO
import TestSupport
import Testing

/// What is taken of files with several streams, and what is said of it.
@Suite(.serialized) struct FurtherStreamsTests {
    private static func color(_ name: String) -> String { "-f lavfi -i color=\(name):size=64x48:rate=25:duration=0.4" }

    private func convert(_ input: String, in shop: Workshop) throws -> (notes: [String], frames: Int) {
        var settings = Conversion.Settings()
        settings.replacing = true
        let conversion = try Conversion(
            MediaInput(input), to: shop.path("out.mkv"), filter: "identity", settings: settings)
        let frames = try conversion.run().frames
        return (conversion.notes, frames)
    }

    /// Of several videos, the default one is taken, as players do, and the others are said to be left out.
    @Test func theDefaultVideoIsTaken() throws {
        let shop = try Workshop()
        let input = shop.path("two.mkv")
        _ = try Peer.run(
            "ffmpeg",
            "\(Self.color("red")) \(Self.color("blue")) -map 0 -map 1 -c:v mpeg4 -disposition:v:0 0 -disposition:v:1 default",
            [input])
        #expect(try convert(input, in: shop).notes == ["further pictures (mpeg4): left out"])
        let pixel = [UInt8](
            try Peer.run("ffmpeg", "-i \(shop.path("out.mkv")) -frames:v 1 -pix_fmt rgb24 -f rawvideo -").prefix(3))
        #expect(pixel[0] < 60 && pixel[2] > 200, "\(pixel)")
    }

    /// Fields that begin in mid-stream are made progressive, which is said.
    @Test func fieldsThatComeLateAreSaid() throws {
        let shop = try Workshop()
        var bytes = Data()
        for (name, options) in [("a.ts", ""), ("b.ts", "-flags +ilme+ildct -top 1 -output_ts_offset 0.4")] {
            _ = try Peer.run("ffmpeg", "\(Self.color("red")) -c:v mpeg2video \(options)", [shop.path(name)])
            bytes += try Data(contentsOf: URL(fileURLWithPath: shop.path(name)))
        }
        try bytes.write(to: URL(fileURLWithPath: shop.path("both.ts")))
        #expect(try convert(shop.path("both.ts"), in: shop).notes.contains { $0.hasPrefix("interlaced frames: made") })
    }

    /// Pictures of a camera, one behind the other, are a video, whatever the file is called.
    @Test func picturesBehindEachOther() throws {
        let shop = try Workshop()
        for name in ["camera.jpg", "camera"] {
            _ = try Peer.run("ffmpeg", "\(Self.color("red")) -c:v mjpeg -f mjpeg", [shop.path(name)])
            #expect(try convert(shop.path(name), in: shop).frames == 10)
        }
    }

    /// A subtitle as long as a chapter of a book is no reason to give up a video.
    @Test func aLongSubtitle() throws {
        let shop = try Workshop()
        let text = String(repeating: "many words ", count: 7000)
        try "1\n00:00:00,000 --> 00:00:00,300\n\(text)\n".write(
            toFile: shop.path("s.srt"), atomically: true, encoding: .utf8)
        let input = shop.path("in.mkv")
        _ = try Peer.run(
            "ffmpeg", "\(Self.color("red")) -i \(shop.path("s.srt")) -map 0 -map 1 -c:v mpeg4 -c:s srt", [input])
        let conversion = try Conversion(
            MediaInput(input), to: shop.path("out.webm"), filter: "identity", settings: .init())
        #expect(try conversion.run().frames == 10)
    }
}
