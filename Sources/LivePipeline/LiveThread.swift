import CGStreamer
import MediaIO

/// A thread for work that waits or computes for long, which the tasks of Swift's own pool must not do.
final class LiveThread: Sendable {
    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts the thread; it ends with `body`.
    ///
    /// - Throws: if the system has no more threads.
    static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(MediaError) {
        let work = Unmanaged.passRetained(Work(body))
        let thread = g_thread_try_new(
            name,
            { context in
                if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
                return nil
            }, work.toOpaque(), nil)
        guard let thread else {
            work.release()
            throw MediaError("\(name): the system has no more threads; raise the limit with `ulimit -u`")
        }
        g_thread_unref(thread)
    }
}

/// Nanoseconds of the monotonic clock, which is that of all pipelines here.
func clockTime() -> GstClockTime { gst_util_get_timestamp() }

extension GstClockTime {
    static let second: GstClockTime = 1_000_000_000
    static let millisecond: GstClockTime = 1_000_000

    /// Seconds since an earlier time; 0 if that is later.
    func seconds(since earlier: GstClockTime) -> Double { self > earlier ? Double(self - earlier) / 1e9 : 0 }
}
