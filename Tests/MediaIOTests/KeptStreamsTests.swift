import Conversions
import Foundation
import Imaging
import MediaIO
import TestSupport
import Testing

/// What a conversion keeps of files that ffmpeg makes, by ffprobe: frames, times, sounds, subtitles, chapters and tags.
/// A new kind of file is a line in ``kinds``.
@Suite(.serialized) struct KeptStreamsTests {
    struct Kind: CustomTestStringConvertible {
        /// Also the file's name.
        let name: String
        /// ffmpeg's options between the sources, pictures and a tone of one second, and the file.
        let options: String
        /// Endings of the outputs.
        var outputs = "mp4 mkv"
        var testDescription: String { name }
    }

    static let kinds = [
        Kind(name: "h264.mp4", options: "-c:v libx264 -c:a aac", outputs: "mp4 mov mkv webm"),
        Kind(name: "no-sound.mp4", options: "-map 0 -c:v libx264", outputs: "mp4 mov mkv webm"),
        Kind(name: "mp3.mp4", options: "-c:v libx264 -c:a libmp3lame"),
        Kind(name: "ac3.mkv", options: "-c:v libx264 -c:a ac3", outputs: "mp4 mov mkv webm"),
        Kind(name: "eac3.mp4", options: "-c:v libx264 -c:a eac3"),
        Kind(name: "opus.mkv", options: "-c:v libx264 -c:a libopus", outputs: "mkv mp4 webm"),
        Kind(name: "flac.mkv", options: "-c:v libx264 -c:a flac", outputs: "mkv mp4 webm"),
        Kind(name: "vorbis.webm", options: "-c:v libvpx-vp9 -c:a libvorbis", outputs: "webm mkv mp4"),
        Kind(name: "vp8.webm", options: "-c:v libvpx -c:a libvorbis", outputs: "webm mkv"),
        Kind(name: "pcm.mov", options: "-c:v mjpeg -c:a pcm_s16le", outputs: "mov mkv mp4"),
        Kind(name: "prores.mov", options: "-c:v prores_ks -c:a aac", outputs: "mov mkv"),
        Kind(name: "mpeg4.avi", options: "-c:v mpeg4 -c:a libmp3lame"),
        Kind(name: "mpeg2.mpg", options: "-c:v mpeg2video -c:a mp2"),
        Kind(name: "stream.ts", options: "-c:v libx264 -c:a aac"),
        Kind(name: "wmv2.wmv", options: "-c:v wmv2 -c:a wmav2"),
        Kind(name: "flv1.flv", options: "-c:v flv1 -c:a libmp3lame -ar 44100"),
        Kind(name: "ffv1.mkv", options: "-c:v ffv1 -c:a flac"),
        Kind(name: "hevc.mp4", options: "-c:v libx265 -x265-params log-level=none -tag:v hvc1 -c:a aac"),
        Kind(name: "av1.mkv", options: "-c:v libaom-av1 -cpu-used 8 -c:a libopus"),
        Kind(
            name: "two-sounds.mkv",
            options: "-map 0 -map 1 -map 1 -c:v libx264 -c:a:0 aac -c:a:1 flac -metadata:s:a:1 language=fra"),
        Kind(
            name: "late-sound.mkv", options: "-filter_complex [1]adelay=200[a] -map 0 -map [a] -c:v libx264 -c:a flac"),
        Kind(
            name: "varying.mp4",
            options: "-filter:v setpts=(N+N*N/20)/25/TB -fps_mode passthrough -c:v libx264 -c:a aac",
            outputs: "mp4 mkv webm"),
        Kind(name: "slow.mp4", options: "-r 24000/1001 -c:v libx264 -c:a aac"),
        Kind(name: "many-b.mp4", options: "-c:v libx264 -bf 4 -b_strategy 0 -c:a aac"),
        Kind(name: "fields.mp4", options: "-c:v libx264 -flags +ildct+ilme -c:a aac"),
        Kind(
            name: "tagged.mp4",
            options: "-c:v libx264 -c:a aac -metadata title=Clip -metadata:s:a:0 language=deu -timecode 01:00:00:00"),
        Kind(name: "long-sound.mp4", options: "-map 0 -map 1 -filter:v trim=end=0.48 -c:v libx264 -c:a aac"),
        Kind(name: "odd-size.mkv", options: "-filter:v scale=63:47 -pix_fmt yuv444p -c:v libx264 -c:a flac"),
    ]

    private func peer(_ name: String, _ arguments: [String]) throws -> String {
        try Peer.text(name, "", arguments)
    }

    private func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

    private func make(_ kind: Kind, in shop: Workshop) throws -> String {
        let sources = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=1 -f lavfi -i sine=frequency=440:duration=1"
        let path = shop.path(kind.name)
        _ = try peer("ffmpeg", words("\(sources) \(kind.options)") + [path])
        return path
    }

    /// The times at which frames are shown, from the first one on.
    private func times(_ path: String) throws -> [Double] {
        let text = try peer(
            "ffprobe",
            ["-select_streams", "v:0", "-show_entries", "frame=best_effort_timestamp_time", "-of", "csv=p=0", path])
        let times = text.split(whereSeparator: \.isNewline).compactMap { Double($0.filter { $0 != "," }) }.sorted()
        return times.map { $0 - (times.first ?? 0) }
    }

    private func frameCount(_ path: String) throws -> Int {
        let text = try peer(
            "ffprobe",
            [
                "-count_frames", "-select_streams", "v:0", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0",
                path,
            ])
        return text.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
    }

    /// The codecs of a type of streams. A stream of a program is listed twice.
    private func codecs(_ path: String, _ type: String) throws -> [String] {
        let lines = try peer(
            "ffprobe", ["-select_streams", type, "-show_entries", "stream=index,codec_name", "-of", "csv=p=0", path]
        ).split(whereSeparator: \.isNewline).map { $0.split(separator: ",").map(String.init) }
        return Dictionary(lines.filter { $0.count > 1 }.map { ($0[0], $0[1]) }, uniquingKeysWith: { $1 })
            .sorted { $0.key < $1.key }.map(\.value)
    }

    /// Where the tone begins, after the first frame, and how many samples of 48 kHz follow, as a player has them.
    private func sound(_ path: String, _ index: Int) throws -> (start: Double, count: Int) {
        let starts = try peer(
            "ffprobe",
            ["-show_entries", "stream=codec_type,start_time", "-of", "csv=p=0", path]
        ).split(whereSeparator: \.isNewline).map { $0.split(separator: ",").map(String.init) }
        let video = starts.first { $0.first == "video" }.flatMap { Double($0[1]) } ?? 0
        let sounds = starts.filter { $0.first == "audio" }.compactMap { Double($0[1]) }
        let samples = try peer(
            "ffmpeg", ["-i", path, "-map", "0:a:\(index)", "-ac", "1", "-ar", "48000", "-f", "framecrc", "-"]
        ).split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }
        let count = samples.compactMap { line in
            Int(line.split(separator: ",").dropFirst(3).first?.trimmingCharacters(in: .whitespaces) ?? "")
        }.reduce(0, +)
        return (sounds[index] - video, count)
    }

    @Test(arguments: kinds) func everythingIsKept(kind: Kind) throws {
        let shop = try Workshop()
        let input = try make(kind, in: shop)
        let (frames, before) = try (frameCount(input), times(input))
        let sounds = try codecs(input, "a")
        for ending in kind.outputs.split(separator: " ") {
            let output = shop.path("out.\(ending)")
            let progress = try Conversion(MediaInput(input), to: output, filter: "identity", settings: .init()).run()
            let after = try times(output)
            let count = try frameCount(output)
            #expect(progress.frames == frames && count == frames, "\(ending): \(count) of \(frames) frames")
            // Matroska counts milliseconds.
            let tolerance = ["mkv", "webm"].contains(ending) || !input.hasSuffix(".mp4") ? 0.0011 : 0.00001
            for (one, other) in zip(before, after) {
                #expect(abs(one - other) < tolerance, "\(ending): \(one) is \(other)")
            }
            try #require(codecs(output, "a").count == sounds.count, "\(ending): sounds are lost")
            for index in sounds.indices {
                let (one, other) = (try sound(input, index), try sound(output, index))
                let isCopied = try codecs(output, "a")[index] == sounds[index]
                // A decoder's lead-in is part of Matroska's sound, and not of MP4's; some decoders swallow their first packet.
                #expect(
                    abs(one.start - other.start) < (isCopied ? 0.03 : 0.1),
                    "\(ending): sound begins at \(other.start), not \(one.start)")
                #expect(
                    abs(one.count - other.count) < (isCopied ? 2000 : 3000),
                    "\(ending): \(other.count) of \(one.count) samples")
            }
        }
    }

    @Test func subtitlesChaptersAndTagsAreKept() throws {
        let shop = try Workshop()
        let texts = shop.path("text.srt")
        let facts = shop.path("facts.txt")
        try Data("1\n00:00:00,100 --> 00:00:00,900\nHello\n".utf8).write(to: URL(fileURLWithPath: texts))
        try Data(
            ";FFMETADATA1\ntitle=Clip\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=one\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=500\nEND=1000\ntitle=two\n"
                .utf8
        ).write(to: URL(fileURLWithPath: facts))
        let input = shop.path("clip.mkv")
        _ = try peer(
            "ffmpeg",
            [
                "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=1", "-i", texts, "-i", facts, "-map", "0",
                "-map",
                "1", "-map_metadata", "2", "-metadata:s:s:0", "language=fra", "-c:v", "libx264", "-c:s", "subrip",
                input,
            ])
        for ending in ["mkv", "mp4", "mov", "webm"] {
            let output = shop.path("out.\(ending)")
            let conversion = try Conversion(MediaInput(input), to: output, filter: "identity", settings: .init())
            _ = try conversion.run()
            #expect(conversion.notes.isEmpty == (ending == "mkv"), "\(conversion.notes)")
            #expect(
                try peer("ffmpeg", ["-i", output, "-map", "0:s:0", "-f", "srt", "-"]).contains("Hello"), "\(ending)")
            let facts = try peer(
                "ffprobe",
                ["-show_chapters", "-show_entries", "format_tags=title:stream_tags=language", "-of", "csv", output])
            for text in ["Clip", "one", "two", "fra"] {
                #expect(facts.contains(text), "\(ending): \(text) is lost: \(facts)")
            }
        }
    }

    @Test func aPartHasItsSound() throws {
        let shop = try Workshop()
        let input = shop.path("clip.mp4")
        let sources = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=4 -f lavfi -i sine=frequency=440:duration=4"
        _ = try peer("ffmpeg", words("\(sources) -c:v libx264 -g 25 -c:a aac") + [input])
        var settings = Conversion.Settings()
        (settings.start, settings.duration) = (1.5, 2)
        for ending in ["mp4", "mkv"] {
            let output = shop.path("part.\(ending)")
            #expect(
                try Conversion(MediaInput(input), to: output, filter: "identity", settings: settings).run().frames / 2
                    == 25
            )
            let (start, count) = try sound(output, 0)
            #expect(abs(start) < 0.03 && abs(count - 96_000) < 4000, "\(ending): \(start), \(count)")
        }
    }

    /// Frames of two moments: the lines of moving edges alternate, unless they are made progressive.
    @Test func interlacedFramesAreMadeProgressive() throws {
        let shop = try Workshop()
        let input = shop.path("fields.mkv")
        let source = "-f lavfi -i testsrc2=size=96x64:rate=50:duration=0.4 -vf tinterlace=interleave_top"
        _ = try peer("ffmpeg", words("\(source) -c:v ffv1 -field_order tt") + [input])
        func combs(_ way: Deinterlacing) throws -> (sum: Float, notes: [String]) {
            var settings = Conversion.Settings()
            settings.deinterlacing = way
            settings.replacing = true
            let conversion = try Conversion(
                MediaInput(input), to: shop.path("out_%d.png"), filter: "identity", settings: settings)
            let frames = try conversion.run().frames
            #expect(frames == 10)
            var sum: Float = 0
            for number in 1...frames {
                let image = try Image(contentsOf: shop.path("out_\(number).png"))
                for y in 1..<image.height - 1 {
                    for x in 0..<image.width {
                        func at(_ y: Int) -> Float { image.samples[y * image.width + x] }
                        sum += max(0, (at(y) - at(y - 1)) * (at(y) - at(y + 1)) - 400)
                    }
                }
            }
            return (sum, conversion.notes)
        }
        let (auto, off, on) = (try combs(.auto), try combs(.off), try combs(.on))
        print("combs: \(auto.sum) by flags, \(on.sum) always, \(off.sum) without")
        #expect(auto.sum < off.sum / 3 && on.sum < off.sum / 3)
        #expect(auto.notes.count == 1 && off.notes.isEmpty)
    }

    /// Read by both ways, into pictures and into a video.
    @Test(arguments: [
        "-c:v ffv1 -pix_fmt gray", "-c:v ffv1 -pix_fmt gray16le",
        "-c:v libx265 -x265-params log-level=none -pix_fmt gray",
    ])
    func greyStaysGrey(codec: String) throws {
        let shop = try Workshop()
        let input = shop.path("grey.mkv")
        _ = try peer("ffmpeg", words("-f lavfi -i testsrc2=size=64x48:rate=25:duration=0.2 \(codec)") + [input])
        _ = try Conversion(MediaInput(input), to: shop.path("out.mkv"), filter: "identity", settings: .init()).run()
        for path in [input, shop.path("out.mkv")] {
            let image = try #require(try FrameReader(path).next()).image
            let (count, samples) = (image.pixelCount, image.samples)
            let tint = (0..<count).map {
                abs(samples[$0] - samples[count + $0]) + abs(samples[$0] - samples[2 * count + $0])
            }
            #expect(tint.max() ?? 99 < 6, "\(path): \(tint.max() ?? 99)")
        }
    }
}
