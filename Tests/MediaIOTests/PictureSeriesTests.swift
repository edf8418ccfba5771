import Conversions
import Foundation
import Imaging
import MediaIO
import TestSupport
import Testing

/// A file of a series that is not what the others are is an error that names it, whatever the series becomes.
@Suite(.serialized) struct PictureSeriesTests {
    struct Fault: CustomTestStringConvertible {
        let testDescription: String
        var ending = "png"
        /// What becomes of the third of five files.
        let change: @Sendable (Data) throws -> Data
        /// In the error's message.
        let says: String
    }

    static let faults = [
        Fault(testDescription: "empty", change: { _ in Data() }, says: "empty"),
        Fault(testDescription: "text", change: { _ in Data("no picture".utf8) }, says: "neither a video nor a picture"),
        Fault(testDescription: "cut PNG", change: { $0.prefix($0.count / 2) }, says: "cut short"),
        Fault(testDescription: "cut JPEG", ending: "jpg", change: { $0.prefix($0.count / 2) }, says: "cut short"),
        Fault(testDescription: "cut PPM", ending: "ppm", change: { $0.prefix($0.count / 2) }, says: "picture"),
        Fault(
            testDescription: "damaged PNG",
            change: { data in
                var data = data
                data[data.count / 2] ^= 0xFF
                return data
            }, says: "picture"),
        Fault(
            testDescription: "JPEG with another ending",
            change: { _ in
                try Data(
                    contentsOf: URL(
                        fileURLWithPath: TestData.fixture("pictures/color.jpg", of: "MediaIOTests")))
            }, says: "is in the format JPEG"),
    ]

    private func makeSeries(_ shop: Workshop, ending: String) throws {
        for number in 1...5 {
            let samples = (0..<40 * 30 * 3).map { Float(($0 * 7919 + number * 31) % 256) }
            try Image(width: 40, height: 30, samples: samples).write(to: shop.path("in_\(number).\(ending)"))
        }
    }

    @Test(arguments: faults, ["out.mp4", "out_%d.png"]) func aFaultyFileIsNamed(fault: Fault, output: String) throws {
        let shop = try Workshop()
        try makeSeries(shop, ending: fault.ending)
        let file = URL(fileURLWithPath: shop.path("in_3.\(fault.ending)"))
        try fault.change(Data(contentsOf: file)).write(to: file)
        let error = #expect(throws: MediaError.self) {
            let input = try MediaInput(shop.path("in_%d.\(fault.ending)"))
            _ = try Conversion(input, to: shop.path(output), filter: "identity", settings: .init()).run()
        }
        let message = error?.description ?? ""
        #expect(message.contains("in_3.\(fault.ending): ") && message.contains(fault.says), "\(message)")
        #expect(!shop.files.contains("out.mp4") && !shop.files.contains("out_3.png"))
        let reader = try FrameReader(shop.path("in_%d.\(fault.ending)"))
        let second = #expect(throws: MediaError.self) { while try reader.next() != nil {} }
        #expect(second?.description == error?.description)
    }

    @Test func aWholeSeriesKeepsItsNumbersAndTimes() throws {
        let shop = try Workshop()
        try makeSeries(shop, ending: "png")
        for number in 1...2 { try FileManager.default.removeItem(atPath: shop.path("in_\(number).png")) }
        var settings = Conversion.Settings()
        settings.frameRate = "30000/1001"
        let input = try MediaInput(shop.path("in_%d.png"))
        #expect(input.frameCount == 3)
        _ = try Conversion(input, to: shop.path("out_%d.png"), filter: "identity", settings: settings).run()
        for number in 3...5 {
            #expect(
                try PictureTools.pixels(of: shop.path("out_\(number).png"))
                    == PictureTools.pixels(of: shop.path("in_\(number).png")))
        }
        _ = try Conversion(input, to: shop.path("out.mp4"), filter: "identity", settings: settings).run()
        let reader = try FrameReader(shop.path("out.mp4"))
        let first = try #require(try reader.next()?.time)
        for index in 1..<3 {
            let time = try #require(try reader.next()?.time)
            #expect(abs(time - first - Double(index) * 1001 / 30000) < 0.0001)
        }
    }

    @Test func picturesOfSeveralSizes() throws {
        let shop = try Workshop()
        try makeSeries(shop, ending: "png")
        try FileManager.default.removeItem(atPath: shop.path("in_4.png"))
        try Image(width: 32, height: 48, repeating: 9).write(to: shop.path("in_4.png"))
        let input = try MediaInput(shop.path("in_%d.png"))
        let error = #expect(throws: MediaError.self) {
            try Conversion(input, to: shop.path("out.mp4"), filter: "identity", settings: .init()).run()
        }
        let message = error?.description ?? ""
        #expect(message.contains("in_4.png: is 32 x 48") && message.contains("--size"), "\(message)")
        var settings = Conversion.Settings()
        settings.size = RequestedSize(width: 32, height: 24)
        #expect(
            try Conversion(input, to: shop.path("out.mp4"), filter: "identity", settings: settings).run().frames == 5)
        // Pictures into pictures keep their sizes.
        _ = try Conversion(input, to: shop.path("out_%d.png"), filter: "identity", settings: .init()).run()
        #expect(try Image(contentsOf: shop.path("out_4.png")).height == 48)
        #expect(try Image(contentsOf: shop.path("out_5.png")).height == 30)
    }

    /// Damaged and missing files are left out on request. The others keep their numbers, and in a video their times.
    @Test func theRestOfASeriesIsTaken() throws {
        let shop = try Workshop()
        try makeSeries(shop, ending: "png")
        try Data("no picture".utf8).write(to: URL(fileURLWithPath: shop.path("in_1.png")))
        try FileManager.default.removeItem(atPath: shop.path("in_3.png"))
        var settings = Conversion.Settings()
        settings.keepsGoing = true
        settings.frameRate = "10/1"
        let input = try MediaInput(shop.path("in_%d.png"), keepsGoing: true)
        let series = try Conversion(input, to: shop.path("out_%d.png"), filter: "identity", settings: settings)
        #expect(try series.run().frames == 3)
        #expect(series.notes.contains { $0.hasPrefix("2 of 5 pictures") && $0.contains("in_1.png and 1 others") })
        #expect(shop.files.filter { $0.hasPrefix("out_") } == ["out_2.png", "out_4.png", "out_5.png"])
        for number in [2, 4, 5] {
            let (before, after) = try (
                Image(contentsOf: shop.path("in_\(number).png")), Image(contentsOf: shop.path("out_\(number).png"))
            )
            #expect(before.samples == after.samples)
        }
        let clip = shop.path("out.mp4")
        #expect(try Conversion(input, to: clip, filter: "identity", settings: settings).run().frames == 3)
        let times = try Peer.text(
            "ffprobe", "-show_entries frame=pts_time -of csv=p=0", [clip]
        ).split(whereSeparator: \.isNewline).compactMap { Double($0.prefix { $0 != "," }) }
        #expect(times.count == 3 && abs(times[1] - times[0] - 0.2) < 0.001, "\(times)")
        #expect(abs(times[2] - times[1] - 0.1) < 0.001, "\(times)")
    }
}
