import Foundation
import NeuralNet
import TestSupport
import Testing

/// Whatever goes wrong: the right exit code, one line that says what and what to do, and nothing half-written.
@Suite struct FailureTests {
    /// The outcome of `stylize` with one line on standard error.
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

    @Test func inputsThatAreNone() throws {
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

    @Test func aClipThatWasCutShort() throws {
        let shop = try Workshop()
        let clip = try #require(FileManager.default.contents(atPath: Workshop.bundledClip))
        for count in [100, 3000, 200_000] {
            try clip.prefix(count).write(to: URL(fileURLWithPath: shop.path("cut.mp4")))
            let message = try failure(shop, shop.path("cut.mp4"), "-o", shop.path("out.mp4"), "--size", "32x18")
            if count == 200_000 { #expect(message.contains("--duration")) }
        }
    }

    @Test func outputsThatCannotBe() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip(frames: 3)
        #expect(try failure(shop, clip, "-o", shop.path("none/out.mp4")).contains("folder does not exist"))
        #expect(try failure(shop, clip, "-o", shop.path("out.xyz")).contains(".mp4"))
        #expect(try failure(shop, clip, "-o", shop.path("out.png")).contains("many frames"))
        #expect(try failure(shop, clip, "-o", "/proc/out.mp4").contains("/proc/out.mp4"))
        #expect(try failure(shop, clip, "-o", clip).contains("--force"))
        #expect(try failure(shop, clip, "-o", shop.path("tiny.mp4"), "--size", "3x5").contains("16 x 16"))
    }

    @Test func aFullDisk() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip(frames: 10)
        try FileManager.default.createSymbolicLink(atPath: shop.path("full.mp4"), withDestinationPath: "/dev/full")
        #expect(try failure(shop, clip, "-o", shop.path("full.mp4")).contains("full"))
        // As on a disk that fills up while the file grows.
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

    @Test func stylesThatAreNone() throws {
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

    @Test func anExistingFileStaysAsItIs() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip(frames: 3)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: shop.path("out.mp4")))
        _ = try failure(shop, clip, "-o", shop.path("out.mp4"))
        #expect(FileManager.default.contents(atPath: shop.path("out.mp4")) == Data("mine".utf8))
        #expect(try Program.run("stylize", clip, "-o", shop.path("out.mp4"), "--force").status == 0)
        #expect(try Workshop.times(of: shop.path("out.mp4")).count == 3)
    }

    @Test func anInterruptionLeavesNothing() throws {
        let shop = try Workshop()
        _ = FileManager.default.createFile(atPath: shop.path("errors"), contents: nil)
        let errors = try #require(FileHandle(forUpdatingAtPath: shop.path("errors")))
        let process = try Program.start(
            Program.pentimento, ["stylize", Workshop.bundledClip, "-o", shop.path("out.mp4"), "--size", "1600x900"],
            output: .nullDevice, errors: errors)
        while !shop.files.contains(where: { $0.hasSuffix("partial.out.mp4") }) && process.isRunning { usleep(20_000) }
        usleep(300_000)
        process.interrupt()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        #expect(
            String(decoding: FileManager.default.contents(atPath: shop.path("errors")) ?? Data(), as: UTF8.self)
                .contains("interrupted"))
        #expect(shop.files == ["errors"])
    }

    /// The network is at work on one picture for a minute; nobody waits for that.
    @Test(arguments: ["stylize", "sphere"]) func aSlowPictureIsGivenUp(command: String) throws {
        let shop = try Workshop()
        let model = shop.path("slow.safetensors")
        try Model.writeFormulaModel(
            ModelDescription(
                kind: .image, architecture: try Architecture(parsing: "c3s1-16,c31s1-64,c31s1-64,c3s1-3"),
                padding: .zero), to: model)
        let frame = try shop.makePicture("frame.png", format: "RGB", size: (1200, 600))
        let log = Pipe()
        let process = try Program.start(
            "/usr/bin/env",
            [
                "GST_DEBUG=basetransform:5", "GST_DEBUG_NO_COLOR=1", Program.pentimento, command, frame, "-o",
                shop.path("out.png"), "--style", model,
            ], output: .nullDevice, errors: log.fileHandleForWriting)
        try log.fileHandleForWriting.close()
        // GStreamer's log tells when the frame has come to the element.
        var text = ""
        func hasBegun(_ line: Substring) -> Bool { line.contains("styliz") && line.contains("handling buffer") }
        while !text.split(separator: "\n").contains(where: hasBegun),
            case let more = log.fileHandleForReading.availableData, !more.isEmpty
        {
            text += String(decoding: more, as: UTF8.self)
        }
        kill(process.processIdentifier, SIGTERM)
        let rest = log.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 143)
        #expect(String(decoding: rest, as: UTF8.self).contains("interrupted; \(shop.path("out.png")) was not written"))
        #expect(shop.files == ["frame.png", "slow.safetensors"])
    }

    @Test func aModelThatTakesTooMuchMemoryIsRefused() throws {
        let shop = try Workshop()
        let frame = try shop.makePicture("frame.png", format: "RGB", size: (320, 240))
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
        ["stylize", "a.mp4", "-o", "b.mp4", "--quality", "0"], ["stylize", "a.mp4", "-o", "b.mp4", "--duration", "-1"],
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

    @Test func helpIsNoFailure() throws {
        for arguments in [["--help"], ["stylize", "--help"], ["--version"]] {
            let outcome = try Program.run(Program.pentimento, arguments)
            #expect(outcome.status == 0)
            #expect(!outcome.output.isEmpty)
        }
    }
}
