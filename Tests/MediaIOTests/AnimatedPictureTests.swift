import Conversions
import Foundation
import Imaging
import MediaIO
import TestSupport
import Testing

/// Animated GIF, PNG and WebP files are videos. `Fixtures/make_pictures.py` makes them, and lists what Pillow shows.
@Suite(.serialized) struct AnimatedPictureTests {
    struct Animation: CustomTestStringConvertible {
        let name: String
        let tolerance: Int
        /// In seconds, with the samples of each frame: red, green, blue, alpha.
        var frames: [(duration: Double, pixels: [UInt8])] = []

        var path: String { TestData.fixture("pictures/\(name)", of: "MediaIOTests") }
        var testDescription: String { name }
    }

    static let animations: [Animation] = {
        let list = TestData.fixture("pictures/frames.txt", of: "MediaIOTests")
        var animations: [Animation] = []
        for line in ((try? String(contentsOfFile: list, encoding: .utf8)) ?? "").split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 4, let tolerance = Int(words[1]), let milliseconds = Double(words[2]) else { continue }
            if animations.last?.name != words[0] {
                animations.append(Animation(name: words[0], tolerance: tolerance))
            }
            animations[animations.count - 1].frames.append((milliseconds / 1000, PictureTools.bytes(words[3])))
        }
        return animations
    }()

    @Test func allAnimationsAreThere() {
        #expect(Self.animations.count == 11 && Self.animations.allSatisfy { $0.frames.count == 4 })
    }

    @Test(arguments: animations) func framesBecomePictures(animation: Animation) throws {
        let input = try MediaInput(animation.path)
        #expect(input.kind == .video && input.width == 8 && input.height == 8 && input.frameCount == 4)
        let shop = try Workshop()
        _ = try Conversion(input, to: shop.path("frame_%d.png"), filter: "identity", settings: .init()).run()
        #expect(shop.files == (1...4).map { "frame_\($0).png" })
        for (index, frame) in animation.frames.enumerated() {
            let pixels = try PictureTools.pixels(of: shop.path("frame_\(index + 1).png"))
            try #require(pixels.count == frame.pixels.count)
            let differences = pixels.indices.map { place in
                // What is transparent has no color.
                frame.pixels[place | 3] > 0 || place % 4 == 3 ? abs(Int(pixels[place]) - Int(frame.pixels[place])) : 0
            }
            #expect(differences.max() ?? 0 <= animation.tolerance, "frame \(index + 1)")
        }
    }

    @Test(arguments: animations.filter { !$0.name.contains("blend1") }, ["mp4", "mkv", "webm"])
    func timesAreKept(animation: Animation, ending: String) throws {
        let shop = try Workshop()
        let out = shop.path("out.\(ending)")
        var settings = Conversion.Settings()
        settings.size = RequestedSize(width: 16, height: 16)
        _ = try Conversion(MediaInput(animation.path), to: out, filter: "identity", settings: settings).run()
        let text = try Peer.run(
            "ffprobe", "",
            ["-select_streams", "v:0", "-show_entries", "frame=best_effort_timestamp_time", "-of", "csv=p=0", out])
        let times = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline)
            .compactMap { Double($0.filter { $0 != "," }) }
        var expected: [Double] = [0]
        for frame in animation.frames { expected.append((expected.last ?? 0) + frame.duration) }
        #expect(times.count == 4)
        for (time, right) in zip(times, expected) { #expect(abs(time - right) < 0.0006) }
        let length = try Peer.run("ffprobe", "", ["-show_entries", "format=duration", "-of", "csv=p=0", out])
        let seconds = Double(String(decoding: length, as: UTF8.self).filter { !$0.isWhitespace }) ?? 0
        #expect(abs(seconds - (expected.last ?? 0)) < 0.0011)
    }

    /// Part of a frame counts from where the range begins.
    @Test func aTimeRangeIsConverted() throws {
        let shop = try Workshop()
        let animation = try #require(Self.animations.first)
        var settings = Conversion.Settings()
        (settings.start, settings.duration) = (0.12, 0.1)
        settings.size = RequestedSize(width: 16, height: 16)
        let progress = try Conversion(
            MediaInput(animation.path), to: shop.path("out.mkv"), filter: "identity", settings: settings
        ).run()
        // Frames begin at 0, 0.1, 0.14 and 0.21 seconds.
        #expect(progress.frames == 3)
        let reader = try FrameReader(shop.path("out.mkv"))
        var times: [Double] = []
        while let frame = try reader.next() { times.append(try #require(frame.time)) }
        #expect(times.count == 3)
        for (time, right) in zip(times, [0, 0.02, 0.09]) { #expect(abs(time - right) < 0.0011) }
    }

    @Test func anAnimationIsNoStillPicture() throws {
        let shop = try Workshop()
        let animation = try #require(Self.animations.first)
        #expect(throws: MediaError.self) { try Image(contentsOf: animation.path, over: 0) }
        #expect(try Image(contentsOf: animation.path, over: 0, takesFirstFrame: true).width == 8)
        let error = #expect(throws: MediaError.self) {
            try Conversion(MediaInput(animation.path), to: shop.path("a.png"), filter: "identity", settings: .init())
        }
        #expect(error?.description.contains("many frames") ?? false)
    }
}
