import CKernels
import Flow
import Imaging
import TestSupport
import Testing

/// The kernels of motion at the edges of their memory: odd sizes, vectors that lead anywhere, each variant.
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

    @Test(arguments: FlowPreset.allCases) func estimates(preset: FlowPreset) {
        for (width, height) in PixelKernelTests.sizes + [(75, 41), (8, 9), (300, 3)] {
            let frames = [0, 1, 3].map { shift in
                Plane<UInt8>(
                    width: width, height: height,
                    values: (0..<width * height).map { i in
                        let (x, y) = (i % width + shift, i / width + 2 * shift)
                        return UInt8(truncatingIfNeeded: (x * x / 7 + y * 11 + x * y / 5) & 0xFF)
                    })
            }
            let results = withEachVariant {
                let estimator = FlowEstimator(preset: preset, threads: 2)
                let pyramids = frames.map(estimator.prepare)
                let first = estimator.estimate(from: pyramids[1], to: pyramids[0])
                return [first, estimator.estimate(from: pyramids[2], to: pyramids[1], startingFrom: first)]
            }
            for result in results { #expect(result == results[0]) }
            #expect(
                results[0].allSatisfy { $0.backward.u.allSatisfy(\.isFinite) && $0.forward.v.allSatisfy(\.isFinite) })
        }
    }
}
