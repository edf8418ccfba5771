import CGStreamer

/// A one-shot event that a thread can wait for.
final class StopSignal: @unchecked Sendable {
    private let lock = UnsafeMutablePointer<GMutex>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<GCond>.allocate(capacity: 1)
    private var isSent = false

    init() {
        g_mutex_init(lock)
        g_cond_init(condition)
    }

    deinit {
        g_cond_clear(condition)
        g_mutex_clear(lock)
        condition.deallocate()
        lock.deallocate()
    }

    func send() {
        g_mutex_lock(lock)
        isSent = true
        g_cond_signal(condition)
        g_mutex_unlock(lock)
    }

    /// Waits for the event. Returns false if the time is up.
    func wait(microseconds: gint64) -> Bool {
        let end = g_get_monotonic_time() + microseconds
        g_mutex_lock(lock)
        defer { g_mutex_unlock(lock) }
        while !isSent && g_cond_wait_until(condition, lock, end) != 0 {}
        return isSent
    }
}
