import Evaluation
import Imaging
import Support
import Testing

/// The arithmetic of `pentimento-bench style-report`.
@Suite struct StyleMeasureTests {
    private func fine(_ luma: (_ x: Int, _ y: Int) -> Double) -> FineStructure {
        let values = (0..<160 * 144).map { UInt8(max(0, min(255, luma($0 % 160, $0 / 160).rounded()))) }
        return FineStructure(Plane(width: 160, height: 144, values: values))
    }

    private let window = PixelWindow(x: 16, y: 8, size: 128)

    @Test func aGridOfDotsRepeatsAtItsPeriod() {
        let pattern = fine { x, y in x % 12 < 3 && y % 17 < 3 ? 140 : 100 }.repetition(in: window)
        #expect(pattern.strength > 0.98)
        #expect(abs(pattern.distance - 12) < 1e-9)
        // Dots on 9 of 204 pixels; the window has no whole number of them.
        let share = 9.0 / 204
        #expect(abs(pattern.contrast - 40 * (share * (1 - share)).squareRoot()) < 0.8)
    }

    /// A repetition under noise of the same variance is half as strong.
    @Test func noiseWeakensARepetition() {
        var random = SplitMix(seed: 7)
        let noise = (0..<160 * 144).map { _ in Double(random.nextUnit() < 0.5 ? -10 : 10) }
        let pattern = fine { x, y in 100 + (x / 6 % 2 == y / 6 % 2 ? 10 : -10) + noise[y * 160 + x] }
            .repetition(in: window)
        #expect(0.45...0.55 ~= pattern.strength)
        #expect(abs(pattern.distance * pattern.distance - 72) < 1e-9, "6 to the right and 6 down")
        let alone = fine { x, y in 100 + noise[y * 160 + x] }.repetition(in: window)
        #expect(alone.strength < 0.1)
    }

    /// Strokes resemble themselves along their direction; a gradient and a uniform area have no fine structure.
    @Test func strokesAndPlainAreasDoNotRepeat() {
        var random = SplitMix(seed: 3)
        let columns = (0..<160).map { _ in Double(random.nextUnit()) * 80 }
        #expect(fine { x, _ in 80 + columns[x] }.repetition(in: window).strength < 0.4)
        #expect(fine { _, _ in 90 }.repetition(in: window) == fine { _, _ in 17 }.repetition(in: window))
        #expect(fine { _, _ in 90 }.repetition(in: window).strength == 0)
        #expect(fine { x, _ in Double(x) }.contrast(in: PixelWindow(x: 24, y: 24, size: 96)) < 1e-3)
    }

    @Test func thePlainestWindowHasTheLeastContrast() throws {
        let structure = fine { x, y in 100 + ((x + y) % 2 == 0 ? 1 : -1) * (x >= 64 && y >= 48 ? 2 : 20) }
        let window = try #require(structure.plainestWindow(size: 64))
        #expect(window.x >= 64 && window.y >= 48)
        #expect(abs(structure.contrast(in: window) - 2) < 0.05)
        #expect(structure.plainestWindow(size: 145) == nil)
    }

    @Test func anOperationThatMovesWithItsInputHasNoShiftError() throws {
        var random = SplitMix(seed: 5)
        let picture = Image(width: 67, height: 59, samples: (0..<3 * 67 * 59).map { _ in random.nextUnit() * 255 })
        #expect(try shiftError(of: picture) { $0 } == 0)
        // Borders do not count.
        #expect(try shiftError(of: picture) { $0.framed(by: 16) } == 0)
        #expect(try shiftError(of: picture) { $0.framed(by: 17) } > 0)
        // Stripes that stay where they are: of 15 shifts, 12 are sideways, and then half of the columns differ by 8.
        let striped = try shiftError(of: picture) { $0.striped(every: 4, by: 8) }
        #expect(abs(striped - 4 * 12 / 15.0) < 0.15)
        #expect(throws: EvaluationError.self) {
            try shiftError(of: Image(width: 38, height: 59)) { $0 }
        }
    }

    @Test func meanAbsoluteDifferences() {
        let image = Image(width: 2, height: 1, channels: 1, samples: [1, 5])
        #expect(
            meanAbsoluteDifference(of: image, from: Image(width: 2, height: 1, channels: 1, samples: [4, 4])) == 2)
    }

    /// The second layer has a hundredth of the first one's magnitude, and counts as much.
    @Test func distancesWeighLayersEqually() throws {
        let distances = try StyleDistances(paintings: [[[100, 0], [1, 0]], [[0, 100], [0, 1]]])
        #expect(try distances.distances(of: [[100, 0], [1, 0]]) == [0, 4])
        #expect(try distances.distances(of: [[100, 0], [0, 1]]) == [2, 2])
        #expect(throws: EvaluationError.self) { try distances.distances(of: [[1, 2]]) }
        #expect(throws: EvaluationError.self) { try StyleDistances(paintings: []) }
    }
}

extension Image {
    /// With zeros in a border.
    fileprivate func framed(by border: Int) -> Image {
        mapped { x, y, value in
            x < border || y < border || x >= width - border || y >= height - border ? 0 : value
        }
    }

    fileprivate func striped(every period: Int, by value: Float) -> Image {
        mapped { x, _, sample in x % period == 0 ? sample + value : sample }
    }

    private func mapped(_ value: (_ x: Int, _ y: Int, _ sample: Float) -> Float) -> Image {
        var image = self
        for i in samples.indices { image.samples[i] = value(i % width, i / width % height, samples[i]) }
        return image
    }
}
