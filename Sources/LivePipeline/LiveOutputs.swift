import MediaIO
import Synchronization

/// The outputs of a painting, and its recording.
final class LiveOutputs: Sendable {
    private struct Output: Sendable {
        let part: OutputPart
        let keeper: PipelineKeeper
        let id: Int
    }

    private struct State {
        var outputs: [Output] = []
        var recording: Output?
        /// Outputs that complete their files.
        var ending: [PipelineKeeper] = []
        var isEnded = false
        var onGivingUp: @Sendable () -> Void = {}
        /// Number of the last recording, and of the last one that has failed, which may be before it is kept here.
        var lastRecording = 0
        var lastFailure = 0
    }

    /// Seconds for which it is shown that a recording has failed.
    private static let reportTime = 60.0

    private let frames: FrameHub
    private let reports: LiveReports
    private let sound: LiveSound?
    private let state = Mutex(State())

    init(_ frames: FrameHub, _ reports: LiveReports, sound: LiveSound?) {
        (self.frames, self.reports, self.sound) = (frames, reports, sound)
    }

    /// Those that take frames.
    var count: Int { state.withLock { $0.outputs.count } }

    func add(_ output: LiveOutput) throws(MediaError) {
        let made = try make(output) { [weak self] in self?.remove(output) }
        state.withLock { $0.outputs.append(made) }
    }

    /// - Parameter givenUp: called on the output's thread once it has failed for good.
    private func make(_ output: LiveOutput, givenUp: @escaping @Sendable () -> Void) throws(MediaError) -> Output {
        let reports = reports
        let part = OutputPart(output, sound: sound) { [weak self] outcome in
            switch outcome {
            case .begins(let path): reports.note("recording \(path)")
            case .recorded(let path, let isWhole): reports.note("recorded \(path)\(isWhole ? "" : ", up to there")")
            case .failed(let text): reports.note(text)
            case .givenUp: givenUp()
            case .closed:
                reports.forget(output.name)
                self?.remove(output)
            }
        }
        let keeper = PipelineKeeper(part, reports)
        let id = frames.add(part.slot)
        do { try keeper.start() } catch {
            frames.remove(id)
            throw error
        }
        return Output(part: part, keeper: keeper, id: id)
    }

    private func remove(_ output: LiveOutput) {
        let ids = state.withLock { state in
            let gone = state.outputs.filter { $0.part.output == output }.map(\.id)
            state.outputs.removeAll { gone.contains($0.id) }
            return gone
        }
        for id in ids { frames.remove(id) }
    }

    /// Has a function called, on some thread, when a recording has failed that ``record(_:as:)`` began.
    func onGivingUp(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.onGivingUp = body } }

    /// Begins or ends a recording; nothing if it is as wanted.
    func record(_ isWanted: Bool, as path: String) {
        let ended = state.withLock { state -> Output? in
            guard !isWanted, let recording = state.recording else { return nil }
            state.recording = nil
            state.ending.append(recording.keeper)
            return recording
        }
        if let ended { end(ended) }
        guard isWanted, state.withLock({ $0.recording == nil && !$0.isEnded }) else { return }
        reports.forget(path)
        let number = state.withLock { state in
            state.lastRecording += 1
            return state.lastRecording
        }
        do throws(MediaError) {
            let recording = try make(.file(path)) { [weak self] in self?.giveUp(recording: number, path) }
            let isKept = state.withLock { state in
                guard state.recording == nil, !state.isEnded, state.lastFailure < number else { return false }
                state.recording = recording
                return true
            }
            if !isKept { end(recording) }
        } catch {
            reports.failed(path, error.description, retries: false)
        }
    }

    private func giveUp(recording number: Int, _ path: String) {
        let (recording, tell) = state.withLock { state in
            defer { (state.recording, state.lastFailure) = (nil, number) }
            return (state.recording, state.onGivingUp)
        }
        if let recording { frames.remove(recording.id) }
        reports.forget(path, after: Self.reportTime)
        tell()
    }

    private func end(_ output: Output) {
        frames.remove(output.id)
        output.keeper.stop()
    }

    /// Ends all, and waits until their files are complete.
    func stop() {
        let (outputs, ending) = state.withLock { state in
            defer { (state.outputs, state.recording, state.ending, state.isEnded) = ([], nil, [], true) }
            return (state.outputs + (state.recording.map { [$0] } ?? []), state.ending)
        }
        for output in outputs { end(output) }
        for keeper in ending + outputs.map(\.keeper) { keeper.join() }
    }
}
