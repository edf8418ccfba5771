import Studio
import StudioControls
import Synchronization

/// Stands in for the painting that plays: remembers what was applied.
final class PaintingDouble: LivePainting {
    let applied = Mutex<[StudioState]>([])
    let snapshots = Atomic(0)
    let styles = ["scream", "great-wave", "starry-night"].map { StudioStyle(name: $0, model: "paintings", title: $0) }

    func apply(_ state: StudioState) { applied.withLock { $0.append(state) } }
    func previews(width: Int, rate: Int) -> AsyncStream<[UInt8]> { AsyncStream { $0.finish() } }
    func thumbnail(of style: String, width: Int) async throws -> [UInt8] { [] }
    func snapshot() async throws -> String {
        snapshots.add(1, ordering: .relaxed)
        return "snapshot.png"
    }
    var statistics: LiveStatistics { LiveStatistics() }
}

/// A studio that controls drive, and what it says.
struct DrivenStudio: Sendable {
    let painting = PaintingDouble()
    let store: StudioStateStore
    let studio: ControlledStudio
    private let lines = Lines()

    private final class Lines: Sendable { let all = Mutex<[String]>([]) }

    init(presets: Presets? = nil) {
        store = StudioStateStore(painting: painting, presets: presets)
        studio = ControlledStudio(store: store, painting: painting) { [lines] line in
            lines.all.withLock { $0.append(line) }
        }
    }

    var state: StudioState { store.snapshot.state }
    var problems: [String] { lines.all.withLock { $0 } }

    /// Waits until the state is as wanted.
    func reaches(_ wanted: (StudioState) -> Bool) async -> Bool {
        for _ in 0..<1000 {
            if wanted(state) { return true }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return false
    }
}
