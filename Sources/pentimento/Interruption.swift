import Glibc
import Imaging
import Support
import Synchronization

/// Work that was stopped by a signal.
struct Interruption: Error, CustomStringConvertible {
    let signal: Int32
    let description: String
}

/// Ctrl-C and its like are noted, so that work ends in order; a second one ends the program at once, and leaves no
/// temporary file.
enum Interrupt {
    private static let signal = Atomic<Int32>(0)
    /// When it came, in nanoseconds of the monotonic clock.
    private static let time = Atomic<Int>(0)
    private static let isPatient = Atomic(false)
    /// `timeout` sends its signal twice, to the program and to its process group: within this many nanoseconds two are one.
    private static let shortest = 500_000_000

    /// Safe in a signal handler.
    private static func receive(_ number: Int32) {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let nanoseconds = now.tv_sec * 1_000_000_000 + now.tv_nsec
        if signal.compareExchange(expected: 0, desired: number, ordering: .sequentiallyConsistent).exchanged {
            time.store(nanoseconds, ordering: .sequentiallyConsistent)
            if !isPatient.load(ordering: .relaxed) { Cancellation.process.request() }
        } else if nanoseconds - time.load(ordering: .sequentiallyConsistent) > shortest {
            TemporaryNames.removeAll()
            Glibc.signal(number, SIG_DFL)
            raise(number)
        }
    }

    /// - Parameter patiently: what is being computed goes on until ``cancel()``; otherwise it is given up when the signal comes.
    static func listen(patiently: Bool = false) {
        isPatient.store(patiently, ordering: .relaxed)
        // What the handler touches is there before it may run.
        TemporaryNames.prepare()
        _ = (received, time.load(ordering: .relaxed), Cancellation.process)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in Interrupt.receive(number) }
            sigaction(number, &action, nil)
            // Whoever started this program may have kept signals from it.
            var set = sigset_t()
            sigemptyset(&set)
            sigaddset(&set, number)
            pthread_sigmask(SIG_UNBLOCK, &set, nil)
        }
    }

    /// Gives up what is being computed.
    static func cancel() { Cancellation.process.request() }

    /// The signal that came, if one did.
    static var received: Int32? {
        let number = signal.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Runs `body`, whose failure is an interruption if a signal came.
    static func guarding<Result>(_ body: () throws -> Result) throws -> Result {
        listen()
        do {
            return try body()
        } catch {
            guard let number = received else { throw error }
            throw Interruption(signal: number, description: "\(error)")
        }
    }
}
