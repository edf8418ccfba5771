import Conversions
import Foundation
import MediaIO
import TestSupport
import Testing

/// What files have beside pictures, sounds and subtitles is kept, or one line says that it is left out.
@Suite struct KeptMetadataTests {
    private static let source = "-f lavfi -i testsrc2=s=128x64:r=25:d=0.4"

    private func convert(
        _ input: String, to output: String, _ settings: Conversion.Settings = .init()
    ) throws -> [String] {
        let conversion = try Conversion(MediaInput(input), to: output, filter: "identity", settings: settings)
        _ = try conversion.run()
        return conversion.notes
    }

    /// The kinds of side data of a file's pictures.
    private func sideData(_ path: String) throws -> String {
        try Peer.text(
            "ffprobe", "-select_streams v -show_streams -show_frames -read_intervals %+#3 -of flat", [path])
    }

    @Test func dataAreLeftOut() throws {
        let shop = try Workshop()
        try Data((0..<4000).map { UInt8(truncatingIfNeeded: $0) }).write(
            to: URL(fileURLWithPath: shop.path("data.bin")))
        let input = shop.path("clip.ts")
        _ = try Peer.run(
            "ffmpeg", "\(Self.source) -f data -i \(shop.path("data.bin")) -map 0 -map 1 -c:v mpeg2video -c:d copy",
            [input])
        for ending in ["mp4", "mkv"] {
            let notes = try convert(input, to: shop.path("out.\(ending)"))
            #expect(notes == ["data (unknown): left out, as .\(ending) does not hold it"])
        }
    }

    /// Chapters and time codes are streams of data in QuickTime, which are written anew.
    @Test func timeCodesAndChaptersAreNoData() throws {
        let shop = try Workshop()
        try Data(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=400\ntitle=one\n".utf8).write(
            to: URL(fileURLWithPath: shop.path("facts.txt")))
        let input = shop.path("clip.mov")
        _ = try Peer.run(
            "ffmpeg",
            "\(Self.source) -i \(shop.path("facts.txt")) -map_metadata 1 -c:v mpeg4 -timecode 01:00:00:00", [input])
        #expect(try convert(input, to: shop.path("out.mov")).isEmpty)
        let facts = try Peer.text(
            "ffprobe", "-show_chapters -show_entries stream_tags=timecode -of csv", [shop.path("out.mov")])
        #expect(facts.contains("01:00:00:00") && facts.contains("one"), "\(facts)")
    }

    /// Captions as broadcasters write them (ATSC A/53), in front of the first picture.
    @Test func closedCaptionsAreLeftOut() throws {
        let shop = try Workshop()
        _ = try Peer.run("ffmpeg", "\(Self.source) -c:v libx264 -bf 0", [shop.path("plain.h264")])
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: shop.path("plain.h264"))))
        let first = try #require(
            bytes.indices.dropLast(4).first { bytes[$0...].starts(with: [0, 0, 1]) && bytes[$0 + 3] & 0x1F == 5 })
        let captions: [UInt8] = [
            0, 0, 1, 0x06, 0x04, 14, 0xB5, 0x00, 0x31, 0x47, 0x41, 0x39, 0x34, 0x03, 0x41, 0xFF, 0xFC, 0x94, 0x2C, 0xFF,
            0x80,
        ]
        try Data(bytes[..<first] + captions + bytes[first...]).write(
            to: URL(fileURLWithPath: shop.path("captions.h264")))
        #expect(try convert(shop.path("plain.h264"), to: shop.path("plain.mp4")).isEmpty)
        #expect(try sideData(shop.path("captions.h264")).contains("ATSC A53"))
        let notes = try convert(shop.path("captions.h264"), to: shop.path("captions.mp4"))
        #expect(notes == ["closed captions: left out"])
    }

    /// MP4's texts have 65,535 bytes at most; the others stay.
    @Test func aSubtitleThatIsTooLongIsLeftOut() throws {
        let shop = try Workshop()
        let long = String(repeating: "long ", count: 14_000)
        let text = "1\n00:00:00,000 --> 00:00:00,200\n\(long)\n\n2\n00:00:00,300 --> 00:00:00,500\nshort\n"
        try text.write(toFile: shop.path("text.srt"), atomically: true, encoding: .utf8)
        let clip = shop.path("clip.mkv")
        _ = try Peer.run(
            "ffmpeg",
            "-f lavfi -i testsrc2=size=64x48:rate=25:duration=0.6 -i \(shop.path("text.srt")) -c:v ffv1 -c:s srt",
            [clip])
        let notes = try convert(clip, to: shop.path("painted.mp4"))
        #expect(notes.contains("subtitles (subrip): a text is too long, and left out"))
        let packets = try Peer.run(
            "ffprobe",
            "-v error -select_streams s -show_entries packet=pts_time,size -of csv=p=0 \(shop.path("painted.mp4"))")
        #expect(String(decoding: packets, as: UTF8.self).contains("0.300000,7"))
    }

    /// By ffmpeg, which reads the metadata of players.
    @Test func projectionsAreKept() throws {
        let shop = try Workshop()
        let plain = shop.path("plain.mkv")
        _ = try Peer.run("ffmpeg", "\(Self.source) -c:v mpeg4", [plain])
        var settings = Conversion.Settings()
        settings.spherical = SphericalMetadata()
        _ = try convert(plain, to: shop.path("sphere.mp4"), settings)
        for ending in ["mp4", "mov", "mkv", "webm"] {
            _ = try convert(shop.path("sphere.mp4"), to: shop.path("out.\(ending)"))
            #expect(try sideData(shop.path("out.\(ending)")).contains("equirectangular"), "\(ending)")
        }
        settings.spherical = nil
        settings.keepsProjection = false
        _ = try convert(shop.path("sphere.mp4"), to: shop.path("flat.mp4"), settings)
        #expect(try !sideData(shop.path("flat.mp4")).contains("equirectangular"))
        _ = try convert(shop.path("sphere.mp4"), to: shop.path("out_%d.png"))
        #expect(try SphericalMetadata.read(from: shop.path("out_1.png"))?.projection == .equirectangular)
    }

    /// The display of HDR, from the headers of the codec, into those of the container.
    @Test(arguments: ["mkv", "mp4", "webm"]) func theDisplayOfHDRIsKept(ending: String) throws {
        let shop = try Workshop()
        let input = shop.path("hdr.mkv")
        _ = try Peer.run(
            "ffmpeg",
            "\(Self.source) -c:v libx265 -pix_fmt yuv420p10le -color_trc smpte2084 -color_primaries bt2020 -colorspace bt2020nc",
            [
                "-x265-params",
                "log-level=none:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400",
                input,
            ])
        var settings = Conversion.Settings()
        (settings.keepsHDR, settings.bitDepth) = (true, 10)
        _ = try convert(input, to: shop.path("out.\(ending)"), settings)
        let kept = try sideData(shop.path("out.\(ending)"))
        #expect(kept.contains("max_content=1000") && kept.contains("Mastering display"), "\(kept)")
        _ = try convert(input, to: shop.path("sdr.\(ending)"))
        #expect(try !sideData(shop.path("sdr.\(ending)")).contains("max_content"))
    }
}
