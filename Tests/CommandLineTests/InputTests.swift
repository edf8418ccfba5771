import Foundation
import Support
import TestSupport
import Testing
import pentimento

/// Inputs that are no files: pipes and addresses.
@Suite struct InputTests {
    private let shop: Workshop

    init() throws { shop = try Workshop() }

    private func run(_ script: String) throws -> Outcome {
        try Program.run(
            "/bin/bash", ["-c", "stylize() { \"\(Program.pentimento)\" stylize --strength 0 \"$@\"; }; \(script)"])
    }

    /// A pipe gives what its file gives.
    @Test(arguments: [
        "cat CLIP | stylize - -o OUT", "cat CLIP | stylize /dev/stdin -o OUT", "stylize - -o OUT < CLIP",
        "stylize <(cat CLIP) -o OUT", "mkfifo PIPE; cat CLIP > PIPE & stylize PIPE -o OUT",
        "stylize file://CLIP -o OUT",
        "cat CLIP | stylize - -o OUT --start 0.2 --duration 0.3",
    ])
    func pipesAreReadToTheirEnd(script: String) throws {
        let clip = try shop.makeClip(frames: 10)
        let text = script.replacing("CLIP", with: clip).replacing("OUT", with: shop.path("out.mp4"))
            .replacing("PIPE", with: shop.path("pipe"))
        let outcome = try run(text)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try Workshop.times(of: shop.path("out.mp4")).count == (script.contains("--start") ? 3 : 10))
    }

    /// Standard output gets a whole Matroska file, and nothing else.
    @Test func standardOutputIsMatroska() throws {
        let clip = try shop.makeClip(frames: 10)
        let outcome = try run("stylize \(clip) -o - > \(shop.path("out.mkv"))")
        #expect(outcome.status == 0 && outcome.errors.contains("10 frames"), "\(outcome.errors)")
        #expect(try Workshop.times(of: shop.path("out.mkv")).count == 10)
        let several = try run("stylize \(clip) \(clip) -o -")
        #expect(several.status != 0 && several.errors.contains("several need a folder"), "\(several.errors)")
    }

    @Test func whatCannotBeRead() throws {
        let clip = try shop.makeClip(frames: 3)
        let out = shop.path("out.mp4")
        let cases = [
            (": | stylize - -o \(out)", "-: is empty"), ("echo text | stylize - -o \(out)", "-: neither a video"),
            ("cat \(clip) | stylize - -o \(shop.folder)", "name a file by -o"),
            ("head -c 2000 \(clip) | stylize - -o \(out)", "pentimento: -: "),
            ("stylize http://127.0.0.1:1/clip.mp4 -o \(out)", "refused"),
            ("stylize file://\(shop.path("none.mp4")) -o \(out)", "no such file"),
            ("cat \(clip) | TMPDIR=/none stylize - -o \(out)", "set TMPDIR"),
        ]
        for (script, words) in cases {
            let outcome = try run(script)
            #expect(outcome.status == 1 && outcome.errors.contains(words), "\(script): \(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
            #expect(shop.files == ["clip.mp4"])
        }
    }

    /// A file of the web is fetched; one without a length is recorded as a stream.
    @Test func filesOfTheWeb() throws {
        let clip = try shop.makeClip(frames: 5)
        let bytes = try Files.read(clip)
        let server = try WebServer { path in
            switch path {
            case "/clip%20a.mp4?key=1": WebServer.Content(bytes: bytes)
            case "/live": WebServer.Content(bytes: bytes, hasLength: false)
            default: nil
            }
        }
        func stylize(_ path: String) throws -> Outcome {
            try run("stylize 'http://127.0.0.1:\(server.port)\(path)' -o \(shop.path("out/"))")
        }
        let outcome = try stylize("/clip%20a.mp4?key=1")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try Workshop.times(of: shop.path("out/clip a.mp4")).count == 5)
        let output = shop.path("live.mp4")
        let live = try run("stylize http://127.0.0.1:\(server.port)/live -o \(output)")
        #expect(live.status == 0 && live.errors.contains("the sender has ended it"), "\(live.errors)")
        #expect(try Workshop.times(of: output).count == 5)
        #expect(try stylize("/none.mp4").errors.contains("404"))
        #expect(Files.names(in: shop.path("out")) == ["clip a.mp4"])
    }

    /// A signal ends a program that waits for a pipe.
    @Test(arguments: [SIGINT, SIGTERM]) func aSignalEndsTheWait(signal: Int32) throws {
        let pipe = shop.path("pipe.mp4")
        #expect(mkfifo(pipe, 0o600) == 0)
        let process = try Program.start(["stylize", pipe, "-o", shop.path("out/")])
        // Once it has opened the pipe, it waits for its other end.
        var writer: Int32 = -1
        process.wait {
            writer = open(pipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
            return writer >= 0
        }
        defer { close(writer) }
        #expect([.exited(128 + signal), .killed(signal)].contains(process.end(by: signal)))
        #expect(shop.files == ["pipe.mp4"])
    }

    @Test func progressInWords() {
        let cases: [(ProgressReading, String)] = [
            (.init(input: nil, frames: 120, total: 720, seconds: 8.28), "120 of 720 frames, 14.5 frames/s, 0:41 left"),
            (.init(input: "a.mp4", frames: 9, total: nil, seconds: 3), "a.mp4: 9 frames, 3.0 frames/s"),
            (.init(input: nil, frames: 0, total: 10, seconds: 0), "0 of 10 frames, 0.0 frames/s"),
            (.init(input: nil, frames: 11, total: 10, seconds: 1), "11 of 11 frames, 11.0 frames/s"),
        ]
        for (reading, line) in cases { #expect(reading.line == line) }
    }

    /// Bars, lines and objects.
    @Test func progress() throws {
        let clip = try shop.makeClip(frames: 12)
        func errors(_ style: String) throws -> String {
            try run("stylize \(clip) -o \(shop.path("out.mp4")) --force --progress \(style)").errors
        }
        for style in ["none", "auto", "lines"] { #expect(try errors(style).isEmpty) }
        #expect(try errors("bar").contains("\r"))
        let last = try #require(try errors("json").split(separator: "\n").last)
        let fields = try #require(try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
        #expect(fields.keys.sorted() == ["frames", "framesPerSecond", "seconds", "total"])
        #expect(fields["frames"] as? Int == 12 && fields["total"] as? Int == 12)
        // The frame that is shown at the start, and the last one that begins before the end, are counted.
        for (start, duration, total) in [("0.15", "0.4", 5), ("0", "0.25", 3), ("0.2", "0.2", 2), ("1.1", "5", 1)] {
            let last = try #require(
                try errors("json --start \(start) --duration \(duration)").split(separator: "\n").last)
            let fields = try #require(try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
            #expect(fields["frames"] as? Int == total && fields["total"] as? Int == total, "\(last)")
        }
    }
}
