import Foundation
import Studio
import Synchronization
import TestSupport

/// A painting that shows pictures of the gallery, and keeps the states it is given.
final class StandInPainting: LivePainting {
    struct Content {
        var states: [StudioState] = []
        var statistics = LiveStatistics()
        var thumbnails: [String] = []
        var openPreviews = 0
        var mostPreviews = 0
        /// Whether there is no picture yet.
        var isSilent = false
    }
    let content = Mutex(Content())
    private let pictures: [String: [UInt8]]
    private let original: [UInt8]
    /// Whether thumbnails and snapshots fail.
    let fails: Bool

    init(fails: Bool = false) {
        self.fails = fails
        let gallery = "\(TestData.repository)/Docs/Gallery"
        func picture(_ path: String) -> [UInt8] {
            FileManager.default.contents(atPath: "\(gallery)/\(path)").map(Array.init) ?? []
        }
        original = picture("frames/01-astronaut.jpg")
        pictures = Dictionary(uniqueKeysWithValues: Self.names.map { ($0, picture("\($0)-optimized.jpg")) })
        content.withLock { content in
            content.statistics.frameRate = 24
            content.statistics.delay = 0.062
        }
    }

    static let names = [
        "scream", "great-wave", "starry-night", "wheat-field", "composition-viii", "grande-jatte", "moulin-rouge",
        "primavesi", "primroses", "jas-de-bouffan",
    ]

    /// The first six are of one model, the others of another.
    let styles = names.enumerated().map { index, name in
        StudioStyle(name: name, model: index < 6 ? "one" : "other", title: "\(name), a painting")
    }

    let masks = ["face.png", "stage.png"]

    var state: StudioState { content.withLock { $0.states.last } ?? StudioState() }
    var statistics: LiveStatistics { content.withLock { $0.statistics } }

    func apply(_ state: StudioState) { content.withLock { $0.states.append(state) } }

    func picture(of state: StudioState) -> [UInt8] { state.isOriginal ? original : pictures[state.style] ?? original }

    func previews(width: Int, rate: Int) -> AsyncStream<[UInt8]> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            content.withLock { content in
                content.openPreviews += 1
                content.mostPreviews = max(content.mostPreviews, content.openPreviews)
            }
            let task = Task {
                while !Task.isCancelled {
                    if !content.withLock({ $0.isSilent }) { continuation.yield(picture(of: state)) }
                    try? await Task.sleep(for: .seconds(1 / Double(rate)))
                }
            }
            continuation.onTermination = { _ in
                task.cancel()
                self.content.withLock { $0.openPreviews -= 1 }
            }
        }
    }

    struct Failure: Error, CustomStringConvertible { let description = "no frame has come yet" }

    func thumbnail(of style: String, width: Int) async throws -> [UInt8] {
        content.withLock { $0.thumbnails.append(style) }
        if fails { throw Failure() }
        return pictures[style] ?? []
    }

    func snapshot() async throws -> String {
        if fails { throw Failure() }
        return "/pictures/painting-1.png"
    }
}
