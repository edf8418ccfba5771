import Glibc
import Studio
import Synchronization

/// A thread that waits for input until it is stopped.
final class ControlThread: Sendable {
    private let isStopped = Atomic(false)
    private let thread = Mutex<pthread_t?>(nil)

    /// Milliseconds after which a waiting thread looks whether it is stopped.
    static let patience: Int32 = 200

    /// Whether it is to go on. Asked by the thread itself.
    var goesOn: Bool { !isStopped.load(ordering: .acquiring) }

    /// - Throws: ``StudioError`` if the system has no more threads.
    func start(_ body: @escaping @Sendable () -> Void) throws(StudioError) {
        let work = Unmanaged.passRetained(Work(body))
        var made = pthread_t()
        let status = pthread_create(
            &made, nil,
            { context in
                if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
                return nil
            }, work.toOpaque())
        guard status == 0 else {
            work.release()
            throw StudioError("no thread could be started: \(String(cString: strerror(status)))")
        }
        thread.withLock { [made] in $0 = made }
    }

    /// Stops the thread and waits for its end.
    func stop() {
        isStopped.store(true, ordering: .releasing)
        let made = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let made { pthread_join(made, nil) }
    }
}

private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
