import CGStreamer
import GStreamerKit
import Imaging
import Style

/// What became of a frame that was sent to a stylizer.
enum FeedbackAnswer: Sendable {
    /// The network's own output.
    case stylized(Image)
    /// The frame was skipped or lost on its way.
    case skipped
    /// The stream was flushed or stops: nothing before counts any more.
    case interrupted
    /// It was never heard of again.
    case overdue
}

/// The stylizer that `flowwarp` works for.
struct RegisteredStylizer: Sendable {
    var id: UInt64
    /// The network's resolution; 0 where it is not known yet.
    var width: Int
    var height: Int
    var fill: PriorFill
}

/// `flowwarp`'s side of the feedback: who is registered, and what became of the last frame.
///
/// Messages arrive on any thread; the streaming thread waits for an answer in ``waitForAnswer()``. Each way in which an
/// answer cannot come any more ends the wait: a skip, the loss of the frame's last token, a flush, a stop, the stylizer's
/// departure, and at the very last the time. A frame may also be lost while somebody keeps a copy of it, such as a sink its
/// last one: therefore the stylizer is asked after a while, in the order of the frames.
final class FeedbackReceiver: Sendable {
    private struct State {
        var stylizer: RegisteredStylizer?
        /// The frame whose answer is still to come or has come.
        var pending: UInt64?
        var answer: FeedbackAnswer?
        var isInterrupted = false
    }

    /// Microseconds until the stylizer is asked.
    private static let politeness: Int64 = 300_000
    /// Nobody stylizes a frame for so long.
    private static let patience: Int64 = 10_000_000
    /// After an answer stayed out once, the next ones are not waited for so long again.
    private static let shortPatience: Int64 = 1_000_000

    private let state = Monitor(State())
    private let isLate = Monitor(false)

    /// Who registered, if anyone.
    var stylizer: RegisteredStylizer? { state.update { $0.stylizer } }

    /// What is to be done about a message.
    enum Outcome { case accepted, refused, unrelated }

    /// Takes a message in, on any thread.
    func receive(_ message: FeedbackMessage) -> Outcome {
        state.update { state in
            switch message {
            case .register(let id, let width, let height, let fill):
                if let current = state.stylizer, current.id != id { return .refused }
                state.stylizer = RegisteredStylizer(
                    id: id, width: width, height: height, fill: PriorFill(rawValue: fill) ?? .mean)
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
                state.stylizer = nil
                if state.pending != nil, state.answer == nil { state.answer = .interrupted }
                return .accepted
            }
        }
    }

    /// Makes `frame` the one to wait for; the token goes with it.
    func expect(_ frame: UInt64) -> FeedbackToken {
        state.update {
            $0.pending = frame
            $0.answer = nil
        }
        return FeedbackToken { [weak self] in
            self?.state.update { state in
                if state.pending == frame, state.answer == nil { state.answer = .skipped }
            }
        }
    }

    /// What became of the frame last expected; nil where none was.
    ///
    /// - Parameter ask: asks the stylizer for the frame of that number; false where it is not there any more.
    func waitForAnswer(ask: (UInt64) -> Bool) -> FeedbackAnswer? {
        var answer = answer(within: Self.politeness)
        if answer == nil, let frame = state.update({ $0.pending }) {
            if !ask(frame) { interruptUnanswered() }
            answer = self.answer(within: isLate.update { $0 } ? Self.shortPatience : Self.patience)
        }
        isLate.update { $0 = answer == nil }
        state.update {
            $0.pending = nil
            $0.answer = nil
        }
        return answer ?? .overdue
    }

    /// The stylizer is gone without a word, as when it was unlinked.
    private func interruptUnanswered() {
        state.update {
            $0.stylizer = nil
            if $0.answer == nil { $0.answer = .interrupted }
        }
    }

    /// Nil after the time; some nil where no frame is expected.
    private func answer(within microseconds: Int64) -> FeedbackAnswer?? {
        state.wait(microseconds: microseconds) { state in
            if state.isInterrupted { return .some(.interrupted) }
            guard state.pending != nil else { return .some(nil) }
            return state.answer.map { .some($0) }
        }
    }

    /// Ends the wait, and every one until ``resume()``: flush-start, or the way down from PAUSED.
    func interrupt() {
        state.update { $0.isInterrupted = true }
    }

    /// Frames come again.
    func resume() {
        state.update {
            $0.isInterrupted = false
            $0.pending = nil
            $0.answer = nil
        }
        isLate.update { $0 = false }
    }
}
