import Foundation
import LivePipeline
import MediaIO
import Studio
import TestSupport
import Testing

/// Previews, thumbnails and snapshots.
@Suite struct PictureTests {
    private func size(_ jpeg: [UInt8], _ folder: TemporaryFolder) throws -> String {
        let path = folder.path("picture.jpg")
        try Data(jpeg).write(to: URL(fileURLWithPath: path))
        let facts = try Play.facts(of: path)
        #expect(facts["codec_name"] == "mjpeg")
        return "\(facts["width"] ?? "")x\(facts["height"] ?? "")"
    }

    @Test(arguments: [(width: 64, expected: "64x48"), (32, "32x24"), (4000, "96x72")])
    func previewsAreSmallPicturesOfThePainting(width: Int, expected: String) async throws {
        let play = try Play(Play.camera(size: "width=96,height=72"))
        var count = 0
        for await picture in play.painting.previews(width: width, rate: 60) {
            #expect(try size(picture, play.folder) == expected)
            count += 1
            if count == 3 { break }
        }
        #expect(count == 3)
    }

    /// Who reads again gets pictures again, also two at once.
    @Test func previewsComeForEachWhoReads() async throws {
        let play = try Play()
        let painting = play.painting
        for _ in 0..<3 {
            async let first = painting.previews(width: 64, rate: 20).first { _ in true }
            async let second = painting.previews(width: 64, rate: 20).first { _ in true }
            let pictures = await [first, second]
            #expect(pictures.allSatisfy { $0?.isEmpty == false })
        }
    }

    @Test func thumbnailsShowTheCurrentInputInEachStyle() async throws {
        let play = try Play(Play.camera(size: "width=320,height=180"))
        var pictures: [[UInt8]] = []
        for style in ["scream", "great-wave"] {
            let jpeg = try await play.painting.thumbnail(of: style, width: 96)
            #expect(try size(jpeg, play.folder) == "96x54")
            pictures.append(try Play.pixels(play.folder.path("picture.jpg")))
        }
        #expect(difference(pictures[0], pictures[1]) > 5)
        await #expect(throws: (any Error).self) { try await play.painting.thumbnail(of: "screm", width: 96) }
        do { _ = try await play.painting.thumbnail(of: "screm", width: 96) } catch {
            #expect("\(error)".contains("scream"))
        }
    }

    @Test func snapshotsReplaceNothing() async throws {
        let play = try Play()
        let paths = [try await play.painting.snapshot(), try await play.painting.snapshot()]
        #expect(paths == ["pentimento.png", "pentimento-2.png"].map(play.folder.path))
        for path in paths { #expect(try Play.facts(of: path)["width"] == "64") }
    }

    @Test func afterTheEndThereIsAnError() async throws {
        let play = try Play()
        play.painting.stop()
        await #expect(throws: (any Error).self) { try await play.painting.snapshot() }
        await #expect(throws: (any Error).self) { try await play.painting.thumbnail(of: "scream", width: 96) }
        for await _ in play.painting.previews(width: 64, rate: 10) {}
    }
}
