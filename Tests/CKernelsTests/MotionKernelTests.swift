import CKernels
import Flow
import Imaging
import TestSupport
import Testing

/// The warp and check kernels at the edges of their memory: odd sizes, arbitrary vectors, each variant.
@Suite struct MotionKernelTests {
    @Test func warpsAndChecks() {
        var generator = SeededGenerator(seed: 4)
        for (width, height) in PixelKernelTests.sizes {
            func component() -> [Float] {
                (0..<width * height).map { i in
                    [Float.nan, .infinity, -1e30, 1e9].randomElement(using: &generator).flatMap {
                        i % 9 == 4 ? $0 : nil
                    }
                        ?? Float.random(in: -6...6, using: &generator)
                }
            }
            let flow = FlowField(width: width, height: height, u: component(), v: component())
            let reverse = FlowField(width: width, height: height, u: component(), v: component())
            for channels in 1...5 {
                let image = randomImage(width: width, height: height, channels: channels, seed: 5)
                let results = withEachVariant {
                    Interpolation.allCases.map { image.warped(by: flow, interpolation: $0).samples }
                        + [ConsistencyCheck().certainty(of: flow, reverse: reverse).values]
                }
                for result in results { #expect(result == results[0]) }
            }
        }
    }

    /// A rectangle displaced by whole and broken numbers, up to the last sample of the frame.
    @Test func displacedErrors() {
        let (width, height) = (23, 14)
        var generator = SeededGenerator(seed: 6)
        func frame() -> [UInt8] { (0..<width * height).map { _ in UInt8.random(in: 0...255, using: &generator) } }
        let (now, last) = (frame(), frame())
        func value(_ x: Float, _ y: Float) -> Float {
            let (left, above) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
            let (across, down) = (x - Float(left), y - Float(above))
            func at(_ x: Int, _ y: Int) -> Float { Float(last[min(y, height - 1) * width + min(x, width - 1)]) }
            let upper = at(left, above) + across * (at(left + 1, above) - at(left, above))
            let lower = at(left, above + 1) + across * (at(left + 1, above + 1) - at(left, above + 1))
            return upper + down * (lower - upper)
        }
        for (left, top, columns, rows, x, y) in [
            (0, 0, 10, 10, 0, 0), (3, 2, 16, 9, 4, 3), (3, 2, 10, 4, 9.75, -1.5), (12, 9, 10, 4, 0.5, 0),
            (13, 4, 10, 10, -12.25, -0.75), (22, 13, 1, 1, 0, 0),
        ] as [(Int, Int, Int, Int, Float, Float)] {
            let place = kernel_rectangle(
                left: Int32(left), top: Int32(top), columns: Int32(columns), rows: Int32(rows))
            func error(most: Float) -> Float {
                kernel_displaced_error(now, last, Int32(width), Int32(height), place, x, y, most)
            }
            let results = withEachVariant { error(most: .infinity) }
            #expect(results.allSatisfy { $0 == results[0] })
            var expected: Float = 0
            for row in top..<top + rows {
                for column in left..<left + columns {
                    let difference = Float(now[row * width + column]) - value(Float(column) + x, Float(row) + y)
                    expected += difference * difference
                }
            }
            #expect(abs(results[0] - expected) <= 1e-4 * expected + 1e-3)
            #expect(rows == 1 || error(most: 0) < results[0], "it stops after a row")
        }
    }
}
