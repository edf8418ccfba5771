import Glibc
import Synchronization

/// One piece of work at a time on a thread of its own, its result fetched when it is there.
///
/// For what takes longer than a frame and must not hold the stream up. Used from one thread.
final class Background<Value: Sendable> {
    private let result = Outcome<Value>()
    private var thread: pthread_t?

    /// Whether work is under way, or its result not fetched yet.
    private(set) var isBusy = false

    /// Starts `work`; on the caller's own thread where no other is to be had.
    ///
    /// - Precondition: not busy.
    func start(_ work: @escaping @Sendable () -> Value) {
        precondition(!isBusy, "one piece of work at a time")
        isBusy = true
        let result = result
        thread = makeThread {
            let value = work()
            result.value.withLock { $0 = value }
        }
    }

    /// The result, once; nil while there is none.
    func take() -> Value? {
        guard isBusy, let value = result.value.withLock({ $0 }) else { return nil }
        finish()
        return value
    }

    /// Waits for the work to end.
    func wait() {
        if let thread { pthread_join(thread, nil) }
        thread = nil
    }

    /// Waits for the work to end and forgets its result.
    func finish() {
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

/// Runs `body` on a new thread, which must be joined; where there is none to be had, on this one, and gives nil.
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
