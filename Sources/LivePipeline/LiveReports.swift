import CGStreamer
import Synchronization

/// What is wrong with the parts of a painting. Each trouble is said once when it comes and once when it is over.
final class LiveReports: Sendable {
    private struct Trouble {
        let part: String
        let text: String
        /// When it is forgotten.
        var end = GstClockTime.max
    }

    private let troubles = Mutex<[Trouble]>([])
    private let say: @Sendable (String) -> Void

    /// - Parameter say: given a line of text, on any thread.
    init(say: @escaping @Sendable (String) -> Void) { self.say = say }

    /// All troubles of the present; empty: none.
    var text: String {
        let now = clockTime()
        return troubles.withLock { troubles in
            troubles.removeAll { $0.end <= now }
            return troubles.map(\.text).joined(separator: "; ")
        }
    }

    func note(_ text: String) { say(text) }

    /// - Parameter retries: whether the part is tried again.
    func failed(_ part: String, _ text: String, retries: Bool) {
        let isNew = troubles.withLock { troubles in
            if troubles.contains(where: { $0.part == part && $0.text == text }) { return false }
            troubles.removeAll { $0.part == part }
            troubles.append(Trouble(part: part, text: text))
            return true
        }
        if isNew { say(retries ? "\(text); trying again" : text) }
    }

    func recovered(_ part: String) {
        let wasTroubled = troubles.withLock { troubles in
            let count = troubles.count
            troubles.removeAll { $0.part == part }
            return troubles.count < count
        }
        if wasTroubled { say("\(part): is back") }
    }

    /// Forgets the trouble of a part that is no longer wanted.
    func forget(_ part: String) { troubles.withLock { $0.removeAll { $0.part == part } } }

    /// Forgets the trouble of a part later, in so many seconds.
    func forget(_ part: String, after seconds: Double) {
        let end = clockTime() + GstClockTime(seconds * 1e9)
        troubles.withLock { troubles in
            for index in troubles.indices where troubles[index].part == part { troubles[index].end = end }
        }
    }
}
