import CGStreamer

private final class Work {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
}

/// Starts `body` on a thread of its own, which `g_thread_join` waits for.
func startThread(_ body: @escaping () -> Void) -> UnsafeMutablePointer<GThread>? {
    g_thread_new(
        "test",
        { work in
            if let work { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body() }
            return nil
        }, Unmanaged.passRetained(Work(body)).toOpaque())
}

/// Runs `body` on another thread.
func onOtherThread<Result>(_ body: () -> Result) -> Result? {
    var result: Result?
    withoutActuallyEscaping(body) { body in
        _ = g_thread_join(startThread { result = body() })
    }
    return result
}
