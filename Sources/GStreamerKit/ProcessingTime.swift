import CGStreamer
import Synchronization

/// The processing time of a frame, which an element adds to a live pipeline's latency.
///
/// The first frames are ignored, since they allocate memory. The maximum rises at once and decays slowly. The announced
/// latency changes in steps, so that the pipeline is not reconfigured all the time.
public final class ProcessingTime: Sendable {
    private struct State {
        var frames = 0
        var longest = 0.0
        var announced = 0.0
        var live = false
    }

    private static let settlingFrames = 3
    private let state = Mutex(State())

    package init() {}

    /// Records a frame's time. Returns true if a live pipeline's latency has grown so much that it should be announced.
    package func record(nanoseconds: UInt64) -> Bool {
        state.withLock { state in
            state.frames += 1
            guard state.frames > Self.settlingFrames else { return false }
            state.longest = max(Double(nanoseconds), state.longest * 0.999)
            guard state.live, state.longest > state.announced * 1.25 + 2e6 else { return false }
            state.announced = state.longest * 1.1
            return true
        }
    }

    /// The latency to add, in nanoseconds.
    package func latency(live: Bool) -> UInt64 {
        state.withLock { state in
            state.live = live
            state.announced = max(state.announced, state.longest)
            return UInt64(state.announced)
        }
    }

    package func reset() { state.withLock { $0 = State() } }
}
