import Glibc
import Synchronization

/// Output to the standard streams.
enum Terminal {
    enum Stream {
        case output, error

        var descriptor: Int32 { self == .output ? STDOUT_FILENO : STDERR_FILENO }
    }

    /// Writes the text and a newline.
    static func write(_ text: String, to stream: Stream) {
        write(raw: text + "\n", to: stream)
    }

    static func write(raw text: String, to stream: Stream) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(stream.descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 {
                // A reader that has closed its end wants no more. Any other failure loses output.
                if stream == .output && errno != EPIPE { failure.store(count < 0 ? errno : ENOSPC, ordering: .relaxed) }
                return
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Why some text for standard output is lost, such as a full disk; nil if nothing is.
    static var lostOutput: String? {
        let code = failure.load(ordering: .relaxed)
        return code == 0 ? nil : String(cString: strerror(code))
    }

    /// Error number of the last failed write to standard output; 0: none.
    private static let failure = Atomic<Int32>(0)

    /// Opens the standard streams that are closed, so that no other file gets their numbers, and what is meant for them.
    /// Reading and writing them fails as before.
    static func reserveDescriptors() {
        for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)] {
            // The lowest number that is free is that of the stream.
            if fcntl(descriptor, F_GETFD) < 0 { _ = open("/dev/null", mode) }
        }
    }

    static func ignoreSignals() {
        signal(SIGXFSZ, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        // It ends the program, as a user expects it; the language's runtime would print the stacks of all threads.
        if !isIgnored(SIGQUIT) { signal(SIGQUIT, SIG_DFL) }
    }

    /// Whether the parent process has the signal ignored, as `nohup` does.
    static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        // SIG_IGN, which is a number and no function.
        return sigaction(number, nil, &action) == 0
            && unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    /// The first argument that is not UTF-8, with a sign in place of what is not; nil if all are. Such a file would be taken
    /// for another one.
    static var unreadableArgument: String? {
        (0..<Int(CommandLine.argc)).lazy.compactMap { CommandLine.unsafeArgv[$0] }
            .first { String(validatingCString: $0) == nil }.map { String(cString: $0) }
    }

    static func isTerminal(_ stream: Stream) -> Bool { isatty(stream.descriptor) != 0 }

    static func exit(_ code: Int32) -> Never { Glibc.exit(code) }

    /// Exits without the libraries' exit handlers: OpenBLAS's waits for ever for threads that it could not start.
    static func exitAtOnce(_ code: Int32) -> Never { _exit(code) }

    /// Seconds of the monotonic clock.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// An error's text without line breaks.
func oneLine(_ error: any Error) -> String {
    "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
}

/// A number with a fixed number of decimals; "-" if it is not finite.
func decimal(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return "-" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 1e15 else { return "\(value)" }
    let whole = Int(scaled)
    let sign = value < 0 && whole > 0 ? "-" : ""
    if digits == 0 { return "\(sign)\(whole)" }
    let fraction = String(whole % Int(scale))
    return "\(sign)\(whole / Int(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
}

/// A table with aligned columns: the first left-aligned, the others right-aligned.
func table(_ rows: [[String]]) -> String {
    var widths: [Int] = []
    for row in rows {
        for (column, cell) in row.enumerated() {
            if column == widths.count { widths.append(0) }
            widths[column] = max(widths[column], cell.count)
        }
    }
    return rows.map { row in
        let cells = row.enumerated().map { column, cell in
            let gap = String(repeating: " ", count: widths[column] - cell.count)
            return column == 0 ? cell + gap : gap + cell
        }
        var line = cells.joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return line
    }.joined(separator: "\n")
}
