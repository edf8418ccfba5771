import Studio

/// The current picture in each style: painted one after the other, with pauses, and kept for a while.
actor Thumbnails {
    private let painting: any LivePainting
    private let width: Int
    private var entries: [String: (made: ContinuousClock.Instant, task: Task<[UInt8], any Error>)] = [:]
    /// Ends when the next may begin.
    private var turn: Task<Void, Never>?

    /// How long a thumbnail is as good as new.
    private static let lifetime = Duration.seconds(20)
    /// Pauses are this many times as long as a thumbnail takes, up to a second, so that painting goes on.
    private static let pause = 3

    /// - Parameter width: of a thumbnail, at most.
    init(painting: any LivePainting, width: Int) { (self.painting, self.width) = (painting, width) }

    /// A JPEG of a style among the painting's.
    /// - Throws: what the painting throws, or ``StudioError`` if it does not paint for long.
    func picture(of style: String) async throws -> [UInt8] {
        if let entry = entries[style], .now - entry.made < Self.lifetime { return try await entry.task.value }
        let (painting, width, before) = (painting, width, turn)
        let task = Task {
            await before?.value
            return try await limited(to: 10, "thumbnails") { try await painting.thumbnail(of: style, width: width) }
        }
        turn = Task {
            await before?.value
            let start = ContinuousClock.now
            _ = try? await task.value
            try? await Task.sleep(for: min((.now - start) * Self.pause, .seconds(1)))
        }
        entries[style] = (.now, task)
        do {
            let picture = try await task.value
            entries[style] = (.now, task)
            return picture
        } catch {
            entries[style] = nil
            throw error
        }
    }
}

/// What a function returns, unless it takes too long; it is then cancelled and left to itself.
///
/// - Throws: what it throws, or ``StudioError``.
func limited<T: Sendable>(
    to seconds: Double, _ what: String, _ body: @escaping @Sendable () async throws -> T
) async throws -> T {
    let (results, continuation) = AsyncStream.makeStream(of: Result<T, any Error>.self)
    let work = Task {
        do { continuation.yield(.success(try await body())) } catch { continuation.yield(.failure(error)) }
        continuation.finish()
    }
    let alarm = Task {
        try await Task.sleep(for: .seconds(seconds))
        work.cancel()
        continuation.yield(.failure(StudioError("\(what): no frame was painted for \(Int(seconds)) seconds")))
        continuation.finish()
    }
    defer { alarm.cancel() }
    for await result in results { return try result.get() }
    work.cancel()
    throw CancellationError()
}
