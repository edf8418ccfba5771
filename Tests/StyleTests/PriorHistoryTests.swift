import Flow
import Glibc
import Imaging
import Style
import Testing

@Suite struct PriorHistoryTests {
    private static let (width, height) = (96, 64)
    private static let certain = Plane<Float>(width: width, height: height, repeating: 1)

    /// A smooth picture, moved by `x` pixels to the left.
    private func picture(movedBy x: Double) -> Image {
        Image(
            width: Self.width, height: Self.height,
            samples: (0..<3 * Self.width * Self.height).map { index in
                let (column, row) = (Double(index % Self.width) + x, Double(index / Self.width % Self.height))
                let waves = sin(column * 1.3) + sin(0.9 * column + 1.1 * row) + sin(row)
                return Float(30 * waves)
            })
    }

    private func shift(_ x: Float) -> FlowField {
        let count = Self.width * Self.height
        return FlowField(
            width: Self.width, height: Self.height, u: Array(repeating: x, count: count),
            v: Array(repeating: 0, count: count))
    }

    /// Mean absolute difference inside a border of 24 pixels.
    private func difference(_ image: Image, _ other: Image) -> Double {
        var (sum, count) = (0.0, 0)
        for index in image.samples.indices {
            let (x, y) = (index % Self.width, index / Self.width % Self.height)
            guard (24..<Self.width - 24).contains(x), (24..<Self.height - 24).contains(y) else { continue }
            sum += Double(abs(image.samples[index] - other.samples[index]))
            count += 1
        }
        return sum / Double(count)
    }

    /// The prior of frame `count`, if each output is its prior: the picture moves by 0.37 pixels in each frame.
    private func last(of count: Int, span: Int, threads: Int = 0) -> Image {
        var history = PriorHistory(span: span)
        var output = picture(movedBy: 0)
        for _ in 1...count {
            output = history.prior(after: output, by: shift(0.37), certainty: Self.certain, threads: threads).image
        }
        return output
    }

    @Test func aSpanOfOneIsThePriorOfTheLastOutput() {
        var history = PriorHistory(span: 1)
        var certainty = Self.certain
        for x in 20..<40 { for y in 10..<30 { certainty[x, y] = 0 } }
        for step in 0..<3 {
            let output = picture(movedBy: Double(step))
            let prior = history.prior(after: output, by: shift(0.4), certainty: certainty, fill: .noise, seed: 3)
            let plain = Prior(warping: output, by: shift(0.4), certainty: certainty, fill: .noise, seed: 3)
            let isSame = prior.image == plain.image && prior.certainty == plain.certainty
            #expect(isSame)
        }
    }

    @Test func manyFramesAreInterpolatedOnce() {
        let wanted = picture(movedBy: 0.37 * 15)
        let (once, always) = (difference(last(of: 15, span: 16), wanted), difference(last(of: 15, span: 1), wanted))
        #expect(once < 0.2 * always)
    }

    @Test func theAnchorIsReplaced() {
        let (short, long) = (last(of: 30, span: 5), last(of: 30, span: 40))
        let wanted = picture(movedBy: 0.37 * 30)
        #expect(difference(long, wanted) < difference(short, wanted))
        #expect(difference(short, wanted) < difference(last(of: 30, span: 1), wanted))
    }

    @Test func whatIsPaintedAnewStays() {
        var history = PriorHistory()
        let first = picture(movedBy: 0)
        var prior = history.prior(after: first, by: shift(0), certainty: Self.certain)
        prior = history.prior(after: prior.image, by: shift(0), certainty: Self.certain)
        var painted = prior.image
        for x in 30..<60 { for y in 20..<40 { painted.samples[y * Self.width + x] += 150 } }
        prior = history.prior(after: painted, by: shift(0), certainty: Self.certain)
        for (index, value) in prior.image.samples.enumerated() {
            #expect(abs(value - painted.samples[index]) < 2)
        }
    }

    @Test func uncertainPixelsAreFilledAndDoNotReturnToTheAnchor() {
        var history = PriorHistory()
        var hole = Self.certain
        for x in 30..<60 { for y in 20..<40 { hole[x, y] = 0 } }
        let first = picture(movedBy: 0)
        _ = history.prior(after: first, by: shift(0), certainty: Self.certain)
        let prior = history.prior(after: first, by: shift(0), certainty: hole)
        #expect(prior.certainty == hole)
        #expect(prior.image.samples[30 * Self.width + 40] == 0)
        var painted = first
        for index in painted.samples.indices { painted.samples[index] += 3 }
        let next = history.prior(after: painted, by: shift(0), certainty: Self.certain)
        #expect(next.image.samples[30 * Self.width + 40] == painted.samples[30 * Self.width + 40])
        #expect(next.image.samples[5 * Self.width + 5] < painted.samples[5 * Self.width + 5])
    }

    @Test func nothingIsLeftAfterACutOrAnotherSize() {
        var history = PriorHistory()
        for _ in 0..<3 { _ = history.prior(after: picture(movedBy: 0), by: shift(0), certainty: Self.certain) }
        var other = history
        other.removeAll()
        let output = picture(movedBy: 1)
        let isPlain = other.prior(after: output, by: shift(0), certainty: Self.certain).image == output
        #expect(isPlain)
        let small = Image(width: 40, height: 30, repeating: 7)
        #expect(history.prior(after: small, by: shift(0), certainty: Self.certain).image == small)
    }

    @Test(arguments: [1, 3]) func threadsDoNotMatter(threads: Int) {
        let isSame = last(of: 6, span: 4, threads: threads) == last(of: 6, span: 4)
        #expect(isSame)
    }

    @Test func theImagesOfABatchAreApart() {
        func stack(_ images: [Image]) -> Image {
            let (count, height) = (Self.width * Self.height, images.count * Self.height)
            var result = Image(width: Self.width, height: height, repeating: 0)
            for (index, image) in images.enumerated() {
                for channel in 0..<3 {
                    for pixel in 0..<count {
                        result.samples[(channel * images.count + index) * count + pixel] =
                            image.samples[channel * count + pixel]
                    }
                }
            }
            result.batchSize = images.count
            return result
        }
        let flows: [Float] = [0.4, -1.3]
        var (together, apart) = (PriorHistory(), [PriorHistory(), PriorHistory()])
        var outputs = [picture(movedBy: 0), picture(movedBy: 5)]
        for step in 0..<3 {
            let count = Self.width * Self.height
            let flow = FlowField(
                width: Self.width, height: 2 * Self.height,
                u: flows.flatMap { Array(repeating: $0 + Float(step), count: count) },
                v: Array(repeating: 0.5, count: 2 * count))
            let all = together.prior(
                after: stack(outputs), by: flow,
                certainty: Plane(width: Self.width, height: 2 * Self.height, repeating: 1)
            ).image
            outputs = flows.indices.map { index in
                let single = FlowField(
                    width: Self.width, height: Self.height,
                    u: Array(repeating: flows[index] + Float(step), count: count),
                    v: Array(repeating: 0.5, count: count))
                return apart[index].prior(after: outputs[index], by: single, certainty: Self.certain).image
            }
            let isSame = all == stack(outputs)
            #expect(isSame)
        }
    }
}
