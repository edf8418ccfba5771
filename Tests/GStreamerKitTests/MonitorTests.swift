import CGStreamer
import GStreamerKit
import Testing

/// State that threads share.
@Suite struct MonitorTests {
    @Test func updatesOfManyThreadsAreAllSeen() {
        let monitor = Monitor(0)
        let threads = (0..<4).map { _ in
            startThread { for _ in 0..<10_000 { monitor.update { $0 += 1 } } }
        }
        for thread in threads { g_thread_join(thread) }
        #expect(monitor.update { $0 } == 40_000)
    }

    @Test func awaitedChangesArrive() {
        let monitor = Monitor((asked: 0, answered: 0))
        let thread = startThread {
            for index in 1...100 {
                monitor.wait { $0.asked == index ? true : nil }
                monitor.update { $0.answered = index * index }
            }
        }
        for index in 1...100 {
            monitor.update { $0.asked = index }
            let answer = monitor.wait { $0.answered == index * index ? $0.answered : nil }
            #expect(answer == index * index)
        }
        g_thread_join(thread)
    }

    @Test func waitsEndWithoutAValue() {
        let monitor = Monitor([1, 2])
        var tries = 0
        let result: Int? = monitor.wait(microseconds: 0) { _ in
            tries += 1
            return nil
        }
        #expect(result == nil && tries > 0)
        #expect(monitor.wait(microseconds: 0) { $0.popLast() } == 2)
        #expect(monitor.update { $0 } == [1])
    }

    /// An error leaves the state unlocked.
    @Test func errorsOfUpdatesAreThrown() {
        struct Own: Error {}
        let monitor = Monitor(1)
        #expect(throws: Own.self) {
            try monitor.update {
                $0 = 2
                throw Own()
            }
        }
        #expect(onOtherThread { monitor.update { $0 } } == 2)
    }
}
