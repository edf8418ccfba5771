import Evaluation
import Flow
import Imaging
import ModelFiles
import NeuralNet
import TestSupport
import Testing

/// Measures against scikit-image, NumPy and PyTorch: outputs of `Fixtures/make_measures.py`.
@Suite struct MeasurePeerTests {
    private let expected: [String: SafeTensors.Tensor]

    init() throws {
        expected = try SafeTensors(contentsOf: TestData.fixture("measures.safetensors", of: "EvaluationTests")).tensors
    }

    @Test(arguments: ["small", "odd", "far", "flat"]) func similarityMatchesScikitImage(_ name: String) throws {
        let (one, other) = (try plane("ssim.\(name).one"), try plane("ssim.\(name).other"))
        let value = try #require(try values("ssim.\(name).value").first)
        let found = try [1, 3].map { try #require(structuralSimilarity(of: one, to: other, threads: $0)) }
        #expect(found[0] == found[1])
        #expect(abs(found[0] - value) < 1e-4 * abs(value), "\(found[0]) instead of \(value)")
        #expect(structuralSimilarity(of: one, to: one) == 1)
    }

    @Test func smallImagesHaveNoSimilarity() {
        for (width, height) in [(10, 40), (40, 10), (1, 1)] {
            let plane = Plane<UInt8>(width: width, height: height, repeating: 3)
            #expect(structuralSimilarity(of: plane, to: plane) == nil)
        }
    }

    @Test func warpingErrorMatchesPyTorch() throws {
        let (flow, reverse) = (try flow("warping.flow"), try flow("warping.reverse"))
        let visible = visiblePixels(of: flow, reverse: reverse)
        #expect(visible.values == (try values("warping.visible")).map(Float.init))
        let (earlier, later) = (try image("warping.earlier"), try image("warping.later"))
        let value = try #require(try values("warping.error").first)
        let warped = later.warped(by: flow, interpolation: .bilinear)
        let error = warpingError(of: earlier, againstWarped: warped, visible: visible)
        #expect(abs(error - value) < 1e-4 * value, "\(error) instead of \(value)")
        // The same by the sequence.
        let motion = PairMotion(flow: flow, reverse: reverse)
        let measures = try SequenceMeasurement(metrics: [.warping]).measures(
            stylized: { $0 < 2 ? [earlier, later][$0] : nil }, motion: { _, _ in .known(motion) })
        #expect(measures.mean(.warping(.before(1))) == error)
        #expect(measures.mean(.warpingRoot(.before(1))) == error.squareRoot())
    }

    @Test func vectorsThatAreNotFiniteAreNotVisible() {
        var flow = FlowField(width: 5, height: 4)
        flow.u[7] = .nan
        flow.v[13] = .infinity
        let visible = visiblePixels(of: flow, reverse: FlowField(width: 5, height: 4))
        #expect(visible.values[7] == 0 && visible.values[13] == 0 && visible.values[0] == 1)
    }

    @Test func lossesOfRandomWeightsMatchPyTorch() throws {
        try checkLosses("random", weights: .random(.vgg16))
    }

    @Test func lossesOfVGG16MatchPyTorch() throws {
        try checkLosses("real", weights: LossNetworkWeights(contentsOf: TestData.lossNetwork("vgg16")))
    }

    private func checkLosses(_ name: String, weights: LossNetworkWeights) throws {
        let (frame, stylized) = (try image("losses.frame"), try image("losses.stylized"))
        let measure = PerceptualMeasure(weights: weights, painting: try image("losses.painting"))
        let losses = try measure.losses(of: stylized, original: frame)
        let found = [losses[.optimization], losses[.network]].flatMap { [$0?.content ?? .nan, $0?.style ?? .nan] }
        for (found, value) in zip(found, try values("losses.\(name)")) {
            #expect(abs(found - value) < 1e-4 * value, "\(found) instead of \(value)")
        }
        // Without an original or a painting there is no such loss, not 0; the other is unchanged.
        let style = try measure.losses(of: stylized, original: nil)
        #expect(style[.network]?.content == nil && style[.network]?.style == losses[.network]?.style)
        let content = try PerceptualMeasure(weights: weights, painting: nil).losses(of: stylized, original: frame)
        #expect(content[.optimization]?.style == nil)
        #expect(content[.optimization]?.content == losses[.optimization]?.content)
        #expect(try measure.losses(of: frame, original: frame)[.network]?.content == 0)
        #expect(throws: ModelError.self) {
            try measure.losses(of: Image(width: 12, height: 40), original: nil)
        }
    }

    // MARK: Fixtures

    private func tensor(_ name: String) throws -> SafeTensors.Tensor { try #require(expected[name]) }

    private func values(_ name: String) throws -> [Double] { try tensor(name).values.map(Double.init) }

    private func plane(_ name: String) throws -> Plane<UInt8> {
        let tensor = try tensor(name)
        return Plane(width: tensor.shape[1], height: tensor.shape[0], values: tensor.values.map { UInt8($0) })
    }

    private func image(_ name: String) throws -> Image {
        let tensor = try tensor(name)
        return Image(width: tensor.shape[2], height: tensor.shape[1], samples: tensor.values)
    }

    private func flow(_ name: String) throws -> FlowField {
        let tensor = try tensor(name)
        let half = tensor.values.count / 2
        return FlowField(
            width: tensor.shape[2], height: tensor.shape[1], u: Array(tensor.values[..<half]),
            v: Array(tensor.values[half...]))
    }
}
