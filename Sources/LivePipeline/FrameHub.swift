import CGStreamer
import GStreamerKit
import MediaIO
import Studio

/// Hands painted frames to all who take them, and measures.
final class FrameHub: Sendable {
    enum Kind { case input, painting }

    private struct State {
        var slots: [(id: Int, slot: FrameSlot)] = []
        var nextID = 0
        var last: LiveFrame?
        /// Frames that were painted.
        var count = 0
        /// When frames of the last second were painted.
        var times: [GstClockTime] = []
        var delay = 0.0
        var failure: (any Error)?
        var inputs: [CheckedContinuation<LiveFrame, any Error>] = []
        var paintings: [CheckedContinuation<LiveFrame, any Error>] = []
        /// The input's last frame that somebody wanted.
        var lastInput: LiveFrame?
        var hasRepeated: GstClockTime = 0
        var isEnded = false
    }

    /// An output that gets nothing for so long gets the last picture again, so that connections and players stay.
    private static let silence = (first: 500 * GstClockTime.millisecond, next: 200 * GstClockTime.millisecond)

    private let state = Monitor(State())

    // MARK: Frames

    /// A frame comes from the input.
    func came(_ frame: LiveFrame) {
        let waiting = state.update { state in
            if !state.inputs.isEmpty { state.lastInput = frame }
            defer { state.inputs = [] }
            return state.inputs
        }
        for one in waiting { one.resume(returning: frame) }
    }

    /// A frame is painted.
    func painted(_ frame: LiveFrame) {
        let now = clockTime()
        let (slots, waiting) = state.update { state in
            state.last = frame
            state.count += 1
            state.times.append(now)
            state.times.removeAll { $0 + .second < now }
            state.delay = now.seconds(since: frame.time)
            defer { state.paintings = [] }
            return (state.slots.map(\.slot), state.paintings)
        }
        for slot in slots { slot.put(frame) }
        for one in waiting { one.resume(returning: frame) }
    }

    /// The next frame. If the input is away: the last one.
    ///
    /// - Throws: if there is none, or everything ends.
    func next(_ kind: Kind) async throws -> LiveFrame {
        try await withCheckedThrowingContinuation { answer in
            let known = state.update { state -> Result<LiveFrame, any Error>? in
                if state.isEnded { return .failure(MediaError("the painting has ended")) }
                let last = kind == .input ? state.lastInput ?? state.last : state.last
                let isAway = (state.times.last ?? 0) + 2 * .second < clockTime()
                if isAway {
                    return last.map { .success($0) } ?? .failure(MediaError("there is no picture yet; try again"))
                }
                if kind == .input { state.inputs.append(answer) } else { state.paintings.append(answer) }
                return nil
            }
            if let known { answer.resume(with: known) }
        }
    }

    // MARK: Those who take them

    /// - Returns: a number, by which the slot can be removed.
    func add(_ slot: FrameSlot) -> Int {
        let (last, id) = state.update { state in
            state.nextID += 1
            state.slots.append((state.nextID, slot))
            return (state.last, state.nextID)
        }
        // What comes in while the input is away has a picture, too.
        if let last { slot.put(last.shown(at: clockTime())) }
        return id
    }

    func remove(_ id: Int) { state.update { $0.slots.removeAll { $0.id == id } } }

    /// Gives the last picture again while no new one comes, until ``end()``.
    func startRepeating() throws(MediaError) {
        try LiveThread.start("last picture") { [self] in
            while state.wait(microseconds: 100_000, for: { $0.isEnded ? true : nil }) == nil { repeatLast() }
        }
    }

    private func repeatLast() {
        let now = clockTime()
        let (frame, slots, waiting) = state.update { state -> (LiveFrame?, [FrameSlot], [() -> Void]) in
            guard let last = state.last, let time = state.times.last, time + Self.silence.first < now,
                state.hasRepeated + Self.silence.next < now
            else { return (nil, [], []) }
            state.hasRepeated = now
            let input = state.lastInput ?? last
            let waiting =
                state.inputs.map { one in { one.resume(returning: input) } }
                + state.paintings.map { one in { one.resume(returning: last) } }
            (state.inputs, state.paintings) = ([], [])
            return (last.shown(at: now), state.slots.map(\.slot), waiting)
        }
        guard let frame else { return }
        for slot in slots { slot.put(frame) }
        for answer in waiting { answer() }
    }

    // MARK: The beginning and the end

    /// - Parameter isFatal: whether it is no use to wait for the first frame.
    func fail(_ error: any Error, isFatal: Bool) {
        guard isFatal else { return }
        state.update { state in
            if state.last == nil, state.failure == nil { state.failure = error }
        }
    }

    /// The first painted frame; nil if it takes longer than so many seconds.
    ///
    /// - Throws: a fatal error before it.
    func first(within seconds: Double) throws -> LiveFrame? {
        try state.wait(microseconds: Int64(seconds * 1e6)) { state -> Result<LiveFrame, any Error>? in
            if let frame = state.last { return .success(frame) }
            return state.failure.map { .failure($0) }
        }?.get()
    }

    func end() {
        let waiting = state.update { state in
            state.isEnded = true
            defer { (state.inputs, state.paintings) = ([], []) }
            return state.inputs + state.paintings
        }
        for one in waiting { one.resume(throwing: MediaError("the painting has ended")) }
    }

    /// Frames that were painted.
    var count: Int { state.update { $0.count } }

    var statistics: LiveStatistics {
        let now = clockTime()
        return state.update { state in
            var result = LiveStatistics()
            // The last moment stays, since delays and pictures of it may be asked for.
            let times = state.times.filter { $0 + .second >= now }
            result.frameRate = Double(times.count)
            if times.count > 1, let first = times.first, let last = times.last, last > first {
                result.frameRate = Double(times.count - 1) / last.seconds(since: first)
            }
            result.delay = state.delay
            return result
        }
    }
}
