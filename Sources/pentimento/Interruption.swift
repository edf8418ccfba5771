import Glibc
import Imaging
import Synchronization

/// Work that was stopped by a signal.
struct Interruption: Error, CustomStringConvertible {
    let signal: Int32
    let description: String
}

/// Ctrl-C and its like are noted, so that work ends in order and soon; a second one ends the program at once.
enum Interrupt {
    private static let signal = Atomic<Int32>(0)
    private static let isPatient = Atomic(false)

    /// - Parameter patiently: what is being computed goes on until ``cancel()``; otherwise it is given up when the signal comes.
    static func listen(patiently: Bool = false) {
        // Once one came, the next ends the program.
        guard received == nil else { return }
        isPatient.store(patiently, ordering: .relaxed)
        // What the handler touches is there before it may run.
        _ = Cancellation.process
        for number in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                Interrupt.signal.store(number, ordering: .relaxed)
                if !Interrupt.isPatient.load(ordering: .relaxed) { Cancellation.process.request() }
            }
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
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
