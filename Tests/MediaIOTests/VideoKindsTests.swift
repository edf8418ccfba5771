import Conversions
import Foundation
import Imaging
import MediaIO
import Synchronization
import TestSupport
import Testing

/// Reads every kind of video in ``VideoKind/all``, and compares frames, times, colors and streams with ffmpeg's. The results are
/// the table in `Docs/Formats.md`; with `PENTIMENTO_UPDATE_DOCS` in the environment the test writes it.
@Suite struct VideoKindsTests {
    /// Pictures without edges, at which decoders interpolate chroma in different ways.
    private static let sources =
        "-f lavfi -i testsrc2=size=64x48:rate=25:duration=0.6,gblur=sigma=5 -f lavfi -i sine=frequency=440:duration=0.6"

    /// What ffprobe says of a file.
    private struct Facts {
        /// Seconds from the first frame on, nil where the file does not say.
        var times: [Double?] = []
        var pixelFormat = ""
        var pictures = ""
        var others: [String] = []

        init(_ path: String) throws {
            let frames = try Peer.text(
                "ffprobe", "-select_streams v:0 -show_entries frame=best_effort_timestamp_time -of csv=p=0", [path])
            times = frames.split(whereSeparator: \.isNewline).map { Double($0.prefix { $0 != "," }) }
            let first = times.compactMap { $0 }.min() ?? 0
            times = times.map { $0.map { $0 - first } }
            // A stream of a program is listed twice.
            let lines = Set(
                try Peer.text(
                    "ffprobe", "-show_entries stream=index,codec_type,codec_name,pix_fmt -of csv=p=0", [path]
                ).split(whereSeparator: \.isNewline).map(String.init)
            ).sorted().map { $0.split(separator: ",").map(String.init) }
            for fields in lines where fields.count > 2 {
                if fields[2] == "video", pictures.isEmpty {
                    pictures = fields[1]
                    pixelFormat = fields.count > 3 ? fields[3] : ""
                } else if ["audio", "subtitle"].contains(fields[2]) {
                    others.append(fields[1])
                }
            }
        }
    }

    @Test func everyKindIsRead() throws {
        let shop = try Workshop()
        try "1\n00:00:00,100 --> 00:00:00,400\nHello\n".write(
            toFile: shop.path("text.srt"), atomically: true, encoding: .utf8)
        let rows = Mutex([String?](repeating: nil, count: VideoKind.all.count))
        DispatchQueue.concurrentPerform(iterations: VideoKind.all.count) { index in
            let kind = VideoKind.all[index]
            do {
                let row = try read(kind, in: shop)
                rows.withLock { $0[index] = row }
            } catch {
                Issue.record("\(kind.name): \(error)")
            }
        }
        let table = rows.withLock { $0.compactMap { $0 } }
        #expect(table.count >= 150)
        try compare(table)
    }

    /// The kind's row in the table.
    private func read(_ kind: VideoKind, in shop: Workshop) throws -> String {
        let input = shop.path(kind.name)
        _ = try Peer.run("ffmpeg", "\(Self.sources) -i \(shop.path("text.srt")) \(options(of: kind))", [input])
        let before = try Facts(input)
        let output = shop.path("\(kind.name).out.\(kind.output)")
        let conversion = try Conversion(MediaInput(input), to: output, filter: "identity", settings: .init())
        let frames = try conversion.run().frames
        let after = try Facts(output)
        #expect(frames == before.times.count, "\(kind.name): \(frames) of \(before.times.count) frames")
        #expect(after.times.count == frames, "\(kind.name): \(after.times.count) of \(frames) frames were written")
        for (one, other) in zip(before.times, after.times) {
            guard kind.hasTimes, let one, let other else { continue }
            #expect(abs(one - other) < 0.0011, "\(kind.name): \(one) is \(other)")
        }
        #expect(after.others.count == before.others.count, "\(kind.name): \(before.others) become \(after.others)")
        try compareColors(kind, input)
        let said = conversion.notes.map { $0.replacingOccurrences(of: "|", with: "/") }.joined(separator: "; ")
        let read = ([before.pictures, before.pixelFormat] + before.others).filter { !$0.isEmpty }
        return
            "| `\(kind.name)` | \(read.joined(separator: ", ")) | \(frames) | \(after.others.joined(separator: ", ")) | \(said) |"
    }

    private func options(of kind: VideoKind) -> String {
        if kind.name.hasPrefix("cover") {
            return "-f lavfi -i testsrc2=size=64x48:duration=0.04 " + kind.options
        }
        let hasMaps = kind.options.contains("-map ")
        return (hasMaps ? "" : "-map 0 " + (kind.options.contains("-an") ? "" : "-map 1? ")) + kind.options
    }

    /// The first frame's colors. ffmpeg and GStreamer do not always agree on the position of chroma.
    private func compareColors(_ kind: VideoKind, _ input: String) throws {
        guard let frame = try FrameReader(input).next()?.image else { throw MediaError("\(kind.name): no frame") }
        let bytes = try Peer.run(
            "ffmpeg",
            "-i \(input) -map 0:v:0 -frames:v 1 -vf scale=flags=accurate_rnd+full_chroma_int+full_chroma_inp,format=rgb24 -f rawvideo -"
        )
        guard bytes.count == frame.samples.count else {
            Issue.record("\(kind.name): \(frame.width) x \(frame.height) pixels, not \(bytes.count / 3)")
            return
        }
        let count = frame.pixelCount
        for channel in 0..<3 {
            let differences = (0..<count).map {
                Double(frame.samples[channel * count + $0]) - Double(bytes[3 * $0 + channel])
            }
            let mean = differences.reduce(0, +) / Double(count)
            let deviation = differences.reduce(0) { $0 + abs($1) } / Double(count)
            #expect(abs(mean) < 1.5 && deviation < 2.5, "\(kind.name), channel \(channel): \(mean), \(deviation)")
        }
    }

    private func compare(_ table: [String]) throws {
        let path = "\(TestData.repository)/Docs/Formats.md"
        let page = try String(contentsOfFile: path, encoding: .utf8)
        let (start, end) = ("<!-- kinds -->\n", "<!-- end of kinds -->")
        let parts = page.components(separatedBy: start)
        try #require(parts.count == 2 && parts[1].contains(end))
        let rest = parts[1].components(separatedBy: end)
        let header = "\n| file | read | frames | other streams written | said |\n|---|---|---|---|---|\n"
        let wanted = header + table.joined(separator: "\n") + "\n\n"
        if ProcessInfo.processInfo.environment["PENTIMENTO_UPDATE_DOCS"] != nil {
            try (parts[0] + start + wanted + end + rest[1]).write(toFile: path, atomically: true, encoding: .utf8)
        } else {
            let shown = Set(rest[0].split(separator: "\n").map(String.init))
            for row in table { #expect(shown.contains(row), "Docs/Formats.md lacks: \(row)") }
        }
    }
}
