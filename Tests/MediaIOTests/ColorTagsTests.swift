import Conversions
import Foundation
import MediaIO
import TestSupport
import Testing

/// What ffprobe says of the colors of videos that were converted. A new kind is a line in ``kinds``.
@Suite(.serialized) struct ColorTagsTests {
    struct Kind: CustomTestStringConvertible {
        let testDescription: String
        /// ffmpeg's options for the input.
        let input: String
        var keepsHDR = false
        var bitDepth = 8
        /// Format, range, matrix, transfer and primaries of the output.
        let expected: String
        var outputs = ["mp4", "mkv", "webm"]
    }

    private static let bt709 = "-colorspace bt709 -color_trc bt709 -color_primaries bt709 -color_range tv"
    private static let pq = "-colorspace bt2020nc -color_trc smpte2084 -color_primaries bt2020 -color_range tv"
    private static let hlg = "-colorspace bt2020nc -color_trc arib-std-b67 -color_primaries bt2020 -color_range tv"

    static let kinds = [
        Kind(
            testDescription: "BT.709", input: "-pix_fmt yuv420p -c:v ffv1 \(bt709)",
            expected: "yuv420p,tv,bt709,bt709,bt709"),
        Kind(
            testDescription: "10 bits become 8", input: "-pix_fmt yuv420p10le -c:v ffv1 \(bt709)",
            expected: "yuv420p,tv,bt709,bt709,bt709"),
        Kind(
            testDescription: "10 bits on request", input: "-pix_fmt yuv420p10le -c:v ffv1 \(bt709)", bitDepth: 10,
            expected: "yuv420p10le,tv,bt709,bt709,bt709"),
        Kind(
            testDescription: "8 bits in 10", input: "-pix_fmt yuv420p -c:v ffv1 \(bt709)", bitDepth: 10,
            expected: "yuv420p10le,tv,bt709,bt709,bt709"),
        Kind(
            testDescription: "PQ", input: "-pix_fmt yuv420p10le -c:v ffv1 \(pq)",
            expected: "yuv420p,tv,bt709,bt709,bt709"),
        Kind(
            testDescription: "HLG", input: "-pix_fmt yuv420p10le -c:v ffv1 \(hlg)",
            expected: "yuv420p,tv,bt709,bt709,bt709"),
        Kind(
            testDescription: "PQ kept", input: "-pix_fmt yuv420p10le -c:v ffv1 \(pq)", keepsHDR: true,
            expected: "yuv420p10le,tv,bt2020nc,smpte2084,bt2020", outputs: ["mp4", "mkv"]),
        Kind(
            testDescription: "PQ kept in VP9", input: "-pix_fmt yuv420p10le -c:v ffv1 \(pq)", keepsHDR: true,
            expected: "yuv420p10le,tv,bt2020nc,smpte2084,bt2020", outputs: ["webm"]),
        Kind(
            testDescription: "RGB", input: "-pix_fmt bgr0 -c:v ffv1",
            expected: "yuv420p,tv,smpte170m,iec61966-2-1,bt709", outputs: ["mp4", "mkv"]),
        Kind(
            testDescription: "4:4:4", input: "-pix_fmt yuv444p -c:v ffv1 \(bt709)",
            expected: "yuv420p,tv,bt709,bt709,bt709"),
        Kind(
            testDescription: "full range", input: "-pix_fmt yuvj420p -c:v mjpeg",
            expected: "yuvj420p,pc", outputs: ["mp4", "mkv"]),
    ]

    @Test(arguments: kinds) func colorsAreTagged(kind: Kind) throws {
        let shop = try Workshop()
        let input = shop.path("in.mkv")
        _ = try Peer.run(
            "ffmpeg", "-f lavfi -i testsrc2=size=64x48:rate=10:duration=0.5 \(kind.input)", [input])
        var settings = Conversion.Settings()
        settings.keepsHDR = kind.keepsHDR
        settings.bitDepth = kind.bitDepth
        for ending in kind.outputs {
            let output = shop.path("out.\(ending)")
            let conversion = try Conversion(MediaInput(input), to: output, filter: "identity", settings: settings)
            #expect(try conversion.run().frames == 5)
            let tags = try Peer.text(
                "ffprobe",
                "-select_streams v:0 -of csv=p=0 -show_entries stream=pix_fmt,color_range,color_space,color_transfer,color_primaries",
                [output]
            ).trimmingCharacters(in: .whitespacesAndNewlines)
            // VP9 has one name for both matrices of BT.601.
            let found = tags.replacingOccurrences(of: "bt470bg", with: "smpte170m")
            #expect(found.hasPrefix(kind.expected), "\(ending): \(found)")
            #expect(
                conversion.notes.contains { $0.hasPrefix("HDR") }
                    == ["PQ", "HLG"].contains(
                        kind.testDescription.prefix(3).trimmingCharacters(in: .whitespaces)))
        }
    }

    @Test func aChangeOfTheSizeIsScaled() throws {
        let shop = try Workshop()
        var bytes = Data()
        for (index, size) in ["64x48", "96x48", "64x48"].enumerated() {
            let part = shop.path("\(index).ts")
            _ = try Peer.run(
                "ffmpeg",
                "-f lavfi -i testsrc2=size=\(size):rate=10:duration=1 -c:v libx264 -bf 0 -output_ts_offset \(index)",
                [part])
            bytes += try Data(contentsOf: URL(fileURLWithPath: part))
        }
        let input = shop.path("changing.ts")
        try bytes.write(to: URL(fileURLWithPath: input))
        for ending in ["mp4", "mkv", "webm"] {
            let output = shop.path("out.\(ending)")
            let conversion = try Conversion(MediaInput(input), to: output, filter: "identity", settings: .init())
            #expect(try conversion.run().frames == 30)
            #expect(conversion.notes.contains { $0.contains("from 64x48 to 96x48") })
            let frames = try Peer.text(
                "ffprobe", "-select_streams v:0 -of csv=p=0 -show_entries frame=width,height", [output])
            let sizes = Set(frames.split(whereSeparator: \.isNewline).map { $0.prefix(5) })
            #expect(sizes == ["64,48"], "\(sizes)")
        }
    }

    @Test func bothFieldsBecomeFrames() throws {
        let shop = try Workshop()
        let input = shop.path("fields.mp4")
        _ = try Peer.run(
            "ffmpeg",
            "-f lavfi -i testsrc2=size=64x48:rate=50:duration=1 -vf tinterlace=interleave_top -c:v libx264 -flags +ildct+ilme",
            [input])
        var settings = Conversion.Settings()
        settings.deinterlacing = .fields
        let output = shop.path("out.mp4")
        let frames = try Conversion(MediaInput(input), to: output, filter: "identity", settings: settings).run().frames
        #expect(frames == 50)
        let rate = try Peer.text(
            "ffprobe", "-select_streams v:0 -of csv=p=0 -show_entries stream=avg_frame_rate", [output])
        #expect(rate.hasPrefix("50/1"), "\(rate)")
    }
}

/// Which sounds and subtitles are taken, by ffprobe.
@Suite(.serialized) struct StreamChoiceTests {
    private func clip(in shop: Workshop) throws -> String {
        let input = shop.path("in.mkv")
        try "1\n00:00:00,000 --> 00:00:00,500\nHello\n".write(
            toFile: shop.path("text.srt"), atomically: true, encoding: .utf8)
        _ = try Peer.run(
            "ffmpeg",
            "-f lavfi -i testsrc2=size=64x48:rate=10:duration=1 -f lavfi -i sine=duration=1 -i \(shop.path("text.srt")) "
                + "-map 0 -map 1 -map 1 -map 1 -map 2 -c:v libx264 -c:a flac -metadata:s:a:0 language=deu "
                + "-metadata:s:a:1 language=eng -metadata:s:s:0 language=fra",
            [input])
        return input
    }

    @Test(arguments: [
        ("all", "all", "deu eng - fra"), ("none", "all", "fra"), ("2", "none", "eng"), ("eng,1", "fra", "deu eng fra"),
        ("3", "1", "- fra"),
    ])
    func theChosenStreamsAreTaken(sounds: String, subtitles: String, expected: String) throws {
        let shop = try Workshop()
        var settings = Conversion.Settings()
        settings.sounds = try #require(StreamChoice(sounds))
        settings.subtitles = try #require(StreamChoice(subtitles))
        let output = shop.path("out.mkv")
        _ = try Conversion(MediaInput(clip(in: shop)), to: output, filter: "identity", settings: settings).run()
        let lines = try Peer.text(
            "ffprobe", "-show_entries stream=codec_type:stream_tags=language -of csv=p=0", [output]
        ).split(whereSeparator: \.isNewline).map { $0.split(separator: ",").map(String.init) }
        let found = lines.filter { $0.first != "video" }.map { $0.count > 1 ? $0[1] : "-" }
        #expect(found.joined(separator: " ") == expected)
    }

    @Test func aStreamThatIsNotThereIsAnError() throws {
        let shop = try Workshop()
        let input = try clip(in: shop)
        var settings = Conversion.Settings()
        settings.sounds = .some(["ita"])
        let error = #expect(throws: MediaError.self) {
            _ = try Conversion(MediaInput(input), to: shop.path("out.mkv"), filter: "identity", settings: settings)
                .run()
        }
        let text = error?.description ?? ""
        #expect(text.contains("“ita”") && text.contains("1 (deu), 2 (eng), 3 (no language)"), "\(text)")
        #expect(!shop.files.contains("out.mkv"))
        #expect(StreamChoice("1,,2") == nil)
    }
}
