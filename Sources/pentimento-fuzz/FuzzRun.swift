import Glibc
import Support
import Synchronization

/// Runs a target on one input after another. An input that crashes or hangs is written to a file.
enum FuzzRun {
    /// Time limit per input, after which it counts as hung.
    private static let timeout = 90
    private static let capacity = 1 << 16
    nonisolated(unsafe) private static let current = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    private static let length = Atomic<Int>(0)
    private static let count = Atomic<Int>(0)
    /// The previous signal actions.
    nonisolated(unsafe) private static let before: UnsafeMutablePointer<sigaction> = {
        let actions = UnsafeMutablePointer<sigaction>.allocate(capacity: 65)
        actions.initialize(repeating: sigaction(), count: 65)
        return actions
    }()
    nonisolated(unsafe) private static var outputName: UnsafeMutablePointer<CChar>?

    /// - Parameters:
    ///   - seconds: time limit; nil: none.
    ///   - inputs: maximum number of inputs; nil: none.
    /// - Returns: the number of inputs run.
    static func run(_ target: any FuzzTarget, seconds: Int?, inputs: Int?, seed: UInt64) throws -> Int {
        watch(target.name)
        let seeds = try target.seeds()
        var corpus = seeds
        var mutator = Mutator(seed: seed, words: target.words)
        let end = seconds.map { time(nil) + $0 }
        var done = 0
        for seed in corpus { try1(target, seed) }
        while done < inputs ?? .max {
            if let end, done % 16 == 0, time(nil) >= end { break }
            // Some mutated inputs join the corpus, so that they are mutated further.
            let input = mutator.input(from: done % 2 == 0 ? seeds : corpus)
            try1(target, input)
            done += 1
            if done % 64 == 0 { corpus.append(input) }
            if corpus.count > 256 { corpus.remove(at: 64 + done % 192) }
        }
        return done
    }

    /// Runs one input, which the signal handlers write to a file if it crashes or hangs.
    static func try1(_ target: any FuzzTarget, _ input: [UInt8]) {
        let count = min(input.count, capacity)
        input.withUnsafeBufferPointer { if let base = $0.baseAddress { current.update(from: base, count: count) } }
        length.store(count, ordering: .releasing)
        self.count.add(1, ordering: .relaxed)
        target.run(input)
    }

    /// Installs signal handlers that write the current input to a file on a crash, and end the process on a hang.
    static func watch(_ name: String) {
        outputName = strdup("fuzz-\(name)-\(getpid()).input")
        for number in [SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGTRAP, SIGALRM] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                FuzzRun.writeInput()
                // If SWIFT_BACKTRACE is set, Swift's own handler then prints a backtrace.
                sigaction(number, FuzzRun.before + Int(number), nil)
                raise(number)
            }
            action.sa_flags = SA_ONSTACK
            sigaction(number, &action, before + Int(number))
        }
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { _ in
                var before = -1
                while true {
                    sleep(UInt32(FuzzRun.timeout))
                    let now = FuzzRun.count.load(ordering: .relaxed)
                    if now == before { raise(SIGALRM) }
                    before = now
                }
            }, nil)
    }

    /// Async-signal-safe.
    private static func writeInput() {
        guard let outputName else { return }
        let file = open(outputName, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        _ = write(file, current, length.load(ordering: .acquiring))
        close(file)
        let text: StaticString = "\npentimento-fuzz: an input made it trap or hang; it is in "
        _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
        _ = write(STDERR_FILENO, outputName, strlen(outputName))
        _ = write(STDERR_FILENO, "\n", 1)
    }
}
