import Synchronization

/// Share of the training that is done, for threads that compute ahead.
final class ProgressValue: Sendable {
    private let part = Mutex(0.0)

    var value: Double {
        get { part.withLock { $0 } }
        set { part.withLock { $0 = newValue } }
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
