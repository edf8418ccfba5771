import Foundation
import NeuralNet
import Support
import TestSupport
import Testing
import pentimento

/// Failures have the right exit code, one line with cause and remedy, and leave no partial output.
@Suite struct FailureTests {
    /// Runs `stylize` and expects one line on standard error.
    private func failure(_ shop: Workshop, _ arguments: String...) throws -> String {
        let before = shop.files
        let outcome = try Program.run(Program.pentimento, ["stylize"] + arguments)
        #expect(outcome.status == 1)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.split(whereSeparator: \.isNewline).count == 1, "\(outcome.errors)")
        #expect(outcome.errors.hasPrefix("pentimento: "))
        #expect(shop.files == before)
        return outcome.errors
    }

    @Test func invalidInputs() throws {
        let shop = try Workshop()
        let out = shop.path("out.mp4")
        #expect(try failure(shop, shop.path("none.mp4"), "-o", out).contains("no such file"))
        #expect(try failure(shop, shop.folder, "-o", out).contains("folder"))
        #expect(try failure(shop, shop.path("none_%03d.png"), "-o", out).contains("no such frames"))
        #expect(
            try failure(shop, "\(TestData.repository)/LICENSE", "-o", out).contains("neither a video nor a picture"))
        try Data().write(to: URL(fileURLWithPath: shop.path("empty.mp4")))
        #expect(try failure(shop, shop.path("empty.mp4"), "-o", out).contains("empty"))
        try Data((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 3) }).write(
            to: URL(fileURLWithPath: shop.path("noise.mp4")))
        _ = try failure(shop, shop.path("noise.mp4"), "-o", out)
    }

    @Test func aPictureIsNoVideo() throws {
        let shop = try Workshop()
        let picture = shop.path("picture.gif")
        _ = try Program.peer("ffmpeg", "-i", Workshop.bundledClip, "-frames:v", "1", "-vf", "scale=64:48", picture)
        #expect(try failure(shop, picture, "-o", shop.path("out.mp4")).contains("still picture"))
    }

    @Test func truncatedClip() throws {
        let shop = try Workshop()
        let clip = try #require(FileManager.default.contents(atPath: Workshop.bundledClip))
        for count in [100, 3000, 200_000] {
            try clip.prefix(count).write(to: URL(fileURLWithPath: shop.path("cut.mp4")))
            let message = try failure(shop, shop.path("cut.mp4"), "-o", shop.path("out.mp4"), "--size", "32x18")
            if count == 200_000 {
                #expect(message.contains(/, \d+ of 72 frames are missing; --duration/), "\(message)")
            }
        }
    }

    /// A clip that lacks a few frames is converted, and one line says so.
    @Test func slightlyTruncatedClip() throws {
        let shop = try Workshop()
        let clip = try #require(FileManager.default.contents(atPath: Workshop.bundledClip))
        try clip.prefix(clip.count * 9 / 10).write(to: URL(fileURLWithPath: shop.path("cut.mp4")))
        let outcome = try Program.run("stylize", shop.path("cut.mp4"), "-o", shop.path("out.mp4"), "--size", "32x18")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let missing = 72 - (try Workshop.times(of: shop.path("out.mp4")).count)
        #expect(missing > 0 && outcome.errors.contains("\(missing) of 72 frames are missing"), "\(outcome.errors)")
    }

    @Test func invalidOutputs() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip(frames: 3)
        #expect(try failure(shop, clip, "-o", shop.path("none/out.mp4")).contains("folder does not exist"))
        #expect(try failure(shop, clip, "-o", shop.path("out.xyz")).contains(".mp4"))
        #expect(try failure(shop, clip, "-o", shop.path("out.png")).contains("many frames"))
        #expect(try failure(shop, clip, "-o", "/proc/out.mp4").contains("/proc/out.mp4"))
        #expect(try failure(shop, clip, "-o", clip).contains("is the input"))
        #expect(try failure(shop, clip, "-o", shop.path("tiny.mp4"), "--size", "3x5").contains("16 x 16"))
    }

    /// What cannot be painted so is said before the work, with the cause.
    @Test func causesAreNamed() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip(frames: 3)
        try Files.write(Array("1\n00:00:01,000 --> 00:00:02,000\nHello\n".utf8), to: shop.path("s.srt"))
        _ = try Program.peer(
            "ffmpeg", "-f", "lavfi", "-i", "testsrc2=s=64x48:d=0.1", "-vf", "setsar=1/1000", "-c:v", "ffv1",
            shop.path("thin.mkv"))
        #expect(mkfifo(shop.path("pipe.mp4"), 0o600) == 0)
        let out = shop.path("out.mp4")
        let cases: [(arguments: [String], words: String)] = [
            ([shop.path("s.srt"), "-o", out], "s.srt: has no picture, only subtitles"),
            ([clip, "-o", shop.path("pipe.mp4")], "pipe.mp4: is a pipe, into which .mp4 cannot be written"),
            ([clip, "-o", out, "--size", "20000x16"], "out.mp4: H.264 has no frames of 20000 x 16, the most is 16384"),
            ([shop.path("thin.mkv"), "-o", out, "--size", "64x"], "out.mp4: would have frames of 64 x 48000"),
            (
                [clip, "-o", out, "--style-mix", "scream:0.7,nosuch:0.3"],
                "The mix of styles is wrong: "
            ),
        ]
        for (arguments, words) in cases {
            let outcome = try Program.run(Program.pentimento, ["stylize"] + arguments)
            #expect(outcome.status == 1 && outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1 && !Files.exists(out), "\(outcome.errors)")
        }
    }

    /// A negative number is a value, allowed or not, and not one that is missing.
    @Test func negativeNumbers() throws {
        let allowed = try Program.run("stylize", "a.mp4", "-o", "b.mp4", "--coherence", "-4")
        #expect(allowed.status == 1 && allowed.errors.contains("no such file"), "\(allowed.errors)")
        for option in ["--bit-depth", "--strength", "--start", "--duration", "--threads"] {
            let outcome = try Program.run("stylize", "a.mp4", "-o", "b.mp4", option, "-4")
            #expect(outcome.status == 2 && outcome.errors.contains(option), "\(outcome.errors)")
            #expect(!outcome.errors.contains("Missing value"), "\(outcome.errors)")
        }
    }

    @Test func frameRates() {
        let cases = [
            ("25", "25/1"), ("29.97", "30000/1001"), ("23.976", "24000/1001"), ("59.94", "60000/1001"),
            ("30000/1001", "30000/1001"), ("12.5", "12500/1000"), ("24.0", "24000/1000"), ("0.5", "500/1000"),
        ]
        for (text, fraction) in cases { #expect(FrameRate(text)?.text == fraction, "\(text)") }
        for text in ["", "0", "-25", "1/0", "0/1", "25/", "1e3", "nan", "2.5.1", "1000001", "1/2/3"] {
            #expect(FrameRate(text) == nil, "\(text)")
        }
    }

    @Test func fullDisk() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip(frames: 10)
        try FileManager.default.createSymbolicLink(atPath: shop.path("full.mp4"), withDestinationPath: "/dev/full")
        #expect(try failure(shop, clip, "-o", shop.path("full.mp4")).contains("full"))
        // Like a disk that becomes full while the file grows.
        let before = shop.files
        let limited = try Program.run(
            "/bin/bash",
            [
                "-c", "ulimit -f 8; exec \"$@\"", "-", Program.pentimento, "stylize", clip, "-o", shop.path("out.mp4"),
                "--size", "256x",
            ])
        #expect(limited.status == 1)
        #expect(limited.errors.contains("out.mp4"))
        #expect(shop.files == before)
    }

    /// Standard output on a full disk is an error; a reader that has closed its end is not.
    @Test func lostOutput() throws {
        for arguments in [["models", "list"], ["--help"], ["doctor"]] {
            func run(_ script: String) throws -> Outcome {
                try Program.run("/bin/bash", ["-c", script, "-", Program.pentimento] + arguments)
            }
            let full = try run("exec \"$@\" > /dev/full")
            #expect(full.status == 1 && full.errors.contains("standard output"), "\(arguments) \(full.errors)")
            #expect(try run("set -o pipefail; \"$@\" | true").errors.isEmpty)
        }
    }

    /// Limits under which GStreamer or OpenBLAS crash or block.
    @Test(arguments: [("-n 20", "open files"), ("-s 100", "stack"), ("-v 300000", "address space")])
    func limitsOfTheProcess(limit: String, name: String) throws {
        let outcome = try Program.run(
            "/bin/bash", ["-c", "ulimit \(limit); exec \"$@\"", "-", Program.pentimento, "models", "list"])
        #expect(outcome.status == 1 && outcome.output.isEmpty)
        #expect(outcome.errors.contains(name), "\(outcome.errors)")
        #expect(outcome.errors.contains("ulimit \(limit.prefix(2))"), "\(outcome.errors)")
    }

    @Test func invalidStyles() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip(frames: 3)
        #expect(try failure(shop, clip, "-o", shop.path("out.mp4"), "--style", "screm").contains("scream"))
        #expect(
            try failure(shop, clip, "-o", shop.path("out.mp4"), "--style", shop.path("none.safetensors")).contains(
                "none.safetensors"))
        #expect(
            try failure(shop, clip, "-o", shop.path("out.mp4"), "--style", "\(TestData.repository)/./LICENSE").contains(
                "LICENSE"))
    }

    @Test func existingFilesAreNotReplaced() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip(frames: 3)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: shop.path("out.mp4")))
        _ = try failure(shop, clip, "-o", shop.path("out.mp4"))
        #expect(FileManager.default.contents(atPath: shop.path("out.mp4")) == Data("mine".utf8))
        #expect(try Program.run("stylize", clip, "-o", shop.path("out.mp4"), "--force").status == 0)
        #expect(try Workshop.times(of: shop.path("out.mp4")).count == 3)
    }

    /// A pipe is an error at once, in every option and wherever no pipe can be copied.
    @Test func pipesAreRefused() throws {
        let shop = try Workshop()
        let pipe = shop.path("pipe.safetensors")
        #expect(mkfifo(pipe, 0o600) == 0)
        let image = try shop.makeFrames(count: 1).replacingOccurrences(of: "%03d", with: "001")
        let out = shop.path("out.png")
        for arguments in [
            ["stylize", image, "-o", out, "--style", pipe],
            ["optimize", image, "-o", out, "--style-image", pipe],
            ["optimize", image, "-o", out, "--style-image", image, "--loss-network", pipe],
            ["flow", pipe, image, "-o", shop.path("out.flo")], ["check", pipe, pipe, "-o", shop.path("out.pgm")],
            ["run", pipe], ["models", "import", pipe], ["models", "info", pipe], ["compare", pipe, "-o", out],
        ] {
            let outcome = try Program.run(Program.pentimento, arguments)
            #expect(outcome.status == 1, "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.contains("pipe"), "\(arguments): \(outcome.errors)")
        }
        // A pipe in the model folder must not block the list of models.
        let models = ["PENTIMENTO_MODEL_PATH=\(shop.folder)", Program.pentimento]
        #expect(try Program.run("/usr/bin/env", models + ["models", "list"]).status == 0)
        _ = try Program.run("/usr/bin/env", models + ["doctor"])
        let typo = try Program.run("/usr/bin/env", models + ["stylize", image, "-o", out, "--style", "screem"])
        #expect(typo.status == 1 && typo.errors.contains("screem"))
        #expect(!Files.exists(out))
    }

    /// Existing outputs are reported before any work starts.
    @Test func existingFramesOfASequenceAreNotReplaced() throws {
        let shop = try Workshop()
        let frames = try shop.makeFrames(count: 4)
        try Files.write([1], to: shop.path("out_003.png"))
        let outcome = try Program.run("stylize", frames, "-o", shop.path("out_%03d.png"))
        #expect(outcome.status == 1 && outcome.errors.contains("out_003.png"))
        #expect(shop.files.filter { $0.hasPrefix("out") } == ["out_003.png"])
        try Files.write([1], to: shop.path("late_005.png"))
        #expect(try Program.run("stylize", frames, "-o", shop.path("late_%03d.png")).status == 0)
    }

    /// Files with frame numbers outside 0...2^31 - 2 are no frames.
    @Test func frameNumbersOutOfRangeAreIgnored() throws {
        let shop = try Workshop()
        for number in ["9223372036854775807", "2147483647", "99999999999999999999", "-1"] {
            try Files.write([1], to: shop.path("f_\(number).png"))
        }
        let none = try Program.run("stylize", shop.path("f_%d.png"), "-o", shop.path("o_%d.png"))
        #expect(none.status == 1 && none.errors.contains("no such frames"), "\(none.errors)")
    }

    @Test func interruptionLeavesNoFiles() throws {
        let shop = try Workshop()
        let process = try Program.start(
            ["stylize", Workshop.bundledClip, "-o", shop.path("out.mp4"), "--size", "1600x900"])
        // The output is open under a temporary name.
        func isWriting() -> Bool {
            let files = "/proc/\(process.identifier)/fd"
            return Files.names(in: files).contains {
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(files)/\($0)")
                return target?.hasPrefix("\(shop.folder)/#") == true
            }
        }
        process.wait(until: isWriting)
        #expect(shop.files == [])
        #expect(process.end(by: SIGINT) == .exited(130))
        #expect(process.errors.contains("interrupted"))
        #expect(shop.files == [])
    }

    /// A signal interrupts a network run that would take a minute.
    @Test(arguments: ["stylize", "sphere"]) func interruptionCancelsALongNetworkRun(command: String) throws {
        let shop = try Workshop()
        let model = shop.path("slow.safetensors")
        try Model.writeFormulaModel(
            ModelDescription(
                kind: .image, architecture: try Architecture(parsing: "c3s1-16,c31s1-64,c31s1-64,c3s1-3"),
                padding: .zero), to: model)
        let frame = try shop.makeImage("frame.png", format: "RGB", size: (1200, 600))
        let process = try Program.start(
            "/usr/bin/env",
            [
                "GST_DEBUG=basetransform:5", "GST_DEBUG_NO_COLOR=1", Program.pentimento, command, frame, "-o",
                shop.path("out.png"), "--style", model,
            ])
        // GStreamer's log shows when the frame has reached the element.
        func hasBegun(_ line: Substring) -> Bool { line.contains("styliz") && line.contains("handling buffer") }
        process.wait { process.errors.split(separator: "\n").contains(where: hasBegun) }
        #expect(process.end() == .exited(143))
        #expect(process.errors.contains("interrupted; \(shop.path("out.png")) was not written"))
        #expect(shop.files == ["frame.png", "slow.safetensors"])
    }

    @Test func modelsBeyondTheMemoryLimitAreRefused() throws {
        let shop = try Workshop()
        let frame = try shop.makeImage("frame.png", format: "RGB", size: (320, 240))
        let outcome = try Program.run(
            "/usr/bin/env",
            ["PENTIMENTO_MEMORY_LIMIT=4M", Program.pentimento, "stylize", frame, "-o", shop.path("out.png")])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains(" MB of memory, and may take 4.0 MB: take smaller frames"))
        #expect(outcome.errors.contains("PENTIMENTO_MEMORY_LIMIT"))
        #expect(shop.files == ["frame.png"])
    }

    @Test(arguments: [
        ["stylize"], ["stylize", "a.mp4"], ["stylize", "a.mp4", "-o", "b.mp4", "--strength", "2"],
        ["stylize", "a.mp4", "-o", "b.mp4", "--flow", "turbo"], ["stylize", "a.mp4", "-o", "b.mp4", "--size", "big"],
        ["stylize", "a.mp4", "-o", "b.mp4", "--quality", "0"],
        ["stylize", "a.mp4", "-o", "b.mp4", "--quality", "lively"],
        ["optimize", "a.mp4", "-o", "b.mp4", "--quality", "live"],
        ["stylize", "a.mp4", "-o", "b.mp4", "--duration", "-1"],
        ["stylize", "a.mp4", "-o", "b.mp4", "--frame-rate", "1/0"], ["paint"],
        ["check", "a.flo", "b.flo", "-o", "c.pgm", "--min-filter", "4"],
        ["evaluate", "--stylized", "x"], ["run", "a.gst", "nokey"], ["models", "info"],
    ])
    func wrongArguments(arguments: [String]) throws {
        let outcome = try Program.run(Program.pentimento, arguments)
        #expect(outcome.status == 2)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("Usage: pentimento"))
    }

    @Test func helpExitsWithZero() throws {
        for arguments in [["--help"], ["stylize", "--help"], ["--version"]] {
            let outcome = try Program.run(Program.pentimento, arguments)
            #expect(outcome.status == 0)
            #expect(!outcome.output.isEmpty)
        }
    }
}
