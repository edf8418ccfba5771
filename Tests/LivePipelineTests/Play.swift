import Foundation
import GstPentimento
import Imaging
import LivePipeline
import MediaIO
import Studio
import Style
import Synchronization
import TestSupport
import Testing

/// A painting that plays for a test, and ends with it.
final class Play {
    static let library = ModelLibrary(folders: ["\(TestData.repository)/Plugins/GstPentimento/Models"])

    let folder: TemporaryFolder
    let painting: LivePipeline
    private let said = Said()

    private final class Said: Sendable {
        let lines = Mutex<[String]>([])
    }

    /// What it said, line by line.
    var lines: [String] { said.lines.withLock { $0 } }

    /// - Parameters:
    ///   - elements: in place of a camera.
    ///   - change: of the settings.
    init(
        _ elements: String = Play.camera(), _ state: StudioState = StudioState(),
        _ change: (inout LivePipeline.Settings) -> Void = { _ in }
    ) throws {
        folder = try TemporaryFolder()
        var settings = LivePipeline.Settings()
        settings.input = .elements(elements, name: "camera")
        settings.quality = .balanced
        settings.folder = folder.path
        settings.say = { [said] line in said.lines.withLock { $0.append(line) } }
        change(&settings)
        painting = try LivePipeline(settings, styles: LiveStyles(Play.library), state: state)
        try painting.start()
        _ = try #require(try painting.facts(within: 60), "no picture: \(painting.statistics.trouble)")
    }

    deinit { painting.stop() }

    /// A camera with a pattern.
    static func camera(
        _ pattern: String = "smpte75", format: String = "RGB", size: String = "width=64,height=48", more: String = ""
    ) -> String {
        "videotestsrc is-live=true pattern=\(pattern) \(more) ! video/x-raw,format=\(format),\(size),framerate=25/1"
    }

    /// The next painted frame's pixels, as another program reads the picture.
    func frame() async throws -> [UInt8] { try Self.pixels(try await painting.snapshot()) }

    static func pixels(_ path: String) throws -> [UInt8] {
        Array(try Peer.run("ffmpeg", "", ["-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]))
    }

    /// Waits until something was said.
    func wait(for words: String) async throws {
        for _ in 0..<3000 where !lines.contains(where: { $0.contains(words) }) {
            try await Task.sleep(for: .milliseconds(20))
        }
        try #require(lines.contains { $0.contains(words) }, "not said: \(words); but \(lines)")
    }

    /// Width and height, codec and number of frames of a file.
    static func facts(of path: String) throws -> [String: String] {
        let text = try Peer.text(
            "ffprobe", "-count_frames -select_streams v -of default=nw=1",
            ["-show_entries", "stream=width,height,codec_name,nb_read_frames", path])
        return Dictionary(
            text.split(separator: "\n").map { $0.split(separator: "=").map(String.init) }.filter { $0.count == 2 }
                .map { ($0[0], $0[1]) }
        ) { first, _ in first }
    }
}

/// Mean difference of two frames in levels; infinite if they have different sizes.
func difference(_ first: [UInt8], _ second: [UInt8]) -> Double {
    guard first.count == second.count, !first.isEmpty else { return .infinity }
    return Double(zip(first, second).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }) / Double(first.count)
}
