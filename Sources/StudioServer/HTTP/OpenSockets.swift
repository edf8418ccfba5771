import Glibc
import Synchronization

/// The sockets of all connections: how many there may be, and until when each may wait for the other side.
final class OpenSockets: Sendable {
    private let limit: Int
    private let deadlines = Mutex<[Int32: ContinuousClock.Instant]>([:])

    init(limit: Int) { self.limit = limit }

    var count: Int { deadlines.withLock { $0.count } }

    /// Takes a socket in; false if there are too many.
    func add(_ file: Int32, seconds: Double) -> Bool {
        deadlines.withLock { deadlines in
            guard deadlines.count < limit else { return false }
            deadlines[file] = .now + .seconds(seconds)
            return true
        }
    }

    /// The other side has this long from now on.
    func allow(_ file: Int32, seconds: Double) {
        deadlines.withLock { deadlines in
            if deadlines[file] != nil { deadlines[file] = .now + .seconds(seconds) }
        }
    }

    /// To be called before the socket is closed: its number may be used again at once.
    func remove(_ file: Int32) { _ = deadlines.withLock { $0.removeValue(forKey: file) } }

    /// Ends what waits on sockets whose time is over.
    func endLate() {
        deadlines.withLock { deadlines in
            let now = ContinuousClock.now
            for (file, deadline) in deadlines where deadline < now { shutdown(file, Int32(SHUT_RDWR)) }
        }
    }
}
