import Foundation
import Support
import TestSupport
import Testing

/// Signals, and standard streams that are closed.
@Suite struct SignalTests {
    private let shop: Workshop

    init() throws { shop = try Workshop() }

    /// Starts a conversion of what comes through a pipe, and sends a signal while it waits for that.
    ///
    /// - Parameter ignored: the signal is ignored by the program that starts it, as `nohup` does.
    private func run(_ signal: Int32, ignored: Bool) throws -> (process: Process, errors: String) {
        let clip = try shop.makeClip(frames: 4)
        let pipe = shop.path("pipe.mp4")
        try #require(mkfifo(pipe, 0o600) == 0)
        _ = FileManager.default.createFile(atPath: shop.path("errors"), contents: nil)
        let errors = try #require(FileHandle(forUpdatingAtPath: shop.path("errors")))
        let process = try Program.start(
            "/usr/bin/env",
            ["--\(ignored ? "ignore" : "default")-signal=\(signal)", Program.pentimento, "stylize", "--strength", "0"]
                + [pipe, "-o", shop.path("out.mp4")],
            output: .nullDevice, errors: errors)
        var writer: Int32 = -1
        while writer < 0 && process.isRunning {
            writer = open(pipe, O_WRONLY | O_NONBLOCK)
            sched_yield()
        }
        kill(process.processIdentifier, signal)
        if ignored {
            let bytes = try Files.read(clip)
            try #require(write(writer, bytes, bytes.count) == bytes.count)
        }
        close(writer)
        process.waitUntilExit()
        return (process, String(decoding: try Files.read(shop.path("errors")), as: UTF8.self))
    }

    /// A signal that is ignored when the program starts stays so.
    @Test(arguments: [SIGHUP, SIGINT, SIGQUIT]) func ignoredSignals(signal: Int32) throws {
        let (process, errors) = try run(signal, ignored: true)
        #expect(process.terminationReason == .exit && process.terminationStatus == 0, "\(errors)")
        #expect(try Workshop.times(of: shop.path("out.mp4")).count == 4)
    }

    /// The signal of Ctrl-\ ends the program at once, without the stacks of its threads.
    @Test func quit() throws {
        let (process, errors) = try run(SIGQUIT, ignored: false)
        #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGQUIT)
        #expect(errors.isEmpty, "\(errors)")
        #expect(shop.files == ["clip.mp4", "errors", "pipe.mp4"])
    }

    /// No output gets the number of a stream that is closed, and what is meant for that.
    @Test(arguments: ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"]) func closedStreams(redirection: String) throws {
        let clip = try shop.makeClip(frames: 4)
        let output = shop.path("out.mp4")
        let script = "\"$@\" \(redirection)"
        let outcome = try Program.run(
            "/bin/bash",
            ["-c", script, "-", Program.pentimento, "stylize", "--strength", "0", clip, "-o", output]
                + ["--progress", "json"])
        // A summary that cannot be printed is an error.
        #expect(outcome.status == (redirection.contains("1") ? 1 : 0), "\(outcome.errors)")
        #expect(try Workshop.times(of: output).count == 4)
        let bytes = try Files.read(output)
        #expect(String(decoding: bytes.prefix(8).dropFirst(4), as: UTF8.self) == "ftyp")
        #expect(!String(decoding: bytes, as: UTF8.self).contains("framesPerSecond"))
    }
}
