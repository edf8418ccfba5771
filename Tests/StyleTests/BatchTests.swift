import Flow
import Imaging
import Style
import TestSupport
import Testing

/// Each image of a batch is processed as if it were alone.
@Suite struct BatchTests {
    private static let size = (width: 33, height: 19)
    private static let count = 3
    private var flow: FlowField
    private var reverse: FlowField
    private var image: Image
    private var certainty: Plane<Float>

    init() {
        var generator = SeededGenerator(seed: 77)
        let (width, height) = (Self.size.width, Self.count * Self.size.height)
        // Large enough to lead from one image into its neighbours.
        func random(_ range: ClosedRange<Float>, _ count: Int = 1) -> [Float] {
            (0..<count * width * height).map { _ in Float.random(in: range, using: &generator) }
        }
        flow = FlowField(width: width, height: height, u: random(-6...6), v: random(-6...6))
        reverse = FlowField(
            width: width, height: height, u: flow.u.map { -$0 + 0.1 }, v: flow.v.map { -$0 - 0.1 })
        image = Image(width: width, height: height, samples: random(-100...100, 3))
        certainty = Plane(width: width, height: height, values: random(0...1).map { $0 > 0.1 ? 1 : 0 })
        (flow.batchSize, reverse.batchSize) = (Self.count, Self.count)
        (image.batchSize, certainty.batchSize) = (Self.count, Self.count)
    }

    private func single(_ index: Int, of flow: FlowField) -> FlowField {
        func block(_ values: [Float]) -> [Float] {
            single(index, of: Plane(width: flow.width, height: flow.height, values: values)).values
        }
        return FlowField(width: flow.width, height: flow.height / Self.count, u: block(flow.u), v: block(flow.v))
    }

    private func single(_ index: Int, of plane: Plane<Float>) -> Plane<Float> {
        let height = plane.height / Self.count
        return plane.block(rows: index * height..<(index + 1) * height)
    }

    private func single(_ index: Int, of image: Image) -> Image {
        let height = image.height / Self.count
        return image.block(rows: index * height..<(index + 1) * height)
    }

    @Test(arguments: [1, 3]) func checksAndFilters(threads: Int) {
        // Rough motion: only the roughest pixels are motion boundaries.
        let check = ConsistencyCheck(scale: 0.3, boundaryOffset: 25)
        let result = check.certainty(of: flow, reverse: reverse, threads: threads)
        let filtered = certainty.minimumFiltered(size: 5, threads: threads)
        for index in 0..<Self.count {
            let isCheck =
                single(index, of: result)
                == check.certainty(of: single(index, of: flow), reverse: single(index, of: reverse))
            let isFilter = single(index, of: filtered) == single(index, of: certainty).minimumFiltered(size: 5)
            #expect(isCheck && isFilter)
        }
        let isApart =
            result.values != check.certainty(of: flow.withBatchSize(1), reverse: reverse.withBatchSize(1)).values
            && filtered.values != certainty.withBatchSize(1).minimumFiltered(size: 5).values
        #expect(isApart)
        for certain in [result, filtered] {
            let share = certain.values.reduce(0, +) / Float(certain.values.count)
            #expect(share > 0.03 && share < 0.97)
        }
    }

    @Test(arguments: Interpolation.allCases) func warps(interpolation: Interpolation) {
        let result = image.warped(by: flow, interpolation: interpolation, certainty: certainty)
        for index in 0..<Self.count {
            let isSame =
                single(index, of: result)
                == single(index, of: image).warped(
                    by: single(index, of: flow), interpolation: interpolation, certainty: single(index, of: certainty))
            #expect(isSame)
        }
        for (index, value) in result.samples.enumerated() where certainty.values[index % image.pixelCount] == 0 {
            #expect(value == 0)
        }
    }

    /// The flow at the images' resolution, at a lower and at a higher one.
    @Test(arguments: [(33, 19), (16, 9), (50, 31)]) func priors(width: Int, height: Int) {
        let last = image.resized(width: width, height: Self.count * height)
        let prior = Prior(warping: last, by: flow, certainty: certainty)
        for index in 0..<Self.count {
            let alone = single(index, of: image).resized(width: width, height: height)
            let isResized = single(index, of: last) == alone
            #expect(isResized)
            let expected = Prior(warping: alone, by: single(index, of: flow), certainty: single(index, of: certainty))
            let (isImage, isCertainty) = (
                single(index, of: prior.image) == expected.image,
                single(index, of: prior.certainty) == expected.certainty
            )
            #expect(isImage && isCertainty)
        }
    }

    /// Fewer rows than images: they cannot be separated, but nothing fails.
    @Test func framesOfFewRows() {
        let small = flow.resized(width: 4, height: 2)
        #expect(small.height == 2 && small.u.allSatisfy(\.isFinite))
        var few = Image(width: 4, height: 2, repeating: 3)
        few.batchSize = Self.count
        let prior = Prior(
            warping: few, by: small,
            certainty: certainty.minimumResized(width: 4, height: 2))
        #expect(prior.image.height == 2 && prior.image.samples.allSatisfy(\.isFinite))
    }
}
