import Glibc
import Synchronization

/// Registry of this process's named temporary files and empty folders, so that a signal handler can remove them.
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

    /// Set before ``removeAll()`` reads the table; from then on no name is freed.
    private static let isEnding = Atomic(false)

    /// A registered name. Not thread-safe.
    final class Entry {
        private var path: UnsafeMutablePointer<CChar>?
        /// Nil if the table is full: a signal then leaves the file behind.
        private let index: Int?

        fileprivate init(path: UnsafeMutablePointer<CChar>?, index: Int?) {
            self.path = path
            self.index = index
        }

        deinit { forget() }

        /// Removes the file, or the folder if it is empty, and its entry.
        func remove() {
            if let path { TemporaryNames.remove(path) }
            forget()
        }

        /// Removes the entry; the file stays.
        func forget() {
            if let index, path != nil { slots[index].path.store(nil, ordering: .sequentiallyConsistent) }
            // A signal handler sets the flag before it reads the pointer.
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

    /// Allocates the table in advance: a signal handler must not allocate.
    public static func prepare() {
        _ = slots
        _ = isEnding.load(ordering: .relaxed)
    }

    /// Removes all registered files. Async-signal-safe after ``prepare()``.
    public static func removeAll() {
        isEnding.store(true, ordering: .sequentiallyConsistent)
        for index in 0..<capacity {
            if let path = slots[index].path.load(ordering: .sequentiallyConsistent) { remove(path) }
        }
    }

    /// Removes a file or an empty folder.
    private static func remove(_ path: UnsafeMutablePointer<CChar>) {
        if unlink(path) != 0 && errno == EISDIR { rmdir(path) }
    }
}
