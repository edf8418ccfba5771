import Glibc
import Support
import Synchronization

/// Runs a target on one input after the other. An input that traps or hangs is left in a file.
enum FuzzRun {
    /// No input may take longer; a clock is what tells a hang.
    private static let patience = 90
    private static let capacity = 1 << 16
    nonisolated(unsafe) private static let current = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    private static let length = Atomic<Int>(0)
    private static let count = Atomic<Int>(0)
    /// What was done about each signal.
    nonisolated(unsafe) private static let before: UnsafeMutablePointer<sigaction> = {
        let actions = UnsafeMutablePointer<sigaction>.allocate(capacity: 65)
        actions.initialize(repeating: sigaction(), count: 65)
        return actions
    }()
    nonisolated(unsafe) private static var outputName: UnsafeMutablePointer<CChar>?

    /// - Parameters:
    ///   - seconds: ends after that; nil: not for that reason.
    ///   - inputs: ends after so many; nil: not for that reason.
    /// - Returns: how many inputs were tried.
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
            // Changed inputs are changed again now and then, so that some go far from where they began.
            let input = mutator.input(from: done % 2 == 0 ? seeds : corpus)
            try1(target, input)
            done += 1
            if done % 64 == 0 { corpus.append(input) }
            if corpus.count > 256 { corpus.remove(at: 64 + done % 192) }
        }
        return done
    }

    /// Tries one input, which is remembered for the case that it is the last.
    static func try1(_ target: any FuzzTarget, _ input: [UInt8]) {
        let count = min(input.count, capacity)
        input.withUnsafeBufferPointer { if let base = $0.baseAddress { current.update(from: base, count: count) } }
        length.store(count, ordering: .releasing)
        self.count.add(1, ordering: .relaxed)
        target.run(input)
    }

    /// Writes the input that is being tried to a file when the process is about to die of it, and ends one that hangs.
    static func watch(_ name: String) {
        outputName = strdup("fuzz-\(name)-\(getpid()).input")
        for number in [SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGTRAP, SIGALRM] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                FuzzRun.writeInput()
                // Swift's own handler, where SWIFT_BACKTRACE asks for it, says where it was.
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
                    sleep(UInt32(FuzzRun.patience))
                    let now = FuzzRun.count.load(ordering: .relaxed)
                    if now == before { raise(SIGALRM) }
                    before = now
                }
            }, nil)
    }

    /// Safe in a signal handler.
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
