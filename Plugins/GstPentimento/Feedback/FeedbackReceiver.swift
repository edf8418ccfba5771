import CGStreamer
import GStreamerKit
import Imaging
import Style

/// What became of a frame that was sent to a stylizer.
enum FeedbackAnswer: Sendable {
    /// The network's own output.
    case stylized(Image)
    /// The stylizer says that it has not painted the frame.
    case skipped
    /// The frame was lost on its way.
    case lost
    /// The stream was flushed or stops, or the stylizer has left: nothing before counts any more.
    case interrupted
}

/// The stylizer that `flowwarp` works for.
struct RegisteredStylizer: Sendable {
    var id: UInt64
    /// The network's resolution; 0 where it is not known yet.
    var width: Int
    var height: Int
    var fill: PriorFill
    /// Whether it has answered a query, so that its silence means that it is gone.
    var answersQueries = false
}

/// `flowwarp`'s side of the feedback: who is registered, and what became of the last frame.
///
/// Messages arrive on any thread; the streaming thread waits for an answer in ``waitForAnswer(ask:look:)``, as long as the frame is on its
/// way. Each way in which an answer cannot come any more ends the wait: a skip, the loss of the frame's last token, a flush, a
/// stop, the stylizer's departure. A frame may also be lost while somebody keeps a copy of it, such as a sink its last one:
/// therefore the stylizer is asked in the order of the frames, and the loss of that question's last token ends the wait, too.
final class FeedbackReceiver: Sendable {
    fileprivate struct State {
        var stylizer: RegisteredStylizer?
        /// The frame whose answer is still to come or has come.
        var pending: UInt64?
        var answer: FeedbackAnswer?
        var isFlushing = false
        var isStopped = false
    }

    /// Microseconds between two looks at a stylizer that is waited for.
    private static let interval: Int64 = 250_000

    private let state = Monitor(State())

    /// Who registered, if anyone.
    var stylizer: RegisteredStylizer? { state.update { $0.stylizer } }

    /// What is to be done about a message.
    enum Outcome {
        case accepted, unrelated
        /// There is this one already.
        case refused(RegisteredStylizer)
    }

    /// Takes a message in, on any thread.
    func receive(_ message: FeedbackMessage) -> Outcome {
        state.update { state in
            switch message {
            case .register(let id, let width, let height, let fill):
                if let current = state.stylizer, current.id != id { return .refused(current) }
                state.stylizer = RegisteredStylizer(
                    id: id, width: width, height: height, fill: PriorFill(rawValue: fill) ?? .mean,
                    answersQueries: state.stylizer?.answersQueries ?? false)
                return .accepted
            case .stylized(let id, let frame, let picture):
                guard state.stylizer?.id == id else { return .unrelated }
                if state.pending == frame { state.answer = .stylized(picture) }
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

    /// The stylizer that registered has answered a query.
    func noteQueryAnswered() {
        state.update { $0.stylizer?.answersQueries = true }
    }

    /// Forgets a stylizer that is gone without a word, as when it was unlinked.
    func forget(_ id: UInt64) {
        state.update { if $0.stylizer?.id == id { $0.remove() } }
    }

    /// Makes `frame` the one to wait for; the token goes with it.
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

    /// What became of the frame last expected; nil where none was.
    ///
    /// - Parameters:
    ///   - ask: asks a stylizer for the frame of a number, behind that frame; the token goes with the question.
    ///   - look: called now and then while nothing comes; whether the frame must be lost.
    func waitForAnswer(
        ask: (_ frame: UInt64, _ stylizer: UInt64, _ token: FeedbackToken) -> Void,
        look: (_ frame: UInt64, _ stylizer: RegisteredStylizer) -> Bool
    ) -> FeedbackAnswer? {
        if let (frame, stylizer) = state.update({ $0.open }) { ask(frame, stylizer.id, token(for: frame)) }
        while true {
            if let answer = state.wait(microseconds: Self.interval, for: { $0.takeAnswer() }) { return answer }
            if let (frame, stylizer) = state.update({ $0.open }), look(frame, stylizer) { token(for: frame).end() }
        }
    }

    // MARK: Ends of the wait

    /// Ends the wait, and every one until ``endFlush()``.
    func beginFlush() { state.update { $0.isFlushing = true } }

    /// Frames come again.
    func endFlush() { state.update { $0.reset() } }

    /// Ends the wait, and every one until ``start()``: the way down from PAUSED.
    func stop() { state.update { $0.isStopped = true } }

    /// Frames will come.
    func start() {
        state.update {
            $0.reset()
            $0.isStopped = false
        }
    }
}

extension FeedbackReceiver.State {
    /// The frame whose answer is still to come, and whose it is.
    fileprivate var open: (frame: UInt64, stylizer: RegisteredStylizer)? {
        guard !isFlushing, !isStopped, answer == nil, let pending, let stylizer else { return nil }
        return (pending, stylizer)
    }

    /// What became of the frame; nil while that is not known, some nil where none was expected.
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
