import Glibc
import Synchronization

/// The temporary files of this process that have a name, so that a signal handler can remove them.
public enum TemporaryNames {
    private struct Slot: ~Copyable {
        let path = Atomic<UnsafeMutablePointer<CChar>?>(nil)
    }

    private static let capacity = 64
    nonisolated(unsafe) private static let slots: UnsafeMutablePointer<Slot> = {
        let slots = UnsafeMutablePointer<Slot>.allocate(capacity: capacity)
        for index in 0..<capacity { (slots + index).initialize(to: Slot()) }
        return slots
    }()

    /// Set before the table is read for the last time; from then on no name is freed.
    private static let isEnding = Atomic(false)

    /// One name that is remembered until it is removed or forgotten. For one thread at a time.
    final class Entry {
        private var path: UnsafeMutablePointer<CChar>?
        /// Nil where the table is full: then a signal may leave the file.
        private let index: Int?

        fileprivate init(path: UnsafeMutablePointer<CChar>?, index: Int?) {
            self.path = path
            self.index = index
        }

        deinit { forget() }

        /// Removes the file and forgets its name.
        func remove() {
            if let path { unlink(path) }
            forget()
        }

        /// Forgets the name; the file stays.
        func forget() {
            if let index, path != nil { slots[index].path.store(nil, ordering: .sequentiallyConsistent) }
            // A signal handler that has read the pointer has set the flag before.
            if !isEnding.load(ordering: .sequentiallyConsistent) { free(path) }
            path = nil
        }
    }

    static func add(_ path: String) -> Entry {
        let text = strdup(path)
        let index = (0..<capacity).first {
            slots[$0].path.compareExchange(expected: nil, desired: text, ordering: .sequentiallyConsistent).exchanged
        }
        return Entry(path: text, index: index)
    }

    /// Makes the table, so that ``removeAll()`` need not: a signal handler must not allocate.
    public static func prepare() {
        _ = slots
        _ = isEnding.load(ordering: .relaxed)
    }

    /// Removes all files that are remembered. Safe in a signal handler, after ``prepare()``.
    public static func removeAll() {
        isEnding.store(true, ordering: .sequentiallyConsistent)
        for index in 0..<capacity {
            if let path = slots[index].path.load(ordering: .sequentiallyConsistent) { unlink(path) }
        }
    }
}
