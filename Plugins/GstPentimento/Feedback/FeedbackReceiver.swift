import CGStreamer
import GStreamerKit
import Imaging
import Style

/// The outcome of a frame that was sent to a stylizer.
enum FeedbackAnswer: Sendable {
    /// The network's output.
    case stylized(Image)
    /// The stylizer did not stylize the frame.
    case skipped
    /// The frame did not reach the stylizer.
    case lost
    /// The stream was flushed or stopped, or the stylizer left: earlier results are no longer valid.
    case interrupted
}

/// The stylizer that `flowwarp` makes priors for.
struct RegisteredStylizer: Sendable {
    var id: UInt64
    /// The network's resolution; 0 if not yet known.
    var width: Int
    var height: Int
    var fill: PriorFill
    /// Whether it has answered a query. If so, a query without answer means that it is gone.
    var answersQueries = false
}

/// `flowwarp`'s side of the feedback: the registered stylizer and the outcome of the previous frame.
///
/// Messages arrive on any thread. The streaming thread waits for an answer in ``waitForAnswer(ask:isLost:)``. The wait
/// ends with the result, a skip, the release of the frame's last token, a flush, a stop, or when the stylizer leaves. A
/// frame may also be lost while another element keeps a copy, such as a sink its last buffer. So an `answer` event
/// follows the frame, and the release of that event's token ends the wait too.
final class FeedbackReceiver: Sendable {
    fileprivate struct State {
        var stylizer: RegisteredStylizer?
        /// The frame that is awaited or answered.
        var pending: UInt64?
        var answer: FeedbackAnswer?
        var isFlushing = false
        var isStopped = false
    }

    /// Microseconds between two polls of the stylizer during a wait.
    private static let pollInterval: Int64 = 250_000

    private let state = Monitor(State())

    /// The registered stylizer, if any.
    var stylizer: RegisteredStylizer? { state.update { $0.stylizer } }

    /// The result of handling a message.
    enum Outcome {
        case accepted, unrelated
        /// This other stylizer is already registered.
        case refused(RegisteredStylizer)
    }

    /// Handles a message, on any thread.
    func receive(_ message: FeedbackMessage) -> Outcome {
        state.update { state in
            switch message {
            case .register(let id, let width, let height, let fill):
                if let current = state.stylizer, current.id != id { return .refused(current) }
                state.stylizer = RegisteredStylizer(
                    id: id, width: width, height: height, fill: PriorFill(rawValue: fill) ?? .mean,
                    answersQueries: state.stylizer?.answersQueries ?? false)
                return .accepted
            case .stylized(let id, let frame, let image):
                guard state.stylizer?.id == id else { return .unrelated }
                if state.pending == frame { state.answer = .stylized(image) }
                return .accepted
            case .skipped(let id, let frame):
                guard state.stylizer?.id == id else { return .unrelated }
                if state.pending == frame, state.answer == nil { state.answer = .skipped }
                return .accepted
            case .leave(let id):
                guard state.stylizer?.id == id else { return .unrelated }
                state.remove()
                return .accepted
            }
        }
    }

    /// Notes that the registered stylizer has answered a query.
    func noteQueryAnswered() {
        state.update { $0.stylizer?.answersQueries = true }
    }

    /// Removes a stylizer that is gone without a `leave` message, for example because it was unlinked.
    func forget(_ id: UInt64) {
        state.update { if $0.stylizer?.id == id { $0.remove() } }
    }

    /// Starts to await `frame`; the returned token travels with it.
    func expect(_ frame: UInt64) -> FeedbackToken {
        state.update {
            $0.pending = frame
            $0.answer = nil
        }
        return token(for: frame)
    }

    private func token(for frame: UInt64) -> FeedbackToken {
        FeedbackToken { [weak self] in
            self?.state.update { state in
                if state.pending == frame, state.answer == nil { state.answer = .lost }
            }
        }
    }

    /// Waits for the outcome of the last expected frame; nil if none was expected.
    ///
    /// - Parameters:
    ///   - ask: sends an `answer` event with the token behind the frame.
    ///   - isLost: polled during the wait; whether the frame is lost.
    func waitForAnswer(
        ask: (_ frame: UInt64, _ stylizer: UInt64, _ token: FeedbackToken) -> Void,
        isLost: (_ frame: UInt64, _ stylizer: RegisteredStylizer) -> Bool
    ) -> FeedbackAnswer? {
        if let (frame, stylizer) = state.update({ $0.open }) { ask(frame, stylizer.id, token(for: frame)) }
        while true {
            if let answer = state.wait(microseconds: Self.pollInterval, for: { $0.takeAnswer() }) { return answer }
            if let (frame, stylizer) = state.update({ $0.open }), isLost(frame, stylizer) { token(for: frame).end() }
        }
    }

    // MARK: Ends of the wait

    /// Ends the wait and every further one until ``endFlush()``.
    func beginFlush() { state.update { $0.isFlushing = true } }

    /// Allows waits again after a flush.
    func endFlush() { state.update { $0.reset() } }

    /// Ends the wait and every further one until ``start()``. Called when the element leaves PAUSED.
    func stop() { state.update { $0.isStopped = true } }

    /// Resets the state before the first frame.
    func start() {
        state.update {
            $0.reset()
            $0.isStopped = false
        }
    }
}

extension FeedbackReceiver.State {
    /// The awaited frame and its stylizer; nil if no answer is awaited.
    fileprivate var open: (frame: UInt64, stylizer: RegisteredStylizer)? {
        guard !isFlushing, !isStopped, answer == nil, let pending, let stylizer else { return nil }
        return (pending, stylizer)
    }

    /// The outcome of the awaited frame: nil while it is open, `.some(nil)` if no frame was expected.
    fileprivate mutating func takeAnswer() -> FeedbackAnswer?? {
        if isFlushing || isStopped {
            answer = .interrupted
        } else if pending != nil, answer == nil {
            return nil
        }
        defer { (pending, answer) = (nil, nil) }
        return .some(answer)
    }

    fileprivate mutating func remove() {
        stylizer = nil
        if pending != nil, answer == nil { answer = .interrupted }
    }

    fileprivate mutating func reset() {
        isFlushing = false
        (pending, answer) = (nil, nil)
    }
}
