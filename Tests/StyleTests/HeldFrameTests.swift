import Flow
import Imaging
import Style
import TestSupport
import Testing

/// Frames that wait for the next one.
@Suite struct HeldFrameTests {
    private let library = ModelLibrary(folders: [TestData.repository + "/Plugins/GstPentimento/Models"])
    private let scream = StyleRequest(model: "scream")
    private static let (width, height) = (160, 112)

    /// A still scene, and a square in it from frame `start` on.
    private func scene(_ index: Int, squareFrom start: Int) -> TestFrame {
        var image = TestFrame(width: 24, height: 16).image.resized(width: Self.width, height: Self.height)
        if index >= start {
            for y in Self.rows { for x in Self.columns { image.samples[y * Self.width + x] = 250 } }
        }
        return TestFrame(image)
    }
    private static let (columns, rows) = (60..<100, 40..<72)

    private func painted(lookahead: Bool, squareFrom start: Int, count: Int, every: Int = 2) throws -> [Image] {
        var settings = CoherentStylizer.Settings(style: scream)
        settings.every = every
        settings.lookahead = lookahead
        settings.sceneCut = 0
        let stylizer = try CoherentStylizer(settings, library: library)
        let frames = (0..<count).map { scene($0, squareFrom: start) }
        for (index, frame) in frames.enumerated() {
            let before = frame.image
            let result = try frame.stylize(with: stylizer, time: Double(index) * 0.04)
            #expect(result.isHeld == (lookahead && index % every == 1))
            if result.isHeld { #expect(frame.image == before) }
        }
        stylizer.finish()
        return frames.map(\.image)
    }

    /// Mean absolute difference inside the square.
    private func difference(_ a: Image, _ b: Image) -> Float {
        var sum: Float = 0
        for channel in 0..<3 {
            for y in Self.rows {
                for x in Self.columns {
                    let index = (channel * Self.height + y) * Self.width + x
                    sum += abs(a.samples[index] - b.samples[index])
                }
            }
        }
        return sum / Float(3 * Self.rows.count * Self.columns.count)
    }

    /// The square appears in a frame that is not painted: it looks as in the next one.
    @Test func whatAppearsIsTakenFromTheNextPainting() throws {
        let with = try painted(lookahead: true, squareFrom: 3, count: 5)
        let without = try painted(lookahead: false, squareFrom: 3, count: 5)
        #expect(with[4] == without[4])
        let (near, far) = (difference(with[3], with[4]), difference(without[3], without[4]))
        print("difference of a square from the next frame's: \(near) with lookahead, \(far) without")
        #expect(near < 2 && far > 4 * near)
    }

    /// Without a next frame the network paints it.
    @Test func theLastFrameIsFinished() throws {
        #expect(
            try painted(lookahead: true, squareFrom: 1, count: 2)
                == painted(lookahead: false, squareFrom: 1, count: 2, every: 1))
    }
}
