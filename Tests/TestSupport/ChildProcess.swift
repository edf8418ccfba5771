import CTestSupport
import Foundation
import Synchronization

/// Another program that runs beside a test, with no input.
///
/// All waits are bounded: a program that hangs is killed, and the stacks of its threads are printed. It inherits no file
/// but its standard streams, so that it keeps no pipe or socket of another test open. Foundation's `Process` ensures
/// neither.
public final class ChildProcess: Sendable {
    /// How a program ended.
    public enum Ending: Equatable, Sendable {
        case exited(Int32)
        /// By a signal.
        case killed(Int32)
        /// It had to be killed, since it did not end in time.
        case hung
    }

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public let identifier: pid_t
    private let ending = Mutex<Ending?>(nil)
    private let outputFile: CapturedFile
    private let errorFile: CapturedFile

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - program: searched in `PATH` where it has no slash.
    ///   - environment: instead of that of the tests.
    ///   - folder: where it runs, instead of where the tests run.
    /// - Throws: if it cannot be started.
    public init(
        _ program: String, _ arguments: [String], environment: [String: String]? = nil, folder: String? = nil
    ) throws {
        outputFile = try CapturedFile()
        errorFile = try CapturedFile()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, outputFile.descriptor, 1)
        posix_spawn_file_actions_adddup2(&actions, errorFile.descriptor, 2)
        spawn_actions_close_from(&actions, 3)
        if let folder { spawn_actions_change_folder(&actions, folder) }
        // Signals as they are in a shell, whatever the tests ignore or block.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let variables = (environment ?? ProcessInfo.processInfo.environment).map { "\($0)=\($1)" }
        var pid: pid_t = 0
        let code = Self.withStrings([program] + arguments) { words in
            Self.withStrings(variables) { posix_spawnp(&pid, program, &actions, &attributes, words, $0) }
        }
        guard code == 0 else { throw Failure(description: "\(program): \(String(cString: strerror(code)))") }
        identifier = pid
    }

    deinit {
        if isRunning { end(by: SIGKILL) }
    }

    private static func withStrings<R>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }

    /// What it has written to standard output so far.
    public var output: [UInt8] { outputFile.bytes }
    /// What it has written to standard error so far.
    public var errors: String { String(decoding: errorFile.bytes, as: UTF8.self) }

    public var isRunning: Bool { current == nil }

    private var current: Ending? {
        ending.withLock { ending in
            guard ending == nil else { return ending }
            var status: Int32 = 0
            guard waitpid(identifier, &status, WNOHANG) == identifier else { return nil }
            ending = status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .killed(status & 0x7F)
            return ending
        }
    }

    public func signal(_ number: Int32) {
        ending.withLock { if $0 == nil { _ = kill(identifier, number) } }
    }

    /// Sends a signal and waits for the end.
    @discardableResult public func end(by number: Int32 = SIGTERM, within seconds: Double = 60) -> Ending {
        signal(number)
        return wait(seconds)
    }

    /// Waits until a condition is true, the program has ended, or so many seconds have passed.
    public func wait(_ seconds: Double = 120, until condition: () throws -> Bool) rethrows {
        let end = ContinuousClock.now + .seconds(seconds)
        while try !condition(), isRunning, ContinuousClock.now < end { usleep(5000) }
    }

    /// Waits until it has written some words to standard error, or has ended; a minute at most.
    public func wait(for words: String) { wait(60) { errors.contains(words) } }

    /// Waits for the end.
    ///
    /// - Parameter seconds: after which it is killed.
    @discardableResult public func wait(_ seconds: Double = 300) -> Ending {
        wait(seconds) { false }
        if let current { return current }
        FileHandle.standardError.write(
            Data("process \(identifier) hangs after \(seconds) s; \(errors)\n\(Self.stacks(of: identifier))\n".utf8))
        signal(SIGKILL)
        wait(60) { false }
        return .hung
    }

    /// The stacks of all threads of a process, where there is a debugger.
    private static func stacks(of identifier: pid_t) -> String {
        let debugger = try? ChildProcess(
            "gdb", ["-batch", "-nx", "-p", "\(identifier)", "-ex", "thread apply all backtrace 20"])
        debugger?.wait(60) { false }
        debugger?.signal(SIGKILL)
        return debugger.map { String(decoding: $0.output, as: UTF8.self) } ?? "(no gdb)"
    }
}

/// A file without a name for what a program writes.
private final class CapturedFile: Sendable {
    let descriptor: Int32

    init() throws {
        var path = Array((FileManager.default.temporaryDirectory.path + "/pentimento-XXXXXX").utf8CString)
        descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw ChildProcess.Failure(description: "no temporary file") }
        unlink(path)
    }

    deinit { close(descriptor) }

    var bytes: [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return [] }
        return Array(unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
            // The offset is that of the program as well, and stays.
            count = max(pread(descriptor, buffer.baseAddress, buffer.count, 0), 0)
        }
    }
}
