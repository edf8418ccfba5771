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
    private func run(_ signal: Int32, ignored: Bool) throws -> ChildProcess {
        let clip = try shop.makeClip(frames: 4)
        let pipe = shop.path("pipe.mp4")
        try #require(mkfifo(pipe, 0o600) == 0)
        let process = try Program.start(
            "/usr/bin/env",
            ["--\(ignored ? "ignore" : "default")-signal=\(signal)", Program.pentimento, "stylize", "--strength", "0"]
                + [pipe, "-o", shop.path("out.mp4")])
        var writer: Int32 = -1
        process.wait {
            writer = open(pipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
            return writer >= 0
        }
        process.signal(signal)
        if ignored {
            let bytes = try Files.read(clip)
            try #require(write(writer, bytes, bytes.count) == bytes.count)
        }
        close(writer)
        return process
    }

    /// A signal that is ignored when the program starts stays so.
    @Test(arguments: [SIGHUP, SIGINT, SIGQUIT]) func ignoredSignals(signal: Int32) throws {
        let process = try run(signal, ignored: true)
        #expect(process.wait() == .exited(0), "\(process.errors)")
        #expect(try Workshop.times(of: shop.path("out.mp4")).count == 4)
    }

    /// The signal of Ctrl-\ ends the program at once, without the stacks of its threads.
    @Test func quit() throws {
        let process = try run(SIGQUIT, ignored: false)
        #expect(process.wait() == .killed(SIGQUIT))
        #expect(process.errors.isEmpty, "\(process.errors)")
        #expect(shop.files == ["clip.mp4", "pipe.mp4"])
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
