import Flow
import Imaging
import TestSupport
import Testing

/// Bars beside a moving picture have no motion.
@Suite struct BlackBarsTests {
    private static let (width, height) = (192, 128)

    private func frame(picture: (xs: Range<Int>, ys: Range<Int>), movedBy offset: Double, bar: UInt8) -> Plane<UInt8> {
        var plane = MovingTexture(seed: 5).frame(width: Self.width, height: Self.height) { ($0 - offset, $1) }
        for y in 0..<Self.height {
            for x in 0..<Self.width where !picture.xs.contains(x) || !picture.ys.contains(y) { plane[x, y] = bar }
        }
        return plane
    }

    private static let pictures = [
        (xs: 0..<192, ys: 24..<104), (xs: 40..<160, ys: 0..<128), (xs: 32..<192, ys: 0..<128),
        (xs: 40..<152, ys: 24..<96),
    ]

    @Test(arguments: FlowPreset.allCases, pictures.indices) func barsStandStill(preset: FlowPreset, index: Int) {
        let picture = Self.pictures[index]
        let estimator = FlowEstimator(preset: preset, threads: 1)
        let frames = [0.0, 3].map { frame(picture: picture, movedBy: $0, bar: 16) }
        let pair = estimator.estimate(from: estimator.prepare(frames[1]), to: estimator.prepare(frames[0]))
        for flow in [pair.backward, pair.forward] {
            for y in 0..<Self.height {
                for x in 0..<Self.width {
                    // The finest level of a preset has pixels of up to 4x4; its filter reaches one of them farther.
                    let isBar =
                        !(picture.xs.lowerBound - 8..<picture.xs.upperBound + 8).contains(x)
                        || !(picture.ys.lowerBound - 8..<picture.ys.upperBound + 8).contains(y)
                    if isBar {
                        #expect(flow.u[y * Self.width + x] == 0 && flow.v[y * Self.width + x] == 0)
                    }
                }
            }
        }
        let middle = 64 * Self.width + 96
        #expect(abs(pair.backward.u[middle] + 3) < 0.5 && abs(pair.forward.u[middle] - 3) < 0.5)
    }

    /// A gray area at the border is part of the picture.
    @Test func grayIsNoBar() {
        let estimator = FlowEstimator(preset: .fast, threads: 1)
        let frames = [0.0, 3].map { frame(picture: (xs: 0..<192, ys: 24..<104), movedBy: $0, bar: 90) }
        let flow = estimator.estimate(from: estimator.prepare(frames[1]), to: estimator.prepare(frames[0])).backward
        #expect((0..<12 * Self.width).contains { flow.u[$0] != 0 })
    }

    @Test func aBlackFrameHasNoMotion() {
        let estimator = FlowEstimator(preset: .medium, threads: 1)
        let black = Plane<UInt8>(width: Self.width, height: Self.height, repeating: 16)
        let flow = estimator.estimate(from: estimator.prepare(black), to: estimator.prepare(black)).backward
        #expect(flow.u.allSatisfy { $0 == 0 } && flow.v.allSatisfy { $0 == 0 })
    }
}
