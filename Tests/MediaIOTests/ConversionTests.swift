import Conversions
import Foundation
import Imaging
import MediaIO
import Testing

@Suite(.serialized) struct ConversionTests {
    private func convert(
        _ input: String, _ output: String, filter: String = "identity", _ settings: Conversion.Settings = .init()
    ) throws -> Conversion.Progress {
        try Conversion(MediaInput(input), to: output, filter: filter, settings: settings).run()
    }

    private func times(_ path: String) throws -> [Double] {
        let reader = try FrameReader(path)
        var times: [Double] = []
        while let frame = try reader.next() { times.append(try #require(frame.time)) }
        return times
    }

    @Test(arguments: ["out.mp4", "out.mov", "out.mkv", "out.webm"])
    func aClipKeepsItsFramesAndTimes(name: String) throws {
        let shop = try Workshop()
        let clip = try shop.makeClip()
        let progress = try convert(clip, shop.path(name))
        #expect(progress.frames == 20)
        let (before, after) = (try times(clip), try times(shop.path(name)))
        #expect(before.count == 20)
        #expect(after.count == 20)
        for (first, second) in zip(before, after) { #expect(abs((first - before[0]) - (second - after[0])) < 0.0011) }
        #expect(try MediaInput(shop.path(name)).sound != nil)
        #expect(shop.files == ["clip.mp4", name])
    }

    @Test func timeRangeIsConverted() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip(frames: 50)
        var settings = Conversion.Settings()
        settings.start = 2
        settings.duration = 1
        #expect(try convert(clip, shop.path("part.mp4"), settings).frames == 10)
        #expect(try times(shop.path("part.mp4")).count == 10)
    }

    @Test func aGapInASeriesIsAnError() throws {
        let shop = try Workshop()
        let image = Image(width: 32, height: 24, repeating: 90)
        for number in [1, 2, 4] { try image.write(to: shop.path("in_\(number).png")) }
        let error = #expect(throws: MediaError.self) { try MediaInput(shop.path("in_%d.png")) }
        let text = error?.description ?? ""
        #expect(text.contains("in_3.png: is missing") && text.contains("in_4.png"))
    }

    @Test func theInputIsNotReplaced() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip()
        try FileManager.default.createSymbolicLink(atPath: shop.path("link.mp4"), withDestinationPath: clip)
        var settings = Conversion.Settings()
        settings.replacing = true
        for output in [clip, shop.path("link.mp4")] {
            let error = #expect(throws: MediaError.self) { try convert(clip, output, settings) }
            #expect(error?.description.contains("is the input") ?? false)
        }
        #expect(try times(clip).count == 20)
    }
}
