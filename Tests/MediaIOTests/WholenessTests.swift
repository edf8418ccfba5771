import Conversions
import Foundation
import MediaIO
import TestSupport
import Testing

/// Files that are whole are not taken for damaged ones, whatever lasts longer in them than the pictures, and files that are cut short
/// are not taken for whole.
@Suite struct WholenessTests {
    private static let pictures = "-f lavfi -i testsrc2=s=64x48:r=25:d=1"

    @Test(arguments: [
        ("sound.mkv", "-f lavfi -i sine=d=4 -c:v mpeg4 -c:a aac"),
        ("sound.webm", "-f lavfi -i sine=d=4 -c:v libvpx -c:a libopus"),
        ("sound.flv", "-f lavfi -i sine=d=4 -c:v flv1 -c:a libmp3lame -ar 44100"),
        ("sound.mp4", "-f lavfi -i sine=d=4 -c:v mpeg4 -c:a aac"),
        ("sound.avi", "-f lavfi -i sine=d=4 -c:v mpeg4 -c:a mp2"),
        ("sound.nut", "-f lavfi -i sine=d=4 -c:v mpeg4 -c:a mp2"),
        ("sound.asf", "-f lavfi -i sine=d=4 -c:v wmv2 -c:a wmav2"),
        ("late.mkv", "-itsoffset 3 -f lavfi -i sine=d=2 -c:v mpeg4 -c:a aac"),
        ("late.mp4", "-itsoffset 3 -f lavfi -i sine=d=2 -c:v mpeg4 -c:a aac"),
        ("late.ts", "-itsoffset 3 -f lavfi -i sine=d=2 -c:v mpeg2video -c:a aac"),
        ("subtitles.mkv", "-i TEXT -c:v mpeg4 -c:s srt"), ("subtitles.mp4", "-i TEXT -c:v mpeg4 -c:s mov_text"),
    ])
    func whatLastsLongerIsNoDamage(name: String, options: String) throws {
        let shop = try Workshop()
        try Data("1\n00:00:00,500 --> 00:00:01,000\none\n\n2\n00:01:00,000 --> 00:01:01,000\ntwo\n".utf8).write(
            to: URL(fileURLWithPath: shop.path("text.srt")))
        let input = shop.path(name)
        let options = options.replacing("TEXT", with: shop.path("text.srt"))
        _ = try Peer.run("ffmpeg", "\(Self.pictures) \(options)", [input])
        let conversion = try Conversion(
            MediaInput(input), to: shop.path("out.mkv"), filter: "identity", settings: .init())
        #expect(try conversion.run().frames == 25)
        #expect(!conversion.notes.contains { $0.contains("short") }, "\(conversion.notes)")
    }

    @Test(arguments: [
        ("tags.mkv", "-c:v mpeg4"), ("sound.mkv", "-f lavfi -i sine=d=1 -c:v mpeg4 -c:a aac"),
        ("sound.flv", "-f lavfi -i sine=d=1 -c:v flv1 -c:a libmp3lame -ar 44100"),
    ])
    func halfAFileIsRefused(name: String, options: String) throws {
        let shop = try Workshop()
        _ = try Peer.run("ffmpeg", "\(Self.pictures) \(options)", [shop.path("whole.\(name)")])
        let bytes = try Data(contentsOf: URL(fileURLWithPath: shop.path("whole.\(name)")))
        try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: shop.path(name)))
        let conversion = try Conversion(
            MediaInput(shop.path(name)), to: shop.path("out.mkv"), filter: "identity", settings: .init())
        let error = #expect(throws: MediaError.self) { try conversion.run() }
        #expect(error?.description.contains("is cut short") == true, "\(error?.description ?? "")")
    }
}
