import CGStreamer

/// State protected by a mutex, with a condition variable to wait for changes.
public final class Monitor<State>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<GMutex>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<GCond>.allocate(capacity: 1)
    private var state: State

    /// - Parameter state: the initial value.
    public init(_ state: State) {
        self.state = state
        g_mutex_init(mutex)
        g_cond_init(condition)
    }

    deinit {
        g_cond_clear(condition)
        g_mutex_clear(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` under the lock and wakes all waiting threads.
    @discardableResult public func update<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
        g_mutex_lock(mutex)
        defer {
            g_cond_broadcast(condition)
            g_mutex_unlock(mutex)
        }
        return try body(&state)
    }

    /// Waits until `body`, run under the lock, returns a value other than nil.
    @discardableResult public func wait<Result>(for body: (inout State) -> Result?) -> Result {
        g_mutex_lock(mutex)
        defer { g_mutex_unlock(mutex) }
        while true {
            if let result = body(&state) { return result }
            g_cond_wait(condition, mutex)
        }
    }

    /// As ``wait(for:)``, with a time-out; nil when `microseconds` have passed.
    public func wait<Result>(microseconds: Int64, for body: (inout State) -> Result?) -> Result? {
        let deadline = g_get_monotonic_time() + gint64(microseconds)
        g_mutex_lock(mutex)
        defer { g_mutex_unlock(mutex) }
        while true {
            if let result = body(&state) { return result }
            if g_cond_wait_until(condition, mutex, deadline) == 0 { return body(&state) }
        }
    }
}
