import CGStreamer
import Synchronization

/// How long an element needs for a frame: what it truthfully adds to a live pipeline's latency.
///
/// The first frames, when memory is allocated and tables are made, do not count. A higher time counts at once, a lower one is
/// forgotten slowly, and what is announced changes in steps, so that a pipeline is not rearranged all the time.
public final class ProcessingTime: Sendable {
    private struct State {
        var frames = 0
        var longest = 0.0
        var announced = 0.0
        var live = false
    }

    private static let settlingFrames = 3
    private let state = Mutex(State())

    public init() {}

    /// Notes a frame's time. True where the latency of a live pipeline has grown notably and should be announced.
    func note(nanoseconds: UInt64) -> Bool {
        state.withLock { state in
            state.frames += 1
            guard state.frames > Self.settlingFrames else { return false }
            state.longest = max(Double(nanoseconds), state.longest * 0.999)
            guard state.live, state.longest > state.announced * 1.25 + 2e6 else { return false }
            state.announced = state.longest * 1.1
            return true
        }
    }

    /// What to add to the latency, in nanoseconds.
    func latency(live: Bool) -> UInt64 {
        state.withLock { state in
            state.live = live
            state.announced = max(state.announced, state.longest)
            return UInt64(state.announced)
        }
    }

    func reset() { state.withLock { $0 = State() } }
}
