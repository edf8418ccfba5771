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
}
