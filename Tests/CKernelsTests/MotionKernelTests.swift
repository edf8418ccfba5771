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
}
