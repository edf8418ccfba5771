import Imaging
import NeuralNet
import Style
import Testing

@Suite struct OptimizationSettingsTests {
    @Test func thePapersSettingsWorkWithBothNetworks() {
        #expect(OptimizationSettings().problems(with: .vgg16) == [])
        #expect(OptimizationSettings().problems(with: .vgg19) == [])
    }

    @Test func invalidSettingsAreReported() {
        let wrong: [(String, (inout OptimizationSettings) -> Void)] = [
            ("content weight", { $0.contentWeight = -1 }),
            ("style weight", { $0.styleWeight = .nan }),
            ("temporal weight", { $0.temporalWeight = .infinity }),
            ("total variation weight", { $0.totalVariationWeight = -0.1 }),
            ("both 0", { ($0.contentWeight, $0.styleWeight) = (0, 0) }),
            ("no content layer", { $0.contentLayers = [] }),
            ("no style layer", { $0.styleLayers = [] }),
            ("appears twice", { $0.styleLayers += $0.styleLayers }),
            (
                "vgg16 has no relu3_4; block 3 has relu3_1 to relu3_3",
                {
                    $0.styleLayers = [LossLayer(block: 3, convolution: 4)]
                }
            ),
            ("a first frame has none before it", { $0.firstStart = .previousWarped }),
            ("first frame needs at least 1 iteration, not 0", { $0.firstIterations = 0 }),
            ("at least 1 iteration, not -5", { $0.nextIterations = -5 }),
            ("a pass needs", { $0.passIterations = 0 }),
            ("tolerance", { $0.tolerance = 1 }),
            ("window", { $0.toleranceWindow = 0 }),
            ("at least 1 pass", { $0.passes = 0 }),
            ("counted from 1", { $0.temporalFromPass = 0 }),
            ("blend is 0 to 1, not 1.5", { $0.blend = 1.5 }),
            ("style scale", { $0.styleScale = 0 }),
            ("style crop", { $0.styleCrop = 0.5 }),
            ("threads", { $0.threads = -1 }),
        ]
        for (word, change) in wrong {
            var settings = OptimizationSettings()
            change(&settings)
            let problems = settings.problems(with: .vgg16)
            #expect(problems.count == 1, "\(word): \(problems)")
            #expect(problems.first?.lowercased().contains(word.lowercased()) == true, "\(problems)")
        }
    }

    @Test func styleImagesAreCroppedAtTheirEdges() {
        var image = Image(width: 50, height: 40)
        for channel in 0..<3 {
            for y in 0..<40 {
                for x in 0..<50 where x < 5 || x >= 45 || y < 4 || y >= 36 {
                    image.samples[(channel * 40 + y) * 50 + x] = 100
                }
            }
        }
        let inner = StyleImage(image: image, weight: 2).withoutEdge(0.1)
        #expect(inner.image == Image(width: 40, height: 32))
        #expect(inner.weight == 2)
        #expect(StyleImage(image: image).withoutEdge(0.08).image.samples.contains(100))
        #expect(StyleImage(image: image).withoutEdge(0.01).image == image)
    }

    @Test func styleWithoutWeightNeedsNoImage() throws {
        var settings = OptimizationSettings()
        settings.styleWeight = 0
        settings.styleLayers = []
        #expect(settings.problems(with: .vgg16) == [])
        try settings.validate([])
    }

    private func size(
        of width: Int, _ height: Int, forFramesOf frame: (Int, Int), scale: Double = 1,
        layers: String = "relu1_1,relu5_1"
    ) throws -> [Int] {
        let size = try StyleImage(image: Image(width: width, height: height))
            .size(forFramesOf: frame.0, frame.1, scale: scale, layers: LossLayer.list(layers))
        return [size.width, size.height]
    }

    @Test func theLongerSidesAreCompared() throws {
        #expect(try size(of: 600, 900, forFramesOf: (450, 350)) == [300, 450])
        #expect(try size(of: 900, 600, forFramesOf: (450, 350), scale: 0.5) == [225, 150])
        #expect(try size(of: 8000, 500, forFramesOf: (450, 350)) == [450, 28])
    }

    @Test func styleImagesAreNotEnlargedTooFarOrMadeTooThin() throws {
        #expect(try size(of: 50, 40, forFramesOf: (4000, 3000)) == [200, 160])
        // 450 x 3 would leave no pixel at relu5_1.
        #expect(try size(of: 8000, 50, forFramesOf: (450, 350)) == [2560, 16])
        #expect(try size(of: 8000, 50, forFramesOf: (450, 350), layers: "relu1_1") == [450, 3])
    }

    @Test func styleImagesThatAreTooSmallAreRefused() throws {
        for side in [1, 15] {
            #expect(throws: OptimizationError.self) { try size(of: side, side, forFramesOf: (450, 350)) }
        }
        #expect(try size(of: 1, 1, forFramesOf: (450, 350), layers: "relu1_1") == [4, 4])
        let settings = OptimizationSettings()
        let one = StyleImage(image: Image(width: 1, height: 1))
        #expect(
            throws: OptimizationError.style(
                "The style picture is 1x1 pixels; relu5_1 needs at least 16 a side to see a style in it.")
        ) { try settings.validate([one]) }
        #expect(throws: OptimizationError.self) { try settings.validate([]) }
        let large = Image(width: 40, height: 40)
        for weights in [[0, 0], [1, -1], [.nan, 1]] {
            #expect(throws: OptimizationError.self) {
                try settings.validate(weights.map { StyleImage(image: large, weight: $0) })
            }
        }
    }
}
