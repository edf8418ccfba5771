import Imaging
import Style
import TestSupport
import Testing

/// Frames that the network does not paint.
@Suite struct PriorCompletionTests {
    private static let (width, height) = (97, 66)

    /// Two colors beside each other, with noise.
    private func frame() -> Image {
        var generator = SeededGenerator(seed: 5)
        let count = Self.width * Self.height
        return Image(
            width: Self.width, height: Self.height,
            samples: (0..<3 * count).map { index in
                let isLeft = index % Self.width < 50
                let base: [Float] = isLeft ? [60, -40, 20] : [-70, 30, 90]
                return base[index / count] + Float.random(in: -30...30, using: &generator)
            })
    }

    /// A painting that is an affine function of the frame's colors.
    private func painting(of frame: Image) -> Image {
        let count = frame.pixelCount
        let samples = frame.samples
        return Image(
            width: frame.width, height: frame.height,
            samples: (0..<3 * count).map { index in
                let (channel, pixel) = (index / count, index % count)
                let (blue, green, red) = (samples[pixel], samples[count + pixel], samples[2 * count + pixel])
                return [0.5 * blue - 0.3 * red + 10, green + 0.2 * blue, 0.7 * red - 0.4 * green - 20][channel]
            })
    }

    private func certainty(holes: [(Range<Int>, Range<Int>)]) -> Plane<Float> {
        var certainty = Plane<Float>(width: Self.width, height: Self.height, repeating: 1)
        for (columns, rows) in holes { for y in rows { for x in columns { certainty[x, y] = 0 } } }
        return certainty
    }

    @Test func certainPixelsStay() {
        let frame = frame()
        let image = painting(of: frame)
        let prior = Prior(image: image, certainty: certainty(holes: []))
        #expect(PriorCompletion.complete(prior, of: frame, threads: 0) == image)
        let holed = Prior(image: image, certainty: certainty(holes: [(20..<40, 10..<30)]))
        let completed = PriorCompletion.complete(holed, of: frame, threads: 0)
        for index in image.samples.indices where holed.certainty.values[index % image.pixelCount] == 1 {
            #expect(completed.samples[index] == image.samples[index])
        }
    }

    /// What was painted in the holes is found from the colors around them, across an edge too.
    @Test(arguments: [1, 3]) func holesAreFilled(threads: Int) {
        let frame = frame()
        let whole = painting(of: frame)
        let certainty = certainty(holes: [(40..<60, 20..<44), (0..<9, 50..<66), (90..<97, 0..<5)])
        var image = whole
        for index in image.samples.indices where certainty.values[index % image.pixelCount] == 0 {
            image.samples[index] = 1000
        }
        let completed = PriorCompletion.complete(
            Prior(image: image, certainty: certainty), of: frame, threads: threads)
        // Ridge regression flattens a little.
        let difference = largestDifference(completed.samples, whole.samples)
        #expect(difference < 25)
        let mean = zip(completed.samples, whole.samples).reduce(0) { $0 + abs($1.0 - $1.1) }
        #expect(mean / Float(3 * 20 * 24) < 5)
    }

    /// A thing that has moved into a place where nothing of its color is certain.
    @Test func theLastFrameTellsTheColorsOfWhatMoves() {
        func frame(objectAt column: Int) -> Image {
            var frame = self.frame()
            let count = frame.pixelCount
            for y in 20..<44 {
                for x in column..<column + 14 {
                    let index = y * Self.width + x
                    let color: [Float] = [100, 90, -100]
                    for channel in 0..<3 { frame.samples[channel * count + index] = color[channel] }
                }
            }
            return frame
        }
        // Black on the painting, unlike anything that has these colors elsewhere.
        func painting(of frame: Image) -> Image {
            var painting = self.painting(of: frame)
            let count = frame.pixelCount
            for index in 0..<count where frame.samples[index] == 100 {
                for channel in 0..<3 { painting.samples[channel * count + index] = -110 }
            }
            return painting
        }
        let (last, now) = (frame(objectAt: 30), frame(objectAt: 36))
        let prior = Prior(image: painting(of: last), certainty: certainty(holes: [(28..<54, 18..<46)]))
        func mean(_ image: Image) -> Float {
            (22..<42).reduce(0) { $0 + image.samples[$1 * Self.width + 42] } / 20
        }
        let alone = PriorCompletion.complete(prior, of: now, threads: 0)
        let after = PriorCompletion.complete(prior, of: now, after: (last, painting(of: last)), threads: 0)
        #expect(abs(mean(after) + 110) < 30 && abs(mean(alone) + 110) > 60)
    }

    /// Strokes that are no function of the frame go on in the hole.
    @Test func strokesGoOn() {
        let frame = Image(width: Self.width, height: Self.height, repeating: 20)
        let count = frame.pixelCount
        let strokes = Image(
            width: Self.width, height: Self.height,
            samples: (0..<3 * count).map { Float($0 % Self.width % 4 < 2 ? 40 : -40) })
        let certainty = certainty(holes: [(30..<50, 20..<40)])
        let completed = PriorCompletion.complete(
            Prior(image: strokes, certainty: certainty), of: frame, threads: 0)
        #expect(largestDifference(completed.samples, strokes.samples) < 8)
    }

    @Test func nothingCertainIsLeftAsItIs() {
        let prior = Prior.empty(width: Self.width, height: Self.height, fill: .noise)
        #expect(PriorCompletion.complete(prior, of: frame(), threads: 0) == prior.image)
        let small = Prior.empty(width: 1, height: 1, fill: .noise)
        #expect(PriorCompletion.complete(small, of: Image(width: 1, height: 1), threads: 0) == small.image)
    }
}

/// `every`: which frames the network paints.
@Suite struct EveryTests {
    private let library = ModelLibrary(folders: [TestData.repository + "/Plugins/GstPentimento/Models"])
    private let scream = StyleRequest(model: "scream")

    private func painted(_ every: Int, certainty: Float = 1, cutAt cut: Int? = nil) throws -> [Bool] {
        let stylizer = try Stylizer(scream, library: library)
        var last: Image?
        return try (0..<6).map { index in
            let prior =
                index == cut
                ? nil
                : last.map {
                    Prior(image: $0, certainty: Plane(width: $0.width, height: $0.height, repeating: certainty))
                }
            let result = try TestFrame(width: 32, height: 24).stylize(
                with: stylizer, scream, prior: prior, every: every)
            if !result.isPainted { #expect(result.output == last) }
            last = result.output
            return result.isPainted
        }
    }

    @Test func everySecondFrameIsPaintedWhereThePriorIsCertain() throws {
        #expect(try painted(1) == [true, true, true, true, true, true])
        #expect(try painted(2) == [true, false, true, false, true, false])
        #expect(try painted(2, certainty: 0) == [true, true, true, true, true, true])
        #expect(try painted(2, cutAt: 3) == [true, false, true, true, false, true])
    }

    /// A painting that moves does not differ from frame to frame by whether the network painted it.
    @Test func unpaintedFramesDifferFromTheirNeighboursAsPaintedOnesDo() throws {
        var settings = CoherentStylizer.Settings(style: scream)
        settings.every = 2
        let stylizer = try CoherentStylizer(settings, library: library)
        let source = TestFrame(width: 24, height: 16).image.resized(width: 192, height: 128)
        var frames: [(isPainted: Bool, image: Image)] = []
        for index in 0..<12 {
            let frame = TestFrame(source.cropped(x: 2 * index, y: index, width: 160, height: 112))
            let result = try frame.stylize(with: stylizer, time: Double(index) * 0.04)
            frames.append((result.isPainted, frame.image))
        }
        var sums = (painted: (0.0, 0.0), between: (0.0, 0.0))
        for index in 3..<12 {
            // The scene moves by 2 and 1 pixels.
            let last = frames[index - 1].image.cropped(x: 10, y: 10, width: 130, height: 90)
            let now = frames[index].image.cropped(x: 8, y: 9, width: 130, height: 90)
            let difference = zip(last.samples, now.samples).reduce(0.0) { $0 + Double(abs($1.0 - $1.1)) }
            if frames[index].isPainted {
                sums.painted = (sums.painted.0 + difference, sums.painted.1 + 1)
            } else {
                sums.between = (sums.between.0 + difference, sums.between.1 + 1)
            }
        }
        let ratio = (sums.painted.0 / sums.painted.1) / (sums.between.0 / sums.between.1)
        print("difference of painted frames from the last one over that of the frames between: \(ratio)")
        #expect(sums.between.1 >= 4 && ratio > 0.5 && ratio < 2)
    }

    @Test func paceFollowsTheTime() {
        var pace = PaintingPace()
        for _ in 0..<3 { pace.record(seconds: 1, duration: 0.04) }
        #expect(pace.every == 1, "the first frames allocate memory")
        for _ in 0..<9 { pace.record(seconds: 0.036, duration: 0.04) }
        #expect(pace.every == 2)
        pace.record(seconds: 0.028, duration: 0.04)
        #expect(pace.every == 2)
        for _ in 0..<30 { pace.record(seconds: 0.02, duration: 0.04) }
        #expect(pace.every == 1)
        for _ in 0..<9 { pace.record(seconds: 1, duration: nil) }
        #expect(pace.every == 1)
    }
}
