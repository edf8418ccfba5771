import Foundation
import TestSupport
import Testing

/// The programs that other tests start.
@Suite struct ChildProcessTests {
    private func shell(_ script: String) throws -> ChildProcess { try ChildProcess("sh", ["-c", script]) }

    @Test(arguments: [
        ("exit 3", ChildProcess.Ending.exited(3)), ("kill -TERM $$", .killed(SIGTERM)), ("true", .exited(0)),
    ])
    func endings(script: String, ending: ChildProcess.Ending) throws {
        #expect(try shell(script).wait() == ending)
    }

    @Test func whatItWritesCanBeReadMeanwhile() throws {
        let process = try shell("echo one; echo two >&2; exec sleep 60")
        process.wait(for: "two")
        #expect(process.isRunning && process.output == Array("one\n".utf8) && process.errors == "two\n")
        #expect(process.end(by: SIGKILL) == .killed(SIGKILL))
    }

    @Test func aProgramThatHangsIsKilled() throws {
        let process = try shell("trap '' TERM; while :; do sleep 1; done")
        process.wait(0.2) { false }
        process.signal(SIGTERM)
        #expect(process.wait(0.2) == .hung)
        #expect(!process.isRunning)
    }

    /// A pipe of another test would otherwise stay open as long as the program runs.
    @Test func itInheritsNoFiles() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let process = try ChildProcess("ls", ["/proc/self/fd"])
        process.wait()
        // The last one is the folder that it reads.
        #expect(String(decoding: process.output, as: UTF8.self).split(separator: "\n") == ["0", "1", "2", "3"])
    }

    @Test func whatCannotBeStarted() {
        #expect(throws: ChildProcess.Failure.self) { try ChildProcess("/no/program", []) }
    }
}
