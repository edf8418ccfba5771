import Glibc
import Synchronization

/// Runs one job at a time on its own thread; the caller fetches the result later.
///
/// For jobs that take longer than a frame and must not block the stream. Use from one thread.
package final class Background<Value: Sendable> {
    private let result = Outcome<Value>()
    private var thread: pthread_t?

    /// Whether a job is running, or has finished and its result was not fetched yet.
    package private(set) var isBusy = false

    package init() {}

    /// Starts `work` on a new thread, or on the calling thread if none can be created.
    ///
    /// - Precondition: not busy.
    package func start(_ work: @escaping @Sendable () -> Value) {
        precondition(!isBusy, "one piece of work at a time")
        isBusy = true
        let result = result
        thread = makeThread {
            let value = work()
            result.value.withLock { $0 = value }
        }
    }

    /// The result, returned once; nil while there is none.
    package func take() -> Value? {
        guard isBusy, let value = result.value.withLock({ $0 }) else { return nil }
        finish()
        return value
    }

    /// Waits for the job to end.
    package func wait() {
        if let thread { pthread_join(thread, nil) }
        thread = nil
    }

    /// Waits for the job to end and discards its result.
    package func finish() {
        wait()
        isBusy = false
        result.value.withLock { $0 = nil }
    }

    deinit { finish() }
}

private final class Outcome<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
}

private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// Runs `body` on a new thread, which the caller must join. If no thread can be created, runs it here and returns nil.
private func makeThread(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
    let work = Unmanaged.passRetained(Work(body))
    var thread = pthread_t()
    let status = pthread_create(
        &thread, nil,
        { context in
            if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
            return nil
        }, work.toOpaque())
    if status == 0 { return thread }
    work.takeRetainedValue().body()
    return nil
}
