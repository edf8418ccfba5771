import Synchronization

/// How much of a training is done, for threads that look ahead.
final class LatestPart: Sendable {
    private let part = Mutex(0.0)

    var value: Double {
        get { part.withLock { $0 } }
        set { part.withLock { $0 = newValue } }
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
