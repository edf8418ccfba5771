import Flow
import Imaging
import TestSupport
import Testing

/// The flow of areas without texture.
@Suite struct PlainAreasTests {
    private static let (width, height) = (192, 128)
    private static let plain = (xs: 60..<132, ys: 36..<92)

    /// A textured frame around a plain area with a little noise, moved by some pixels.
    private func frame(movedBy offset: Double, seed: UInt64) -> Plane<UInt8> {
        var plane = MovingTexture(seed: 5).frame(width: Self.width, height: Self.height) { ($0 - offset, $1) }
        var generator = SeededGenerator(seed: seed)
        for y in Self.plain.ys {
            for x in Self.plain.xs { plane[x + Int(offset), y] = UInt8.random(in: 139...141, using: &generator) }
        }
        return plane
    }

    @Test(arguments: [FlowPreset.fast, .medium, .quality]) func plainAreasMoveWithTheirSurroundings(preset: FlowPreset)
    {
        let estimator = FlowEstimator(preset: preset, threads: 1)
        let (earlier, later) = (frame(movedBy: 0, seed: 1), frame(movedBy: 3, seed: 2))
        let flow = estimator.estimate(from: estimator.prepare(later), to: estimator.prepare(earlier)).backward
        var largest: Float = 0
        for y in Self.plain.ys {
            for x in Self.plain.xs {
                let index = y * Self.width + x + 3
                largest = max(largest, max(abs(flow.u[index] + 3), abs(flow.v[index])))
            }
        }
        #expect(largest < 0.6)
    }

    @Test func threadsDoNotChangeIt() {
        let (earlier, later) = (frame(movedBy: 0, seed: 1), frame(movedBy: 3, seed: 2))
        func flow(_ threads: Int) -> FlowPair {
            let estimator = FlowEstimator(preset: .medium, threads: threads)
            return estimator.estimate(from: estimator.prepare(later), to: estimator.prepare(earlier))
        }
        #expect(flow(1) == flow(4))
    }

    /// Without an edge the field is a mean of what is sure; behind an edge it is that of its own side.
    @Test func fillsDoNotCrossEdges() {
        let (columns, rows) = (40, 20)
        let sides = (0..<columns * rows).map { $0 % columns < columns / 2 }
        let fill = EdgeAwareFill(columns: columns, rows: rows, edgesOf: sides.map { $0 ? 20 : 200 })
        // One sure cell on each side.
        let sure = [(10 * columns + 4, SIMD2<Float>(3, 0)), (10 * columns + 35, SIMD2<Float>(0, -2))]
        var values = [SIMD2<Float>](repeating: SIMD2(9, 9), count: sides.count)
        var confidence = [Float](repeating: 1e-6, count: sides.count)
        for (index, value) in sure { (values[index], confidence[index]) = (value, 1) }
        let filled = fill.filled(values, confidence: confidence)
        for (index, value) in filled.enumerated() where abs(index % columns - columns / 2) > 1 {
            let expected = sides[index] ? sure[0].1 : sure[1].1
            let difference = value - expected
            #expect(max(abs(difference.x), abs(difference.y)) < 0.2)
        }
        #expect(
            fill.filled(values.map { _ in SIMD2(1, 2) }, confidence: confidence).allSatisfy {
                abs($0.x - 1) < 1e-4 && abs($0.y - 2) < 1e-4
            })
    }
}
