import Imaging
import Style
import TestSupport
import Testing

/// Areas that stand still keep their painting.
@Suite struct StillAreasTests {
    private let library = ModelLibrary(folders: [TestData.repository + "/Plugins/GstPentimento/Models"])
    private static let (width, height) = (161, 109)

    /// The paintings of frames of a still camera.
    private func painted(
        _ count: Int, keepsStill: Bool = true, coherence: Float = 0, threads: Int = 0,
        change: (_ index: Int, _ image: inout Image) -> Void = { _, _ in }
    ) throws -> [Image] {
        var settings = CoherentStylizer.Settings(style: StyleRequest(model: "scream", threads: threads))
        (settings.keepsStill, settings.coherence, settings.sceneCut) = (keepsStill, coherence, 0)
        let stylizer = try CoherentStylizer(settings, library: library)
        let scene = TestFrame(width: 24, height: 16).image.resized(width: Self.width, height: Self.height)
        return try (0..<count).map { index in
            var image = scene
            change(index, &image)
            let frame = TestFrame(image)
            try frame.stylize(with: stylizer, time: Double(index) * 0.04)
            return frame.image
        }
    }

    private func difference(_ a: Image, _ b: Image, where isMeant: (_ x: Int, _ y: Int) -> Bool = { _, _ in true })
        -> (mean: Float, largest: Float)
    {
        var (sum, largest, count): (Float, Float, Float) = (0, 0, 0)
        for (index, (a, b)) in zip(a.samples, b.samples).enumerated()
        where isMeant(index % Self.width, index / Self.width % Self.height) {
            sum += abs(a - b)
            largest = max(largest, abs(a - b))
            count += 1
        }
        return (sum / count, largest)
    }

    @Test func aStillSceneStaysTheFirstPainting() throws {
        let kept = try painted(20)
        for image in kept { #expect(image == kept[0]) }
        let others = try painted(20, keepsStill: false)
        #expect(others[0] == kept[0])
        #expect(difference(others[19], others[0]).mean > 0.5)
    }

    /// A square appears: it is painted, and what is far from it stays.
    @Test func whatChangesIsPainted() throws {
        let images = try painted(6) { index, image in
            guard index > 2 else { return }
            for y in 40..<72 { for x in 60..<100 { image.samples[y * Self.width + x] = 250 } }
        }
        let far = difference(images[5], images[2]) { x, y in x < 44 || x > 116 || y < 24 || y > 88 }
        #expect(far.mean < 0.05 && far.largest < 4)
        #expect(difference(images[3], images[2]) { x, y in 64..<96 ~= x && 44..<68 ~= y }.mean > 8)
    }

    /// Light that grows too slowly for a frame to differ from the one before.
    @Test func slowChangesAreFollowed() throws {
        func brighten(_ index: Int, _ image: inout Image) {
            for sample in image.samples.indices { image.samples[sample] += Float(index) * 0.75 }
        }
        let kept = try painted(60, change: brighten)
        let others = try painted(60, keepsStill: false, change: brighten)
        let change = difference(others[59], others[0]).mean
        #expect(difference(kept[59], others[59]).mean < 0.5 * change)
    }

    @Test func noiseDoesNotMatter() throws {
        func change(keepsStill: Bool) throws -> Float {
            var generator = SeededGenerator(seed: 1)
            let images = try painted(10, keepsStill: keepsStill) { _, image in
                for index in image.samples.indices {
                    image.samples[index] += Float.random(in: -5...5, using: &generator)
                }
            }
            return difference(images[9], images[0]).mean
        }
        let (kept, others) = (try change(keepsStill: true), try change(keepsStill: false))
        #expect(kept < 0.4 * others, "\(kept) of \(others)")
    }

    @Test func aLivelierPictureKeepsNothing() throws {
        #expect(try painted(4, coherence: -1) == painted(4, keepsStill: false, coherence: -1))
    }

    @Test func threadsMakeNoDifference() throws {
        func change(_ index: Int, _ image: inout Image) {
            for x in 0..<40 { image.samples[30 * Self.width + x + 7 * index] = 255 }
        }
        #expect(try painted(4, threads: 1, change: change) == painted(4, threads: 3, change: change))
    }
}
