import Foundation
import Support
import TestSupport
import Testing

/// Streams of the network, which are recorded and then painted.
@Suite(.serialized) struct StreamTests {
    private let shop: Workshop
    private let clip: String

    init() throws {
        shop = try Workshop()
        clip = shop.path("clip.mp4")
        _ = try Program.peer(
            "ffmpeg", "-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=2", "-f", "lavfi", "-i", "sine=d=2", "-c:v",
            "libx264",
            "-g", "10", "-bf", "2", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2", clip)
    }

    /// A way to send, with PORT for a port.
    struct Way: CustomTestStringConvertible, Sendable {
        let address: String
        /// Of ffmpeg.
        let options: String
        /// Who waits for the other one.
        var waiting = Side.sender
        /// Whether packets may be lost at the beginning and the end.
        var isLossy = false
        var testDescription: String { address }

        enum Side { case sender, us }
    }

    private static let ways: [Way] = [
        Way(address: "tcp://127.0.0.1:PORT", options: "-c copy -f mpegts tcp://127.0.0.1:PORT?listen=1"),
        Way(
            address: "tcp://127.0.0.1:PORT?listen=1", options: "-c copy -f mpegts tcp://127.0.0.1:PORT", waiting: .us),
        Way(address: "tcp://127.0.0.1:PORT", options: "-c copy -f matroska tcp://127.0.0.1:PORT?listen=1"),
        Way(
            address: "srt://127.0.0.1:PORT", options: "-c copy -f mpegts srt://127.0.0.1:PORT?mode=listener",
            isLossy: true),
        Way(
            address: "srt://127.0.0.1:PORT?mode=listener", options: "-c copy -f mpegts srt://127.0.0.1:PORT",
            waiting: .us, isLossy: true),
        Way(address: "rtmp://127.0.0.1:PORT/a/clip", options: "-c copy -f flv -listen 1 rtmp://127.0.0.1:PORT/a/clip"),
        Way(address: "http://127.0.0.1:PORT/a", options: "-c copy -f mpegts -listen 1 http://127.0.0.1:PORT/a"),
        Way(
            address: "udp://127.0.0.1:PORT", options: "-c copy -f mpegts udp://127.0.0.1:PORT?pkt_size=1316",
            waiting: .us, isLossy: true),
        Way(
            address: "rtp://127.0.0.1:PORT", options: "-c copy -f rtp_mpegts rtp://127.0.0.1:PORT", waiting: .us,
            isLossy: true),
    ]

    private func stylize(_ input: String, _ output: String, _ options: String...) -> [String] {
        ["stylize", "--strength", "0", "--progress", "json", input, "-o", shop.path(output)] + options
    }

    /// The bytes of a series of pictures.
    private func pictures(_ name: String) throws -> [[UInt8]] {
        try shop.files.filter { $0.hasPrefix("\(name)_") }.map { try Files.read(shop.path($0)) }
    }

    /// Frames of the clip itself.
    private func expected(_ options: String...) throws -> [[UInt8]] {
        let outcome = try Program.run(Program.pentimento, stylize(clip, "file_%03d.png") + options)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return try pictures("file")
    }

    /// Runs the program with a sender.
    private func take(
        _ way: Way, _ output: String, _ options: [String] = [], endless: Bool = false,
        _ meanwhile: (ChildProcess, Sender) throws -> Void = { _, _ in }
    ) throws -> ChildProcess {
        let port = try Port.free()
        func filled(_ text: String) -> String { text.replacing("PORT", with: "\(port)") }
        func program() throws -> ChildProcess {
            try Program.start(stylize(filled(way.address), output) + options)
        }
        func sender() throws -> Sender { try Sender(clip, filled(way.options), endless: endless) }
        let (first, second): (ChildProcess, Sender)
        switch way.waiting {
        case .sender:
            second = try sender()
            Port.wait(for: port)
            first = try program()
        case .us:
            let waiting = try program()
            Port.wait(for: port) { waiting.isRunning }
            (first, second) = (waiting, try sender())
        }
        try meanwhile(first, second)
        _ = withExtendedLifetime(second) { first.wait() }
        return first
    }

    @Test(arguments: Self.ways) func framesAreThoseThatWereSent(way: Way) throws {
        let program = try take(way, "stream_%03d.png")
        #expect(program.wait() == .exited(0), "\(program.errors)")
        let lines = program.errors.split(separator: "\n").filter { $0.hasPrefix("pentimento:") }
        #expect(lines.contains { $0.contains(": recording \(way.address.prefix(6))") && $0.contains("Ctrl-C") })
        #expect(lines.last?.contains(": recorded ") == true, "\(program.errors)")
        let (frames, expected) = (try pictures("stream"), try expected())
        guard way.isLossy else { return #expect(frames == expected) }
        // Beginning with a key frame.
        let first = try #require(frames.first.flatMap({ expected.firstIndex(of: $0) }))
        let same = zip(frames, expected[first...]).count { $0 == $1 }
        #expect(first % 10 == 0 && first <= 30 && same >= frames.count - 4, "\(first), \(same) of \(frames.count)")
    }

    /// Playlists name addresses, but no files.
    @Test func playlists() throws {
        _ = try Program.peer(
            "ffmpeg", "-i", clip, "-c", "copy", "-f", "hls", "-hls_list_size", "0", "-hls_time", "1",
            shop.path("a.m3u8"))
        let (folder, evil) = (
            shop.folder, "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://\(clip)\n#EXT-X-ENDLIST\n"
        )
        let server = try WebServer { path in
            path == "/evil.m3u8"
                ? .init(bytes: Array(evil.utf8)) : (try? Files.read(folder + path)).map { .init(bytes: $0) }
        }
        func take(_ name: String) throws -> Outcome {
            try Program.run(
                Program.pentimento, stylize("http://127.0.0.1:\(server.port)/\(name)", "stream_%03d.png"))
        }
        #expect(try take("evil.m3u8").status == 1)
        let outcome = try take("a.m3u8")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try pictures("stream") == expected())
    }

    @Test func rtsp() throws {
        let server = try RTSPServer(clip)
        let outcome = try Program.run(Program.pentimento, stylize(server.address, "stream_%03d.png"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try pictures("stream") == expected())
    }

    /// Times and sound are those of the clip, to the millisecond that the recording keeps.
    @Test func timesAndSound() throws {
        let program = try take(Self.ways[0], "stream.mkv")
        #expect(program.wait() == .exited(0), "\(program.errors)")
        let (times, expected) = (try Workshop.times(of: shop.path("stream.mkv")), try Workshop.times(of: clip))
        #expect(times.count == expected.count)
        for (time, other) in zip(times, expected) {
            #expect(abs((Double(time) ?? -1) - (Double(other) ?? -1)) < 0.05, "\(time) \(other)")
        }
        let sound = try Program.peer(
            "ffprobe", "-select_streams", "a", "-show_entries", "stream=codec_name,channels", "-of", "csv=p=0",
            shop.path("stream.mkv"))
        #expect(sound.contains("aac,2"))
    }

    /// A part of an endless stream.
    @Test func duration() throws {
        let options = ["--start", "0.4", "--duration", "1.2"]
        let program = try take(Self.ways[0], "stream_%03d.png", options, endless: true)
        #expect(program.wait() == .exited(0), "\(program.errors)")
        #expect(program.errors.contains("that is all of --duration"))
        #expect(try pictures("stream") == expected(options[0], options[1], options[2], options[3]))
    }

    private static let someProgress = "\"recording\""

    /// What came before a sender died is painted.
    @Test func aSenderDies() throws {
        let program = try take(Self.ways[0], "stream_%03d.png", endless: true) { program, sender in
            program.wait(for: Self.someProgress)
            usleep(500_000)
            sender.kill()
        }
        #expect(program.wait() == .exited(0), "\(program.errors)")
        #expect(program.errors.contains("has ended it") || program.errors.contains("the connection ended"))
        let (frames, expected) = (try pictures("stream"), try expected())
        // Those that need the last picture are damaged.
        #expect(frames.count >= 10)
        #expect(zip(frames.dropLast(4), expected).allSatisfy { $0 == $1 })
    }

    /// A signal ends the recording, and a second one the program.
    @Test(arguments: [SIGINT, SIGTERM, SIGHUP], [false, true]) func signals(signal: Int32, twice: Bool) throws {
        let program = try take(
            Self.ways[0], "stream.mp4", twice ? ["--strength", "1", "--size", "960x640"] : [], endless: true
        ) { program, _ in
            program.wait(for: Self.someProgress)
            usleep(500_000)
            program.signal(signal)
            guard twice else { return }
            program.wait(for: ": recorded ")
            // Two signals at once count as one.
            usleep(600_000)
            program.signal(signal)
        }
        let isEnd = twice || signal == SIGHUP
        #expect(program.wait() == .exited(isEnd ? 128 + signal : 0), "\(program.errors)")
        #expect(program.errors.contains("a signal ended the recording") == (signal != SIGHUP))
        #expect(Files.exists(shop.path("stream.mp4")) == !isEnd)
    }

    @Test func whatCannotBeRecorded() throws {
        let sound = shop.path("sound.mp4")
        _ = try Program.peer("ffmpeg", "-i", clip, "-vn", "-c", "copy", sound)
        let server = try WebServer { path in .init(bytes: Array("text\n".utf8), hasLength: path != "/text") }
        let port = try Port.free()
        let cases = [
            ("tcp://127.0.0.1:\(port)", "the connection was refused"), ("rtsp://127.0.0.1:\(port)/a", "refused"),
            ("rtmp://127.0.0.1:\(port)/a/b", "rtmp://127.0.0.1:\(port)/a/b: "),
            ("srt://127.0.0.1:\(port)", "srt://127.0.0.1:\(port): "),
            ("udp://127.0.0.1:\(port)", "no data came for 10 seconds"), ("teapot://here", "is of no known kind"),
            ("http://127.0.0.1:\(server.port)/text", "http://127.0.0.1:\(server.port)/text: "),
        ]
        for (address, words) in cases {
            let outcome = try Program.run(Program.pentimento, stylize(address, "out.mp4"))
            #expect(outcome.status == 1 && outcome.errors.contains(words), "\(address): \(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        }
        let silent = try Sender(sound, "-c copy -f mpegts tcp://127.0.0.1:\(port)?listen=1")
        Port.wait(for: port)
        let outcome = try Program.run(Program.pentimento, stylize("tcp://127.0.0.1:\(port)", "out.mp4"))
        #expect(outcome.status == 1 && outcome.errors.contains("only sound"), "\(outcome.errors)")
        silent.kill()
        let sender = try Sender(clip, "-c copy -f mpegts tcp://127.0.0.1:\(port)?listen=1", endless: true)
        Port.wait(for: port)
        let words = ([Program.pentimento] + stylize("tcp://127.0.0.1:\(port)", "out.mp4")).joined(separator: " ")
        let full = try Program.run("/bin/bash", ["-c", "ulimit -f 50; \(words)"])
        #expect(full.status == 1 && full.errors.contains("TMPDIR"), "\(full.errors)")
        sender.kill()
        #expect(shop.files == ["clip.mp4", "sound.mp4"])
    }
}
