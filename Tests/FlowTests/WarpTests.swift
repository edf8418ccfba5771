import Flow
import Imaging
import TestSupport
import Testing

@Suite struct WarpTests {
    /// Reference: PyTorch's grid_sample in double precision, see Fixtures/make_warp.py.
    @Test(arguments: Interpolation.allCases) func warpsAsPyTorchDoes(interpolation: Interpolation) throws {
        let flow = try FlowField(contentsOf: TestData.fixture("warp.flo", of: "FlowTests"))
        let (width, height) = (flow.width, flow.height)
        let image = try TestData.image("image.f32", of: "FlowTests", width: width, height: height, channels: 2)
        let expected = try TestData.floats("warped_\(interpolation.rawValue).f32", of: "FlowTests")
        for result in withEachVariant({ image.warped(by: flow, interpolation: interpolation) }) {
            #expect(largestDifference(result.samples, expected) < 2e-3)
        }
    }

    @Test(arguments: Interpolation.allCases) func integerMotionIsExact(interpolation: Interpolation) {
        let (width, height) = (23, 9)
        let samples = (0..<width * height * 3).map { Float($0 % 251) }
        let image = Image(width: width, height: height, samples: samples)
        let flow = FlowField(
            width: width, height: height, u: Array(repeating: -3, count: width * height),
            v: Array(repeating: 2, count: width * height))
        let result = image.warped(by: flow, interpolation: interpolation)
        for channel in 0..<3 {
            for y in 0..<height {
                for x in 0..<width {
                    let source = (channel * height + min(y + 2, height - 1)) * width + max(x - 3, 0)
                    #expect(result.samples[(channel * height + y) * width + x] == samples[source])
                }
            }
        }
    }

    /// Odd sizes, any number of channels, arbitrary vectors: the scalar variant is the reference.
    @Test(arguments: Interpolation.allCases) func everyVariantGivesTheSame(interpolation: Interpolation) {
        var generator = SeededGenerator(seed: 31)
        for (width, height, channels) in [
            (1, 1, 3), (3, 5, 3), (17, 1, 1), (1, 19, 4), (5, 4, 3), (67, 35, 3), (130, 9, 2),
        ] {
            func random(_ reach: Float) -> [Float] {
                (0..<width * height).map { _ in
                    switch Int.random(in: 0..<30, using: &generator) {
                    case 0: .nan
                    case 1: .infinity
                    case 2: -1e30
                    case 3: Float.random(in: -200...200, using: &generator)
                    default: Float.random(in: -reach...reach, using: &generator)
                    }
                }
            }
            let flow = FlowField(width: width, height: height, u: random(3), v: random(3))
            let samples = (0..<width * height * channels).map { _ in Float.random(in: -100...100, using: &generator) }
            let image = Image(width: width, height: height, channels: channels, samples: samples)
            let results = withEachVariant { image.warped(by: flow, interpolation: interpolation, threads: 1) }
            #expect(results[0].samples.allSatisfy { $0.isFinite })
            for result in results { #expect(largestDifference(result.samples, results[0].samples) < 1e-3) }
            #expect(image.warped(by: flow, interpolation: interpolation, threads: 3) == results[results.count - 1])
        }
    }
}
