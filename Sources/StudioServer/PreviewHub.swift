import Studio
import Synchronization

/// One stream of the painting for all who watch; open only while someone does.
final class PreviewHub: Sendable {
    private let painting: any LivePainting
    private let width: Int
    private let rate: Int
    private let content = Mutex(Content())

    private struct Content {
        var viewers: [Int: AsyncStream<[UInt8]>.Continuation] = [:]
        var nextViewer = 0
        var source: Task<Void, Never>?
        /// Shown to a new viewer at once.
        var last: [UInt8]?
    }

    /// - Parameters:
    ///   - width: of a picture, at most.
    ///   - rate: pictures a second, at most.
    init(painting: any LivePainting, width: Int, rate: Int) {
        (self.painting, self.width, self.rate) = (painting, width, rate)
    }

    /// JPEG pictures until the reader stops. Who reads slowly gets the newest only.
    func pictures() -> AsyncStream<[UInt8]> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let id = content.withLock { content in
                content.nextViewer += 1
                content.viewers[content.nextViewer] = continuation
                if let last = content.last { continuation.yield(last) }
                if content.source == nil { content.source = Task { [weak self] in await self?.read() } }
                return content.nextViewer
            }
            continuation.onTermination = { [weak self] _ in self?.remove(id) }
        }
    }

    private func remove(_ id: Int) {
        let ended = content.withLock { content -> Task<Void, Never>? in
            content.viewers[id] = nil
            guard content.viewers.isEmpty else { return nil }
            defer { (content.source, content.last) = (nil, nil) }
            return content.source
        }
        ended?.cancel()
    }

    private func read() async {
        while !Task.isCancelled {
            for await picture in painting.previews(width: width, rate: rate) {
                content.withLock { content in
                    // A viewer who came after the last one left has a task of its own.
                    guard !Task.isCancelled else { return }
                    content.last = picture
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
    static func moving(_ pictures: @escaping @Sendable () -> AsyncStream<[UInt8]>) -> HTTPResponse {
        HTTPResponse(type: "multipart/x-mixed-replace; boundary=picture") { write in
            // A browser shows a picture when the next boundary comes, so that it follows each picture at once.
            try await write(Array("--picture\r\n".utf8))
            for await picture in pictures() {
                let head = "Content-Type: image/jpeg\r\nContent-Length: \(picture.count)\r\n\r\n"
                try await write(Array(head.utf8) + picture + Array("\r\n--picture\r\n".utf8))
            }
        }
    }
}
