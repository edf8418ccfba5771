import Studio
import Synchronization

/// A painting that keeps the states it is given.
final class RecordingPainting: LivePainting {
    private let kept = Mutex<[StudioState]>([])

    var states: [StudioState] { kept.withLock { $0 } }

    let styles = [
        StudioStyle(name: "scream", model: "munch", title: "The Scream"),
        StudioStyle(name: "madonna", model: "munch", title: "Madonna"),
        StudioStyle(name: "great-wave", model: "hokusai", title: "The Great Wave"),
    ]
    let masks = ["face.png", "stage.png"]
    var statistics: LiveStatistics { LiveStatistics() }

    func apply(_ state: StudioState) { kept.withLock { $0.append(state) } }
    func previews(width: Int, rate: Int) -> AsyncStream<[UInt8]> { AsyncStream { $0.finish() } }
    func thumbnail(of style: String, width: Int) async throws -> [UInt8] { [] }
    func snapshot() async throws -> String { "" }
}

/// A clock that a test sets.
final class SetClock: Sendable {
    private let time = Mutex(0.0)
    var seconds: Double {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }
}
