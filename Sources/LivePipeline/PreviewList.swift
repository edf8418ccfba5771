import GStreamerKit
import MediaIO
import Synchronization

/// Streams of small pictures. Those of one size and rate are made once for all who read them, and not at all when
/// nobody does.
final class PreviewList: Sendable {
    private struct Kind: Hashable {
        let width: Int
        let rate: Int
    }

    private struct Maker {
        let keeper: PipelineKeeper
        let slot: Int
        var readers: [Int: AsyncStream<[UInt8]>.Continuation]
    }

    private struct State {
        var makers: [Kind: Maker] = [:]
        var nextID = 0
        var isEnded = false
    }

    private let frames: FrameHub
    private let reports: LiveReports
    private let state = Mutex(State())

    init(_ frames: FrameHub, _ reports: LiveReports) { (self.frames, self.reports) = (frames, reports) }

    func stream(width: Int, rate: Int) -> AsyncStream<[UInt8]> {
        let kind = Kind(width: min(max(16, width), 4096), rate: min(max(1, rate), 60))
        return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { reader in
            do throws(MediaError) {
                let id = try add(reader, kind)
                reader.onTermination = { [weak self] _ in self?.remove(id, kind) }
            } catch {
                reports.note(error.description)
                reader.finish()
            }
        }
    }

    private func add(_ reader: AsyncStream<[UInt8]>.Continuation, _ kind: Kind) throws(MediaError) -> Int {
        let result = state.withLock { state -> Result<Int, MediaError> in
            guard !state.isEnded else { return .failure(MediaError("the painting has ended")) }
            state.nextID += 1
            if state.makers[kind] == nil {
                do throws(MediaError) { state.makers[kind] = try maker(kind) } catch { return .failure(error) }
            }
            state.makers[kind]?.readers[state.nextID] = reader
            return .success(state.nextID)
        }
        return try result.get()
    }

    private func maker(_ kind: Kind) throws(MediaError) -> Maker {
        let part = PreviewPart(width: kind.width, rate: kind.rate) { [weak self] picture in
            guard let self else { return }
            let readers = state.withLock { state in state.makers[kind].map { Array($0.readers.values) } ?? [] }
            for reader in readers { reader.yield(picture) }
        }
        let keeper = PipelineKeeper(part, reports)
        let slot = frames.add(part.slot)
        do { try keeper.start() } catch {
            frames.remove(slot)
            throw error
        }
        return Maker(keeper: keeper, slot: slot, readers: [:])
    }

    private func remove(_ id: Int, _ kind: Kind) {
        let unread = state.withLock { state -> Maker? in
            state.makers[kind]?.readers[id] = nil
            guard let maker = state.makers[kind], maker.readers.isEmpty else { return nil }
            state.makers[kind] = nil
            return maker
        }
        guard let unread else { return }
        frames.remove(unread.slot)
        unread.keeper.stop()
    }

    /// Ends all streams.
    func stop() {
        let makers = state.withLock { state in
            state.isEnded = true
            defer { state.makers = [:] }
            return Array(state.makers.values)
        }
        for maker in makers {
            frames.remove(maker.slot)
            maker.keeper.stop()
            for reader in maker.readers.values { reader.finish() }
        }
        for maker in makers { maker.keeper.join() }
    }
}
