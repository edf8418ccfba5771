import Foundation
import MediaIO
import TestSupport
import Testing

/// `pentimento live` as a program, with other programs at its ends.
@Suite(.serialized) struct LiveCommandTests {
    private let small = ["--size", "64x48", "--quality", "live", "--no-page"]

    private func live(_ arguments: String...) throws -> ChildProcess {
        try Program.start(["live"] + arguments + small)
    }

    /// Codec, and number of frames that can be decoded.
    private func facts(of path: String) throws -> (codec: String, frames: Int) {
        let text = try Program.peer(
            "ffprobe", "-count_frames", "-select_streams", "v", "-show_entries", "stream=codec_name,nb_read_frames",
            "-of",
            "csv=p=0", path)
        let fields = text.split(whereSeparator: { $0 == "," || $0.isNewline }).map(String.init)
        return (fields.first ?? "", fields.dropFirst().first.flatMap(Int.init) ?? 0)
    }

    @Test func aTestPatternIsPaintedAndRecorded() throws {
        let workshop = try Workshop()
        let outcome = try Program.run(
            Program.pentimento,
            ["live", "--input", "test", "--output", workshop.path("a.mkv"), "--duration", "4", "--json"] + small)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = try outcome.output.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        let beginning = try #require(lines.first { $0["input"] != nil })
        #expect(beginning["width"] as? Int == 64 && beginning["frameRate"] as? Int == 25)
        #expect(beginning["outputs"] as? [String] == [workshop.path("a.mkv")])
        #expect(lines.contains { ($0["frameRate"] as? Double ?? 0) > 0 && $0["delay"] != nil && $0["dropped"] != nil })
        let (codec, frames) = try facts(of: workshop.path("a.mkv"))
        #expect(codec == "h264" && frames > 10)
        #expect(workshop.files == ["a.mkv"])
    }

    /// Ctrl-C completes recordings; a name that is taken is left alone.
    @Test(arguments: ["mkv", "mp4"])
    func aSignalEndsItInOrder(ending: String) throws {
        let workshop = try Workshop()
        let clip = try workshop.makeClip(frames: 20)
        _ = FileManager.default.createFile(atPath: workshop.path("a.\(ending)"), contents: Data("mine".utf8))
        let program = try live("--input", clip, "--output", workshop.path("a.\(ending)"), "--microphone", "test")
        program.wait(for: "recording \(workshop.path("a-2.\(ending)"))")
        sleep(3)
        program.signal(SIGINT)
        #expect(program.wait() == .exited(0), "\(program.errors)")
        #expect(FileManager.default.contents(atPath: workshop.path("a.\(ending)")) == Data("mine".utf8))
        #expect(try facts(of: workshop.path("a-2.\(ending)")).frames > 10)
        #expect(workshop.files == ["a-2.\(ending)", "a.\(ending)", "clip.mp4"])
    }

    /// What was recorded plays, whatever ends the program or fills the disk.
    @Test(arguments: ["mkv", "mp4"])
    func whatWasRecordedPlays(ending: String) throws {
        let workshop = try Workshop()
        let killed = try live("--input", "test", "--output", workshop.path("a.\(ending)"))
        killed.wait(for: "recording")
        sleep(5)
        killed.end(by: SIGKILL)
        #expect(try facts(of: workshop.path("a.part.\(ending)")).frames > 10)
        let full = try Program.run(
            "/bin/bash",
            [
                "-c",
                "ulimit -f 40; \"$0\" live --input test --fps 25 --output \(workshop.path("b.\(ending)")) --duration 12 "
                    + "--size 320x240 --quality live --no-page", Program.pentimento,
            ])
        #expect(full.status == 0 && full.errors.contains("b.\(ending)"), "\(full.errors)")
        #expect(full.errors.contains("is the disk full") || full.errors.contains("disk is full"), "\(full.errors)")
        #expect(try facts(of: workshop.path("b.\(ending)")).frames > 5)
        // Why it ended, and then what there is of it.
        let said = full.errors.split(separator: "\n")
        let reason = said.firstIndex { $0.contains("disk") } ?? said.endIndex
        let result = try #require(said.firstIndex { $0.contains("recorded") }, "\(full.errors)")
        #expect(reason < result && said[result].hasSuffix(", up to there"), "\(full.errors)")
    }

    /// Without a sequencer there is no MIDI, and the rest goes on; a wrong file is an error.
    @Test func aMissingSequencerIsSaid() throws {
        let workshop = try Workshop()
        let outcome = try Program.run(
            Program.pentimento, ["live", "--input", "test", "--midi-source", "no such", "--duration", "1"] + small)
        #expect(outcome.status == 0 && outcome.errors.contains("going on without MIDI"), "\(outcome.errors)")
        try "{".write(toFile: workshop.path("map.json"), atomically: true, encoding: .utf8)
        let wrong = try Program.run(
            Program.pentimento,
            ["live", "--input", "test", "--midi-map", workshop.path("map.json"), "--duration", "30"] + small)
        #expect(wrong.status == 1 && wrong.errors.contains("not valid JSON"), "\(wrong.errors)")
        let doctor = try Program.run("doctor")
        #expect(doctor.output.contains("MIDI of `live --midi`"))
    }

    @Test(arguments: [
        (["--style", "screm", "--input", "test"], "did you mean \"scream\""),
        (["--input", "/dev/video99"], "no such camera"), (["--input", "/no/film.mp4"], "no such file"),
        (["--input", "test", "--output", "/dev/video99"], "no such output device"),
        (["--input", "test", "--output", "clip.avi"], "no such kind of output"),
        (["--input", "README.md"], "README.md: is a text, neither a video nor a picture"),
        (["--input", "screen:1"], "screen:1: no such input"), (["--mask", "/no/mask.png"], "/no/mask.png"),
        (["--mask", "README.md"], "README.md: neither a video nor a picture"),
        (["--input", "test", "--masks", "/no/folder"], "there is no folder /no/folder"),
    ])
    func errorsAreOneLine(arguments: [String], words: String) throws {
        let outcome = try Program.run(Program.pentimento, ["live", "--duration", "30"] + arguments + small)
        #expect(outcome.status == 1, "\(arguments): \(outcome.errors)")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }

    /// A screen that is not there is an error where it is asked for, and no window is shown where it is not.
    @Test func aScreenThatIsNotThereIsSaid() throws {
        for (arguments, status, words) in [
            (["--input", "screen"], 1, "screen: :1789 cannot be opened"),
            (["--input", "test", "--output", "window"], 1, "window: the screen :1789 cannot be opened"),
            (["--input", "test"], 0, ""),
        ] as [([String], Int32, String)] {
            let outcome = try Program.run(
                "/usr/bin/env",
                ["-u", "WAYLAND_DISPLAY", "DISPLAY=:1789", Program.pentimento, "live", "--duration", "2"] + arguments
                    + small)
            let isSaid = words.isEmpty || outcome.errors.contains(words)
            #expect(outcome.status == status && isSaid, "\(arguments): \(outcome.errors)")
        }
    }

    // MARK: Other programs at the ends

    /// The stream of a server, from which it can be taken away.
    @Test func aStreamOfRTSPIsPainted() throws {
        let workshop = try Workshop()
        let server = try RTSPServer(try workshop.makeClip(frames: 300))
        let program = try live("--input", server.address, "--output", workshop.path("a.mkv"))
        program.wait(for: "recording")
        sleep(2)
        program.signal(SIGINT)
        #expect(program.wait() == .exited(0), "\(program.errors)")
        #expect(try facts(of: workshop.path("a.mkv")).frames > 5)
    }

    /// A server that ends its connections, is away, and comes back.
    @Test func aServerThatGoesAwayIsWaitedFor() throws {
        let workshop = try Workshop()
        let clip = try workshop.makeClip(frames: 600)
        let server = try RTSPServer(clip)
        let program = try live("--input", server.address, "--output", workshop.path("a.mkv"))
        program.wait(for: "recording")
        sleep(2)
        server.stop()
        program.wait(for: "trying again")
        #expect(program.errors.contains("trying again"), "\(program.errors)")
        let other = try RTSPServer(clip, port: server.port)
        program.wait(for: "is back")
        #expect(program.errors.contains("\(other.address): is back"), "\(program.errors)")
        program.signal(SIGINT)
        #expect(program.wait() == .exited(0), "\(program.errors)")
        #expect(try facts(of: workshop.path("a.mkv")).frames > 10)
    }

    /// A sender that begins later, is killed, and comes back.
    @Test func aSenderThatGoesAwayIsWaitedFor() throws {
        let workshop = try Workshop()
        let clip = try workshop.makeClip(frames: 100)
        let port = try Port.free()
        let program = try live("--input", "srt://127.0.0.1:\(port)?mode=listener", "--output", workshop.path("a.mkv"))
        Port.wait(for: port) { program.isRunning }
        let options = "-c:v copy -an -bsf:v h264_mp4toannexb -f mpegts srt://127.0.0.1:\(port)"
        let first = try Sender(clip, options, endless: true)
        program.wait(for: "recording")
        sleep(2)
        first.kill()
        program.wait(for: "trying again")
        var second: Sender?
        for _ in 0..<20 where !program.errors.contains("is back") && program.isRunning {
            second = try Sender(clip, options, endless: true)
            for _ in 0..<30 where !program.errors.contains("is back") { usleep(100_000) }
        }
        #expect(program.errors.contains("is back"), "\(program.errors)")
        second?.kill()
        program.signal(SIGINT)
        #expect(program.wait() == .exited(0), "\(program.errors)")
        #expect(try facts(of: workshop.path("a.mkv")).frames > 10)
    }

    /// A receiver that comes later than the program, ends, and is there again.
    @Test(arguments: ["rtmp", "srt"])
    func aReceiverThatGoesAwayGetsTheStreamAgain(scheme: String) throws {
        let workshop = try Workshop()
        let port = try Port.free()
        let (address, listening) =
            scheme == "rtmp"
            ? (
                "rtmp://127.0.0.1:\(port)/live/key",
                ["-f", "flv", "-listen", "1", "-i", "rtmp://127.0.0.1:\(port)/live/key"]
            )
            : ("srt://127.0.0.1:\(port)", ["-f", "mpegts", "-i", "srt://127.0.0.1:\(port)?mode=listener"])
        let program = try live("--input", "test", "--output", address, "--microphone", "test")
        program.wait(for: "\(address)")
        #expect(program.errors.contains("trying again"), "\(program.errors)")
        for name in ["first.mkv", "second.mkv"] {
            let outcome = try Program.run(
                "/usr/bin/env",
                ["timeout", "60", "ffmpeg", "-v", "error"] + listening + ["-t", "2", "-c", "copy", workshop.path(name)])
            #expect(outcome.status == 0, "\(outcome.errors)")
            let (codec, frames) = try facts(of: workshop.path(name))
            #expect(codec == "h264" && frames > 5, "\(name)")
            let streams = try Program.peer(
                "ffprobe", "-show_entries", "stream=codec_name", "-of", "csv=p=0", workshop.path(name))
            #expect(streams.contains("aac"))
        }
        #expect(program.errors.contains("\(address): the connection is lost"), "\(program.errors)")
        program.signal(SIGINT)
        #expect(program.wait() == .exited(0), "\(program.errors)")
    }

    /// A screen of X11 in memory, and its name. Skips the test where there is no Xvfb.
    ///
    /// - Parameter first: the lowest number that it may get.
    private func screen(numberedFrom first: Int) throws -> (server: ChildProcess, display: String) {
        guard (try? Program.run("/usr/bin/env", ["Xvfb", "-help"]))?.status == 0 else {
            try TestData.skip("no Xvfb; install xvfb")
        }
        let number = first + Int.random(in: 0..<800)
        let server = try Program.start("Xvfb", [":\(number)", "-screen", "0", "320x240x24"])
        server.wait(10) { FileManager.default.fileExists(atPath: "/tmp/.X11-unix/X\(number)") }
        return (server, ":\(number)")
    }

    /// The window shows the painting, and the screen with it can be painted.
    @Test func aWindowShowsThePainting() throws {
        let (server, display) = try screen(numberedFrom: 100)
        defer { server.end() }
        let workshop = try Workshop()
        let window = try Program.start(
            "/usr/bin/env", ["DISPLAY=\(display)", Program.pentimento, "live", "--input", "test"] + small)
        func shot() throws -> [UInt8] {
            try Pipeline(
                parsing: "ximagesrc display-name=\(display) num-buffers=1 use-damage=false ! videoconvert ! pngenc "
                    + "! filesink location=\"\(workshop.path("shot.png"))\"", input: display
            ).run()
            return Array(
                try Peer.run(
                    "ffmpeg", "", ["-i", workshop.path("shot.png"), "-f", "rawvideo", "-pix_fmt", "gray", "-"]))
        }
        var levels: Set<UInt8> = []
        for _ in 0..<60 where levels.count < 20 {
            sleep(1)
            levels = Set(try shot())
        }
        #expect(levels.count >= 20, "an empty screen")
        let outcome = try Program.run(
            "/usr/bin/env",
            [
                "DISPLAY=\(display)", Program.pentimento, "live", "--input", "screen", "--output",
                workshop.path("a.mkv"),
                "--duration", "4",
            ] + small)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try facts(of: workshop.path("a.mkv")).frames > 3)
        #expect(window.end() == .exited(0), "\(window.errors)")
    }

    /// A screen that goes away takes the window with it, and nothing else.
    @Test func aScreenThatGoesAwayEndsOnlyTheWindow() throws {
        let (server, display) = try screen(numberedFrom: 1000)
        let workshop = try Workshop()
        let painting = try Program.start(
            "/usr/bin/env",
            [
                "DISPLAY=\(display)", Program.pentimento, "live", "--input", "test", "--output", "window", "--output",
                workshop.path("a.mkv"),
            ] + small)
        painting.wait(10) { workshop.files.contains("a.part.mkv") }
        sleep(2)
        server.end(by: SIGKILL)
        sleep(14)
        #expect(painting.isRunning)
        // The window's pipeline is not waited for.
        #expect(painting.end(within: 30) == .exited(0), "\(painting.errors)")
        #expect(try facts(of: workshop.path("a.mkv")).frames > 100)
    }
}
