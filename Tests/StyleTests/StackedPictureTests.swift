import Flow
import Imaging
import Style
import TestSupport
import Testing

/// Each image of a batch of stacked images is processed as if it were alone.
@Suite struct StackedPictureTests {
    private static let size = (width: 33, height: 19)
    private static let count = 3
    private let flow: FlowField
    private let reverse: FlowField
    private let image: Image
    private let certainty: Plane<Float>

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
    }

    private func part(_ index: Int, of flow: FlowField) -> FlowField {
        func block(_ values: [Float]) -> [Float] {
            part(index, of: Plane(width: flow.width, height: flow.height, values: values)).values
        }
        return FlowField(width: flow.width, height: flow.height / Self.count, u: block(flow.u), v: block(flow.v))
    }

    private func part(_ index: Int, of plane: Plane<Float>) -> Plane<Float> {
        let height = plane.height / Self.count
        return plane.block(rows: index * height..<(index + 1) * height)
    }

    private func part(_ index: Int, of image: Image) -> Image {
        let height = image.height / Self.count
        return image.block(rows: index * height..<(index + 1) * height)
    }

    @Test(arguments: [1, 3]) func checksAndFilters(threads: Int) {
        // Rough motion: only the roughest pixels are motion boundaries.
        let check = ConsistencyCheck(scale: 0.3, boundaryOffset: 25)
        let result = check.certainty(of: flow, reverse: reverse, parts: Self.count, threads: threads)
        let filtered = certainty.minimumFiltered(size: 5, parts: Self.count, threads: threads)
        for index in 0..<Self.count {
            let isCheck =
                part(index, of: result)
                == check.certainty(of: part(index, of: flow), reverse: part(index, of: reverse))
            let isFilter = part(index, of: filtered) == part(index, of: certainty).minimumFiltered(size: 5)
            #expect(isCheck && isFilter)
        }
        let isApart =
            result != check.certainty(of: flow, reverse: reverse) && filtered != certainty.minimumFiltered(size: 5)
        #expect(isApart)
        for certain in [result, filtered] {
            let part = certain.values.reduce(0, +) / Float(certain.values.count)
            #expect(part > 0.03 && part < 0.97)
        }
    }

    @Test(arguments: Interpolation.allCases) func warps(interpolation: Interpolation) {
        let result = image.warped(by: flow, interpolation: interpolation, certainty: certainty, parts: Self.count)
        for index in 0..<Self.count {
            let isSame =
                part(index, of: result)
                == part(index, of: image).warped(
                    by: part(index, of: flow), interpolation: interpolation, certainty: part(index, of: certainty))
            #expect(isSame)
        }
        for (index, value) in result.samples.enumerated() where certainty.values[index % image.pixelCount] == 0 {
            #expect(value == 0)
        }
    }

    /// The flow at the images' resolution, at a lower and at a higher one.
    @Test(arguments: [(33, 19), (16, 9), (50, 31)]) func priors(width: Int, height: Int) {
        let last = image.resized(width: width, height: Self.count * height, parts: Self.count)
        let prior = Prior(warping: last, by: flow, certainty: certainty, parts: Self.count)
        for index in 0..<Self.count {
            let single = part(index, of: image).resized(width: width, height: height)
            let isResized = part(index, of: last) == single
            #expect(isResized)
            let expected = Prior(warping: single, by: part(index, of: flow), certainty: part(index, of: certainty))
            let (isImage, isCertainty) = (
                part(index, of: prior.image) == expected.image, part(index, of: prior.certainty) == expected.certainty
            )
            #expect(isImage && isCertainty)
        }
    }

    /// Fewer rows than images: they cannot be separated, but nothing fails.
    @Test func framesOfFewRows() {
        let small = flow.resized(width: 4, height: 2, parts: Self.count)
        #expect(small.height == 2 && small.u.allSatisfy(\.isFinite))
        let prior = Prior(
            warping: Image(width: 4, height: 2, repeating: 3), by: small,
            certainty: certainty.minimumResized(width: 4, height: 2, parts: Self.count), parts: Self.count)
        #expect(prior.image.height == 2 && prior.image.samples.allSatisfy(\.isFinite))
    }
}
