import Imaging
import Style
import TestSupport
import Testing

@Suite struct CoherentStylizerTests {
    let library = ModelLibrary(folders: [TestData.repository + "/Plugins/GstPentimento/Models"])

    private func stylizer(_ change: (inout CoherentStylizer.Settings) -> Void = { _ in }) throws -> CoherentStylizer {
        var settings = CoherentStylizer.Settings(style: StyleRequest(model: "scream"))
        change(&settings)
        return try CoherentStylizer(settings, library: library)
    }

    /// An image of blotches that depends on the seed.
    private func blotches(seed: Int) -> TestFrame {
        var image = Image(width: 16, height: 12)
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        for index in image.samples.indices {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            image.samples[index] = Float(state >> 56)
        }
        return TestFrame(image.resized(width: 96, height: 72))
    }

    @Test func aSceneCutHasNoPrior() throws {
        let alone = blotches(seed: 2)
        try alone.stylize(with: stylizer(), time: 0)
        let watchful = try stylizer { $0.keepsStill = false }
        try blotches(seed: 1).stylize(with: watchful, time: 0)
        let cut = blotches(seed: 2)
        try cut.stylize(with: watchful, time: 0.04)
        #expect(cut.bytes == alone.bytes)
        // The next frame has a prior again.
        let next = blotches(seed: 2)
        try next.stylize(with: watchful, time: 0.08)
        #expect(next.bytes != alone.bytes)

        let blind = try stylizer { $0.sceneCut = 0 }
        try blotches(seed: 1).stylize(with: blind, time: 0)
        let bled = blotches(seed: 2)
        try bled.stylize(with: blind, time: 0.04)
        #expect(bled.bytes != alone.bytes)
    }

    @Test func aNewSizeResetsTheState() throws {
        let stylizer = try stylizer()
        try TestFrame(width: 40, height: 24).stylize(with: stylizer, time: 0)
        let other = TestFrame(width: 33, height: 30)
        try other.stylize(with: stylizer, time: 0.04)
        let alone = TestFrame(width: 33, height: 30)
        try alone.stylize(with: self.stylizer(), time: 0)
        #expect(other.bytes == alone.bytes)
    }

    @Test func threadsMakeNoDifference() throws {
        func bytes(threads: Int) throws -> [UInt8] {
            let stylizer = try stylizer { $0.style.threads = threads }
            try TestFrame(width: 70, height: 50).stylize(with: stylizer, time: 0)
            let frame = TestFrame(width: 70, height: 50, shift: 1)
            try frame.stylize(with: stylizer, time: 0.04)
            return frame.bytes
        }
        #expect(try bytes(threads: 1) == bytes(threads: 0))
    }
}
