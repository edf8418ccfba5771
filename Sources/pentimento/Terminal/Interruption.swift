import Glibc
import Imaging
import Support
import Synchronization

/// The error of work that was stopped by a signal.
struct Interruption: Error, CustomStringConvertible {
    let signal: Int32
    let description: String
}

/// Handles SIGINT, SIGTERM and SIGHUP, unless the parent process has them ignored: the first signal stops the work in an
/// orderly way; a second one removes temporary files and ends the program at once. SIGQUIT does that as the first.
enum Interrupt {
    private static let signal = Atomic<Int32>(0)
    /// Time of the last signal in nanoseconds of the monotonic clock.
    private static let time = Atomic<Int>(0)
    private static let isPatient = Atomic(false)
    /// Nanoseconds within which two signals count as one: `timeout` sends its signal both to the program and to its
    /// process group.
    private static let shortest = 500_000_000

    /// Safe in a signal handler.
    private static func receive(_ number: Int32) {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let nanoseconds = now.tv_sec * 1_000_000_000 + now.tv_nsec
        let last = time.load(ordering: .sequentiallyConsistent)
        guard nanoseconds - last > shortest,
            time.compareExchange(expected: last, desired: nanoseconds, ordering: .sequentiallyConsistent).exchanged
        else { return }
        if signal.compareExchange(expected: 0, desired: number, ordering: .sequentiallyConsistent).exchanged {
            if !isPatient.load(ordering: .relaxed) { Cancellation.process.request() }
        } else {
            end(by: number)
        }
    }

    /// Safe in a signal handler.
    private static func end(by number: Int32) {
        TemporaryNames.removeAll()
        Glibc.signal(number, SIG_DFL)
        raise(number)
    }

    /// Installs the signal handlers.
    ///
    /// - Parameter patiently: whether the current computation continues after a signal until ``cancel()``; otherwise
    ///   the signal cancels it.
    static func listen(patiently: Bool = false) {
        isPatient.store(patiently, ordering: .relaxed)
        // Initialises everything that the handler accesses.
        TemporaryNames.prepare()
        _ = (received, time.load(ordering: .relaxed), Cancellation.process)
        for number in [SIGINT, SIGTERM, SIGHUP] where !Terminal.isIgnored(number) {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in Interrupt.receive(number) }
            sigaction(number, &action, nil)
            // The parent process may have blocked the signals.
            var set = sigset_t()
            sigemptyset(&set)
            sigaddset(&set, number)
            pthread_sigmask(SIG_UNBLOCK, &set, nil)
        }
        if !Terminal.isIgnored(SIGQUIT) {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in Interrupt.end(by: number) }
            sigaction(SIGQUIT, &action, nil)
        }
    }

    /// Forgets a signal that has ended what it was to end: the next one is a first one again.
    static func settle() { signal.store(0, ordering: .sequentiallyConsistent) }

    /// Cancels the current computation.
    static func cancel() { Cancellation.process.request() }

    /// The received signal, if any.
    static var received: Int32? {
        let number = signal.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Runs `body`. If a signal was received, its error becomes an ``Interruption``.
    static func guarding<Result>(_ body: () throws -> Result) throws -> Result {
        listen()
        do { return try body() } catch { throw interruption(by: error) ?? error }
    }

    /// The interruption that an error tells of; nil if no signal was received.
    static func interruption(by error: any Error) -> Interruption? {
        error as? Interruption ?? received.map { Interruption(signal: $0, description: "\(error)") }
    }
}
