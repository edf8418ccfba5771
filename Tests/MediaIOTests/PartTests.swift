import Conversions
import Foundation
import Imaging
import MediaIO
import TestSupport
import Testing

/// Parts of files, by `--start` and `--duration`, have the frames that ffmpeg finds there, and the sounds, subtitles and chapters.
@Suite struct PartTests {
    private static let sources = "-f lavfi -i testsrc2=s=64x48:r=25:d=6 -f lavfi -i sine=d=6"

    /// Names of files, and ffmpeg's options. There are few key frames.
    static let kinds = [
        ("h264.ts", "-g 75 -c:v libx264 -c:a aac"), ("fields.ts", "-bf 2 -g 75 -c:v mpeg2video -c:a mp2"),
        ("hevc.ts", "-g 75 -c:v libx265 -x265-params log-level=none -c:a aac"),
        ("mpeg1.mpg", "-g 75 -bf 2 -c:v mpeg1video -c:a mp2"), ("mpeg2.vob", "-g 75 -c:v mpeg2video -c:a ac3"),
        ("h264.m2ts", "-g 75 -c:v libx264 -c:a ac3"), ("raw.h264", "-g 75 -c:v libx264 -an"),
        ("raw.m2v", "-g 75 -c:v mpeg2video -an"), ("h264.mkv", "-g 75 -bf 3 -c:v libx264 -c:a aac"),
        ("h264.mp4", "-g 75 -bf 3 -c:v libx264 -c:a aac"), ("mpeg4.avi", "-g 75 -bf 2 -c:v mpeg4 -c:a libmp3lame"),
        ("flv1.flv", "-g 75 -c:v flv1 -c:a libmp3lame -ar 44100"),
        ("theora.ogv", "-g 75 -c:v libtheora -c:a libvorbis"),
        ("wmv2.wmv", "-g 75 -c:v wmv2 -c:a wmav2"), ("mpeg4.nut", "-g 75 -c:v mpeg4 -c:a aac"),
        ("mpeg2.mxf", "-g 75 -c:v mpeg2video -c:a pcm_s16le -ar 48000"),
        ("vp8.webm", "-g 75 -c:v libvpx -c:a libvorbis"),
        ("live.mkv", "-g 75 -c:v libx264 -c:a aac -live 1"), ("only.mkv", "-g 999 -c:v mpeg4 -c:a aac"),
    ]

    @Test(arguments: kinds, [1, 4.5]) func framesAreThoseOfThePart(kind: (name: String, options: String), start: Double)
        throws
    {
        let shop = try Workshop()
        let input = shop.path(kind.name)
        _ = try Peer.run("ffmpeg", "\(Self.sources) \(kind.options)", [input])
        let all = try Peer.run("ffmpeg", "-i \(input) -map 0:v -pix_fmt rgb24 -fps_mode passthrough -f rawvideo -")
        let total = all.count / (64 * 48 * 3)
        let earlier = try times(input).count { $0 < start - 0.02 }
        var settings = Conversion.Settings()
        settings.start = start
        let frames = try Conversion(
            MediaInput(input), to: shop.path("out_%d.png"), filter: "identity", settings: settings
        ).run().frames
        // A file may begin a little before its pictures.
        #expect(abs(total - frames - earlier) <= 2, "\(frames) of \(total) frames, \(earlier) are earlier")
        let image = try Image(contentsOf: shop.path("out_1.png"))
        // Decoders interpolate chroma in different ways.
        func difference(_ frame: Int) -> Float {
            let sum = (0..<64 * 48).reduce(Float(0)) { sum, pixel in
                (0..<3).reduce(sum) {
                    $0 + abs(Float(all[(frame * 64 * 48 + pixel) * 3 + $1]) - image.samples[$1 * 64 * 48 + pixel])
                }
            }
            return sum / Float(3 * 64 * 48)
        }
        let (own, later) = (difference(total - frames), difference(total - frames + 5))
        #expect(own < 12 && own < later, "\(own), a later frame \(later)")
    }

    /// When the frames are shown, after the first.
    private func times(_ path: String) throws -> [Double] {
        let lines = try Peer.text(
            "ffprobe", "-select_streams v -show_entries frame=best_effort_timestamp_time -of csv=p=0", [path]
        ).split(whereSeparator: \.isNewline)
        // Streams without a container have no times.
        let times = lines.enumerated().map { Double($1.prefix { $0 != "," }) ?? Double($0) / 25 }
        return times.map { $0 - times[0] }
    }

    /// Texts with times in seconds, of a file's subtitles.
    private func subtitles(_ path: String) throws -> [(text: String, start: Double, end: Double)] {
        func seconds(_ text: Substring) -> Double {
            text.replacing(",", with: ".").split(separator: ":").reduce(0) { 60 * $0 + (Double($1) ?? 0) }
        }
        let text = try Peer.text("ffmpeg", "-i \(path) -map 0:s:0 -f srt -").replacing(/<[^>]*>/, with: "")
        return text.matches(of: /(\S+) --> (\S+)\s+(\w+)/).map { (String($0.3), seconds($0.1), seconds($0.2)) }
    }

    private func starts(_ path: String, _ stream: String) throws -> [Double] {
        try Peer.text("ffprobe", "-select_streams \(stream) -show_entries stream=start_time -of csv=p=0", [path])
            .split(whereSeparator: \.isNewline).compactMap { Double($0) }
    }

    @Test(arguments: [12, 300], [nil, 3.4]) func subtitlesAndChaptersAreThoseOfThePart(group: Int, duration: Double?)
        throws
    {
        let shop = try Workshop()
        try Data("1\n00:00:00,500 --> 00:00:05,000\nlong\n\n2\n00:00:05,200 --> 00:00:05,800\nnext\n".utf8).write(
            to: URL(fileURLWithPath: shop.path("text.srt")))
        let chapters =
            "[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=3000\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=3000\nEND=6000\n"
        try Data(";FFMETADATA1\n\(chapters)".utf8).write(to: URL(fileURLWithPath: shop.path("facts.txt")))
        let input = shop.path("clip.mkv")
        _ = try Peer.run(
            "ffmpeg",
            "\(Self.sources) -i \(shop.path("text.srt")) -i \(shop.path("facts.txt")) -map 0 -map 1 -map 2 -map_metadata 3 "
                + "-g \(group) -c:v mpeg4 -c:a aac -c:s srt", [input])
        var settings = Conversion.Settings()
        (settings.start, settings.duration) = (2, duration)
        let end = duration ?? 4
        for ending in ["mkv", "mp4", "webm"] {
            let output = shop.path("out.\(ending)")
            _ = try Conversion(MediaInput(input), to: output, filter: "identity", settings: settings).run()
            #expect(try starts(output, "v:0")[0] < 0.01, "\(ending)")
            #expect(try abs(starts(output, "a:0")[0]) < 0.03, "\(ending)")
            let found = try subtitles(output)
            try #require(found.map(\.text) == ["long", "next"], "\(ending): \(found)")
            let bounds: [Double] = found.map(\.start) + found.map(\.end)
            let wanted: [Double] = [0, 3.2, 3, min(3.8, end)]
            for (one, other) in zip(bounds, wanted) {
                #expect(abs(one - other) < 0.05, "\(ending): \(found)")
            }
            let times = try Peer.text("ffprobe", "-show_entries chapter=start_time,end_time -of csv=p=0", [output])
                .split(whereSeparator: { ",\n".contains($0) }).compactMap { Double($0) }
            try #require(times.count == 4, "\(ending): \(times)")
            for (one, other) in zip(times, [0, 1, 1, end]) { #expect(abs(one - other) < 0.05, "\(ending): \(times)") }
        }
    }

    /// Packets may last a second.
    @Test func soundInLongPacketsIsCut() throws {
        let shop = try Workshop()
        let input = shop.path("clip.mkv")
        _ = try Peer.run("ffmpeg", "\(Self.sources) -g 5 -c:v mpeg4 -af asetnsamples=44100 -c:a pcm_s16le", [input])
        var settings = Conversion.Settings()
        (settings.start, settings.duration) = (2.5, 1)
        for ending in ["mkv", "mov", "mp4", "webm"] {
            let output = shop.path("out.\(ending)")
            _ = try Conversion(MediaInput(input), to: output, filter: "identity", settings: settings).run()
            let starts = try starts(output, "v:0") + starts(output, "a:0")
            #expect(starts.allSatisfy { abs($0) < 0.03 }, "\(ending): \(starts)")
            let count = try Peer.run("ffmpeg", "-i \(output) -map 0:a -ac 1 -ar 44100 -f s16le -").count / 2
            #expect(abs(count - 44_100) < 1200, "\(ending): \(count) samples")
        }
    }
}
