import Glibc
import Synchronization

/// Work that was stopped by a signal.
struct Interruption: Error, CustomStringConvertible {
    let signal: Int32
    let description: String
}

/// Ctrl-C and its like are noted, so that work ends in order; a second one ends the program at once.
enum Interrupt {
    private static let signal = Atomic<Int32>(0)

    static func listen() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in Interrupt.signal.store(number, ordering: .relaxed) }
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
            sigaction(number, &action, nil)
            // Whoever started this program may have kept signals from it.
            var set = sigset_t()
            sigemptyset(&set)
            sigaddset(&set, number)
            pthread_sigmask(SIG_UNBLOCK, &set, nil)
        }
    }

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
