import Conversions
import Foundation
import MediaIO
import TestSupport
import Testing

/// Sound stays where it belongs, also in damaged and joined files, by ffmpeg, and every kind gets into every container.
@Suite struct SoundTests {
    /// A file whose sound has gaps or changes, compared with what ffmpeg plays.
    struct Odd: CustomTestStringConvertible {
        /// Also the file's name.
        let name: String
        /// ffmpeg's options for each part; the parts are joined byte by byte.
        let parts: [String]
        /// The packets of 188 bytes that are lost, of those with a number, or of all.
        var lost: (packets: Range<Int>, number: Int?)?
        /// Endings of the outputs.
        let outputs: String
        /// Whether packets cannot be copied, which is said.
        var isDamaged = false
        var testDescription: String { name }
    }

    private static func sources(_ seconds: Int, sound: String = "") -> String {
        "-f lavfi -i testsrc2=s=64x48:r=25:d=\(seconds) -f lavfi -i sine=d=\(seconds)\(sound)"
    }

    static let odd = [
        Odd(
            name: "gap.mkv", parts: [sources(4) + " -af aselect=not(between(t\\,1\\,2.5)) -c:v mpeg4 -c:a pcm_s16le"],
            outputs: "mkv mp4 webm"),
        Odd(
            name: "gap.mp4", parts: [sources(4) + " -af aselect=not(between(t\\,1\\,2.5)) -c:v mpeg4 -c:a aac"],
            outputs: "mp4 webm"),
        Odd(
            name: "rate.ts",
            parts: [
                sources(1, sound: ":r=44100") + " -ac 2 -c:v mpeg2video -c:a mp2",
                sources(2, sound: ":r=22050") + " -ac 2 -c:v mpeg2video -c:a mp2 -output_ts_offset 1",
            ], outputs: "webm"),
        Odd(
            name: "mono.ts",
            parts: [
                sources(1) + " -ac 2 -c:v mpeg2video -c:a aac",
                sources(1) + " -ac 1 -c:v mpeg2video -c:a aac -output_ts_offset 1",
            ], outputs: "webm mp4 mkv"),
        Odd(
            name: "aac-rate.ts",
            parts: [
                sources(1, sound: ":r=44100") + " -c:v mpeg2video -c:a aac",
                sources(2, sound: ":r=22050") + " -c:v mpeg2video -c:a aac -output_ts_offset 1",
                sources(1, sound: ":r=44100") + " -c:v mpeg2video -c:a aac -output_ts_offset 3",
            ], outputs: "mp4 mkv webm"),
        Odd(
            name: "surround.ts",
            parts: [
                sources(1) + " -ac 6 -c:v mpeg2video -c:a ac3",
                sources(1) + " -ac 2 -c:v mpeg2video -c:a ac3 -output_ts_offset 1",
            ], outputs: "webm mp4"),
        Odd(
            name: "twice.ts",
            parts: [String](repeating: sources(1) + " -ac 2 -c:v mpeg2video -c:a aac", count: 2),
            outputs: "mp4 mkv webm"),
        Odd(
            name: "jump.ts",
            parts: [
                sources(1) + " -c:v mpeg2video -c:a aac",
                sources(1) + " -c:v mpeg2video -c:a aac -output_ts_offset 5000",
                sources(1) + " -c:v mpeg2video -c:a aac -output_ts_offset 50",
            ], outputs: "mp4 webm"),
        Odd(
            name: "hole.ts", parts: [sources(4) + " -c:v mpeg2video -c:a aac"], lost: (300..<500, nil),
            outputs: "mp4 mkv webm"),
        Odd(
            name: "lost.ts", parts: [sources(4) + " -c:v mpeg2video -c:a aac"], lost: (40..<41, 0x101),
            outputs: "mp4 mkv webm", isDamaged: true),
    ]

    /// The file, and its parts, which are one if packets are lost.
    private func make(_ odd: Odd, in shop: Workshop) throws -> (file: String, parts: [String]) {
        var bytes = Data()
        var parts: [String] = []
        for (index, options) in odd.parts.enumerated() {
            let part = shop.path("\(index).\(odd.name)")
            _ = try Peer.run("ffmpeg", options, [part])
            bytes += try Data(contentsOf: URL(fileURLWithPath: part))
            parts.append(part)
        }
        let file = shop.path(odd.name)
        if let lost = odd.lost {
            bytes = without(lost.packets, lost.number, of: bytes)
            parts = [file]
        }
        try bytes.write(to: URL(fileURLWithPath: file))
        return (file, parts)
    }

    private func without(_ lost: Range<Int>, _ number: Int?, of bytes: Data) -> Data {
        var kept = Data()
        var count = 0
        for start in stride(from: 0, to: bytes.count, by: 188) {
            let packet = Array(bytes[start..<min(start + 188, bytes.count)])
            let isCounted = number == nil || Int(packet[1] & 0x1F) << 8 | Int(packet[2]) == number
            if !isCounted || !lost.contains(count) { kept += packet }
            if isCounted { count += 1 }
        }
        return kept
    }

    /// How loud each fiftieth of a second is, and how many waves there are.
    private func levels(_ path: String) throws -> (levels: [Float], waves: Int) {
        let bytes = try Peer.run(
            "ffmpeg",
            "-err_detect ignore_err -i \(path) -map 0:a:0 -af aresample=async=1 -ac 1 -ar 8000 -f f32le -")
        let samples = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        let levels = stride(from: 0, to: samples.count, by: 160).map { start in
            samples[start..<min(start + 160, samples.count)].reduce(0) { max($0, abs($1)) }
        }
        return (levels, zip(samples, samples.dropFirst()).count { $0 < 0 && $1 >= 0 })
    }

    @Test(arguments: odd) func soundIsInItsPlace(odd: Odd) throws {
        let shop = try Workshop()
        let (input, parts) = try make(odd, in: shop)
        let played = try parts.map(levels)
        let wanted = (levels: played.flatMap(\.levels), waves: played.map(\.waves).reduce(0, +))
        let threshold = (wanted.levels.max() ?? 0) / 4
        for ending in odd.outputs.split(separator: " ") {
            let output = shop.path("out.\(ending)")
            let conversion = try Conversion(MediaInput(input), to: output, filter: "identity", settings: .init())
            _ = try conversion.run()
            let found = try levels(output)
            #expect(
                abs(wanted.levels.count - found.levels.count) < 10,
                "\(ending): \(found.levels.count) of \(wanted.levels.count) levels")
            let different = zip(wanted.levels, found.levels).count { ($0 > threshold) != ($1 > threshold) }
            #expect(different < 12, "\(ending): \(different) of \(wanted.levels.count) levels differ")
            #expect(
                abs(wanted.waves - found.waves) < wanted.waves / 12,
                "\(ending): \(found.waves) of \(wanted.waves) waves")
            if odd.isDamaged { #expect(conversion.notes.contains { $0.contains("left out") }, "\(conversion.notes)") }
        }
    }

    /// ffmpeg's options for a codec, and a container that holds it.
    private static let codecs = [
        "aac mkv", "ac3 mkv", "eac3 mkv", "dca -strict -2 mkv", "truehd -strict -2 mkv", "mlp -strict -2 mkv",
        "mp2 mkv",
        "libmp3lame mkv", "flac mkv", "libopus mkv", "libvorbis mkv", "alac mkv", "wavpack mkv", "tta mkv",
        "pcm_s16le mkv", "pcm_s16be mov", "pcm_s24le mkv", "pcm_s32le mkv", "pcm_u8 mkv", "pcm_s8 mov", "pcm_f32le mkv",
        "pcm_f64le mkv", "pcm_alaw -ar 8000 mkv", "pcm_mulaw -ar 8000 mov", "adpcm_ima_qt mov", "adpcm_ima_wav mkv",
        "adpcm_ms avi", "wmav2 asf", "libspeex -ar 16000 -ac 1 mkv", "g722 -ar 16000 -ac 1 mkv",
        "nellymoser -ar 44100 -ac 1 flv", "adpcm_swf -ar 44100 flv", "s302m -strict -2 ts", "pcm_bluray m2ts",
    ]

    @Test func everyCodecGetsIntoEveryContainer() throws {
        let shop = try Workshop()
        DispatchQueue.concurrentPerform(iterations: Self.codecs.count) { index in
            let options = Self.codecs[index].split(separator: " ").map(String.init)
            let input = shop.path("\(options[0]).\(options.last ?? "")")
            do {
                let sources =
                    "-f lavfi -i testsrc2=s=64x48:r=25:d=0.4 -f lavfi -i sine=d=0.4:r=48000 -ac 2 -c:v mpeg2video"
                let video = input.hasSuffix("flv") ? " -c:v flv1" : ""
                _ = try Peer.run("ffmpeg", sources + video + " -c:a", options.dropLast() + [input])
                for ending in ["mp4", "mov", "mkv", "webm"] {
                    let output = shop.path("\(options[0]).out.\(ending)")
                    _ = try Conversion(MediaInput(input), to: output, filter: "identity", settings: .init()).run()
                    let count = try Peer.run("ffmpeg", "-i \(output) -map 0:a -ac 1 -ar 48000 -f s16le -").count / 2
                    // Lead-in and padding of a slow rate are long.
                    let tolerance = options.contains("-ar") && !options.contains("44100") ? 12_000 : 4500
                    #expect(abs(count - 19_200) < tolerance, "\(options[0]) in \(ending): \(count) samples")
                }
            } catch {
                Issue.record("\(options[0]): \(error)")
            }
        }
    }

    /// Opus takes one layout for each number of channels.
    @Test(arguments: [
        ("2.1", 3), ("3.0", 3), ("quad", 4), ("4.0", 4), ("5.0(side)", 5), ("5.1(side)", 6), ("6.1", 7), ("7.1", 8),
        ("hexadecagonal", 2),
    ])
    func unusualLayoutsAreEncoded(layout: String, channels: Int) throws {
        let shop = try Workshop()
        let input = shop.path(channels == 2 ? "in.mov" : "in.mkv")
        let codec = channels == 2 ? "pcm_s16le" : "flac"
        _ = try Peer.run(
            "ffmpeg",
            "-f lavfi -i testsrc2=s=64x48:r=25:d=0.4 -f lavfi -i sine=d=0.4 -af aformat=channel_layouts=\(layout) "
                + "-c:v mpeg4 -c:a \(codec)", [input])
        let output = shop.path("out.webm")
        let conversion = try Conversion(MediaInput(input), to: output, filter: "identity", settings: .init())
        _ = try conversion.run()
        let text = try Peer.text("ffprobe", "-select_streams a -show_entries stream=channels -of csv=p=0", [output])
        #expect(text.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) } == [channels], "\(text)")
        #expect(conversion.notes.contains { $0.contains("of 16 channels") } == (channels == 2), "\(conversion.notes)")
    }
}
