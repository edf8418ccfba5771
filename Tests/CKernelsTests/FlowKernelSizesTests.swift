import Flow
import Imaging
import TestSupport
import Testing

/// The flow kernels as called by the estimator, at sizes where vectors end inside and outside rows. Mainly for the
/// sanitizers, which detect accesses outside the memory.
@Suite struct FlowKernelSizesTests {
    @Test(arguments: FlowPreset.allCases, [(1, 1), (3, 5), (17, 1), (1, 33), (8, 8), (65, 39), (131, 70), (2049, 3)])
    func everySizeStaysWithinItsMemory(preset: FlowPreset, size: (Int, Int)) {
        let texture = MovingTexture()
        let frames = (0..<3).map { time in
            texture.frame(width: size.0, height: size.1) { ($0 * 3 + 4 * Double(time), $1 * 3 - 3 * Double(time)) }
        }
        let results = withEachVariant {
            let estimator = FlowEstimator(preset: preset, threads: 2)
            let pyramids = frames.map { estimator.prepare($0) }
            let first = estimator.estimate(from: pyramids[1], to: pyramids[0])
            let second = estimator.estimate(from: pyramids[2], to: pyramids[1], startingFrom: first)
            _ = SceneCutDetector().measure(from: pyramids[2], to: pyramids[1], flow: second)
            return second
        }
        for result in results {
            #expect((result.backward.u + result.forward.v).allSatisfy { $0.isFinite })
            #expect(result == results[0])
        }
    }
}
