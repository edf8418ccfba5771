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
    }

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
        let made = try make(output)
        state.withLock { $0.outputs.append(made) }
    }

    private func make(_ output: LiveOutput) throws(MediaError) -> Output {
        let reports = reports
        let part = OutputPart(output, sound: sound) { [weak self] outcome in
            switch outcome {
            case .begins(let path): reports.note("recording \(path)")
            case .recorded(let path): reports.note("recorded \(path)")
            case .failed(let text): reports.note(text)
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
        do throws(MediaError) {
            let recording = try make(.file(path))
            let isKept = state.withLock { state in
                guard state.recording == nil, !state.isEnded else { return false }
                state.recording = recording
                return true
            }
            if !isKept { end(recording) }
        } catch {
            reports.failed(path, error.description, retries: false)
        }
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
