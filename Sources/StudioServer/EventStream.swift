import Studio

/// Server-sent events: `state` whenever it changes, `statistics` each half second.
struct EventStream: Sendable {
    let store: StudioStateStore
    let painting: any LivePainting

    private static let interval = Duration.seconds(0.5)

    var response: HTTPResponse {
        HTTPResponse(type: "text/event-stream") { write in try await send(write) }
    }

    private func send(_ write: HTTPResponse.Writer) async throws {
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let changes = Task { for await _ in store.changes() { wake.yield() } }
        let clock = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                wake.yield()
            }
        }
        defer {
            changes.cancel()
            clock.cancel()
        }
        var sent: Int?
        var next = ContinuousClock.now
        try await write(Array("retry: 1000\n\n".utf8))
        for await _ in wakes {
            let snapshot = store.snapshot
            if snapshot.version != sent {
                try await write(Self.event("state", snapshot))
                sent = snapshot.version
            }
            if .now >= next {
                try await write(Self.event("statistics", painting.statistics))
                next = .now + Self.interval - .milliseconds(20)
            }
        }
    }

    private static func event(_ name: String, _ value: some Encodable) -> [UInt8] {
        Array("event: \(name)\ndata: ".utf8) + StudioJSON.encode(value) + Array("\n\n".utf8)
    }
}
