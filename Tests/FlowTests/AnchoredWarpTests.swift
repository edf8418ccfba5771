import Flow
import Imaging
import TestSupport
import Testing

@Suite struct AnchoredWarpTests {
    private struct Sample {
        let (anchor, last, prior): (Image, Image, Image)
        let motions: [Motion]

        init(width: Int, height: Int, batchSize: Int = 1, wild: Bool = false) {
            var generator = SeededGenerator(seed: UInt64(width * height))
            func values(_ range: ClosedRange<Float>, _ count: Int = 1) -> [Float] {
                (0..<count * width * height).map { _ in Float.random(in: range, using: &generator) }
            }
            func image(_ samples: [Float]) -> Image {
                var image = Image(width: width, height: height, samples: samples)
                image.batchSize = batchSize
                return image
            }
            func displacements() -> [Float] {
                values(-4...4).map { value in
                    let choice = wild ? Int.random(in: 0..<25, using: &generator) : 9
                    return choice == 0 ? .nan : choice == 1 ? .infinity : choice == 2 ? -1e30 : value
                }
            }
            anchor = image(values(-100...150, 3))
            last = image(values(-100...150, 3))
            prior = image(last.samples.map { $0 + Float.random(in: -20...20, using: &generator) })
            motions = (0..<3).map { _ in
                // Weights near 0 and 1 too.
                let certainty = values(-0.5...1.5).map { min(max($0, 0), 1) }
                return Motion(
                    flow: FlowField(width: width, height: height, u: displacements(), v: displacements())
                        .withBatchSize(batchSize),
                    certainty: Plane(width: width, height: height, values: certainty).withBatchSize(batchSize))
            }
        }

        func warps(_ interpolation: Interpolation, threads: Int = 1) -> [Image] {
            var warp = AnchoredWarp(
                anchor: anchor, motion: motions[0], interpolation: interpolation, threads: threads)
            warp.weigh(last, against: prior, tolerance: 8, threads: threads)
            let first = warp.next(after: last, by: motions[1], threads: threads)
            return [first, warp.next(after: first, by: motions[2], threads: threads)]
        }
    }

    /// The same from separate steps: the motions joined, both images warped, and blended.
    @Test(arguments: Interpolation.allCases) func isABlendOfTwoWarps(interpolation: Interpolation) {
        let (width, height) = (37, 23)
        let sample = Sample(width: width, height: height)
        let count = width * height
        var (way, last) = (sample.motions[0], sample.last)
        for pixel in 0..<count {
            let squares = (0..<3).map { channel in
                let index = channel * count + pixel
                return (sample.last.samples[index] - sample.prior.samples[index])
                    * (sample.last.samples[index] - sample.prior.samples[index])
            }
            way.certainty.values[pixel] /= 1 + squares.reduce(0, +) / (3 * 64)
        }
        for (step, result) in sample.warps(interpolation).enumerated() {
            way = sample.motions[step + 1].continued(by: way)
            for pixel in 0..<count where way.certainty.values[pixel] < 0.02 { way.certainty.values[pixel] = 0 }
            let near = last.warped(by: sample.motions[step + 1].flow, interpolation: interpolation)
            let far =
                interpolation == .bicubic
                ? keysCubic(sample.anchor, by: way.flow) : sample.anchor.warped(by: way.flow, interpolation: .bilinear)
            var expected = near
            for index in expected.samples.indices {
                let weight = way.certainty.values[index % count]
                let blend = weight > 0.98 ? 1 : weight
                expected.samples[index] += blend * (far.samples[index] - near.samples[index])
            }
            #expect(largestDifference(result.samples, expected.samples) < 0.05)
            let weights = way.certainty.values
            #expect(weights.contains(0) && weights.contains { $0 > 0.02 && $0 < 0.98 })
            last = result
        }
    }

    /// A warp with Keys's cubic of a = -0.6, one sample at a time.
    private func keysCubic(_ image: Image, by flow: FlowField) -> Image {
        func weight(_ distance: Double) -> Double {
            let x = abs(distance)
            let a = -0.6
            if x < 1 { return (a + 2) * x * x * x - (a + 3) * x * x + 1 }
            return x < 2 ? a * x * x * x - 5 * a * x * x + 8 * a * x - 4 * a : 0
        }
        var result = image
        let (width, height) = (image.width, image.height)
        for index in image.samples.indices {
            let (pixel, plane) = (index % (width * height), index / (width * height))
            let x = min(max(Double(pixel % width) + Double(flow.u[pixel]), -2), Double(width + 1))
            let y = min(max(Double(pixel / width) + Double(flow.v[pixel]), -2), Double(height + 1))
            var sum = 0.0
            for row in Int(y.rounded(.down)) - 1...Int(y.rounded(.down)) + 2 {
                for column in Int(x.rounded(.down)) - 1...Int(x.rounded(.down)) + 2 {
                    let (near, high) = (min(max(column, 0), width - 1), min(max(row, 0), height - 1))
                    sum +=
                        weight(Double(column) - x) * weight(Double(row) - y)
                        * Double(image.samples[(plane * height + high) * width + near])
                }
            }
            result.samples[index] = Float(sum)
        }
        return result
    }

    @Test(arguments: [(1, 1), (5, 3), (3, 17), (66, 35), (131, 9)]) func everyVariantGivesTheSame(size: (Int, Int)) {
        for interpolation in Interpolation.allCases {
            let sample = Sample(width: size.0, height: size.1, wild: true)
            let results = withEachVariant { sample.warps(interpolation) }
            for result in results {
                for (image, first) in zip(result, results[0]) {
                    #expect(image.samples.allSatisfy { $0.isFinite })
                    #expect(largestDifference(image.samples, first.samples) < 1e-3)
                }
            }
            let isSame = sample.warps(interpolation, threads: 3) == results[results.count - 1]
            #expect(isSame)
        }
    }

    @Test func imagesOfABatchAreApart() {
        let sample = Sample(width: 21, height: 30, batchSize: 3)
        let whole = sample.warps(.bicubic)
        for index in 0..<3 {
            let rows = index * 10..<(index + 1) * 10
            func part(_ motion: Motion) -> Motion {
                func plane(_ values: [Float]) -> Plane<Float> {
                    Plane(width: 21, height: 30, values: values).block(rows: rows)
                }
                return Motion(
                    flow: FlowField(
                        width: 21, height: 10, u: plane(motion.flow.u).values, v: plane(motion.flow.v).values),
                    certainty: plane(motion.certainty.values))
            }
            var warp = AnchoredWarp(
                anchor: sample.anchor.block(rows: rows), motion: part(sample.motions[0]), interpolation: .bicubic)
            warp.weigh(sample.last.block(rows: rows), against: sample.prior.block(rows: rows), tolerance: 8)
            var last = sample.last.block(rows: rows)
            for (step, image) in whole.enumerated() {
                last = warp.next(after: last, by: part(sample.motions[step + 1]))
                let isSame = image.block(rows: rows).samples == last.samples
                #expect(isSame)
            }
        }
    }
}
