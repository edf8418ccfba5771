import Studio
import Synchronization

/// One stream of the painting for all who watch; open only while someone does.
final class PreviewHub: Sendable {
    /// A JPEG picture.
    struct Picture: Sendable {
        /// Grows from picture to picture.
        let number: Int
        let jpeg: [UInt8]
    }

    private let painting: any LivePainting
    private let width: Int
    private let rate: Int
    private let content = Mutex(Content())

    private struct Content {
        var viewers: [Int: AsyncStream<Picture>.Continuation] = [:]
        var lastViewer = 0
        var source: Task<Void, Never>?
        var lastNumber = 0
        /// Shown to a new viewer at once.
        var picture: Picture?
    }

    /// Seconds that the stream stays open for the next viewer: a page asks for one picture after the other.
    private static let patience = 1.5

    /// - Parameters:
    ///   - width: of a picture, at most.
    ///   - rate: pictures a second, at most.
    init(painting: any LivePainting, width: Int, rate: Int) {
        (self.painting, self.width, self.rate) = (painting, width, rate)
    }

    /// Pictures until the reader stops. Who reads slowly gets the newest only.
    func pictures() -> AsyncStream<Picture> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let viewer = content.withLock { content in
                content.lastViewer += 1
                content.viewers[content.lastViewer] = continuation
                if let picture = content.picture { continuation.yield(picture) }
                if content.source == nil { content.source = Task { [weak self] in await self?.read() } }
                return content.lastViewer
            }
            continuation.onTermination = { [weak self] _ in self?.remove(viewer) }
        }
    }

    /// The newest picture, or the next one if that is the one of this number.
    /// - Throws: ``StudioError`` if none comes.
    func picture(after number: Int?) async throws -> Picture {
        try await limited(to: 10, "preview") {
            for await picture in self.pictures() where picture.number != number { return picture }
            throw CancellationError()
        }
    }

    private func remove(_ viewer: Int) {
        let last = content.withLock { content in
            content.viewers[viewer] = nil
            return content.viewers.isEmpty ? content.lastViewer : nil
        }
        guard let last else { return }
        Task { [weak self] in
            try? await Task.sleep(for: .seconds(Self.patience))
            self?.close(unlessAfter: last)
        }
    }

    /// Closes the stream unless someone has come meanwhile.
    private func close(unlessAfter viewer: Int) {
        let source = content.withLock { content -> Task<Void, Never>? in
            guard content.viewers.isEmpty, content.lastViewer == viewer else { return nil }
            defer { (content.source, content.picture) = (nil, nil) }
            return content.source
        }
        source?.cancel()
    }

    private func read() async {
        while !Task.isCancelled {
            for await jpeg in painting.previews(width: width, rate: rate) {
                content.withLock { content in
                    // A viewer who came after the stream was closed has another one.
                    guard !Task.isCancelled else { return }
                    content.lastNumber += 1
                    let picture = Picture(number: content.lastNumber, jpeg: jpeg)
                    content.picture = picture
                    for viewer in content.viewers.values { viewer.yield(picture) }
                }
            }
            // The painting was started anew.
            try? await Task.sleep(for: .seconds(0.5))
        }
    }
}

extension HTTPResponse {
    /// Pictures that replace each other, as `multipart/x-mixed-replace`.
    static func moving(_ hub: PreviewHub) -> HTTPResponse {
        HTTPResponse(type: "multipart/x-mixed-replace; boundary=picture") { write in
            // A browser shows a picture when the next boundary comes, so that it follows each picture at once.
            try await write(Array("--picture\r\n".utf8))
            for await picture in hub.pictures() {
                let head = "Content-Type: image/jpeg\r\nContent-Length: \(picture.jpeg.count)\r\n\r\n"
                try await write(Array(head.utf8) + picture.jpeg + Array("\r\n--picture\r\n".utf8))
            }
        }
    }
}
