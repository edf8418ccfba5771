import FoundationEssentials
import Imaging
import NeuralNet
import Style
import TestSupport
import Testing
import Training

@Suite struct SettingsTests {
    @Test func defaultsAreFine() throws {
        #expect(TrainingSettings().problems(with: .vgg16).isEmpty)
        let network = try TrainingSettings().network()
        #expect(network.isGated && network.kind == .video && network.padding == .replicate)
        #expect(network.architecture.description == TrainingSettings.defaultArchitecture)
    }

    @Test func invalidSettingsAreReported() throws {
        let broken: [(String, (inout TrainingSettings) -> Void)] = [
            ("style weight", { $0.styleWeight = -1 }),
            ("nothing is asked", { ($0.styleWeight, $0.contentWeight) = (0, 0) }),
            ("no relu5_4", { $0.styleLayers = [LossLayer(block: 5, convolution: 4)] }),
            ("no content layer", { $0.contentLayers = [] }),
            ("appears twice", { $0.contentLayers += $0.contentLayers }),
            ("1 step", { $0.length = .steps(0) }), ("above 0", { $0.length = .seconds(.nan) }),
            ("prior dropout", { $0.priorDropout = 1.1 }), ("crop", { $0.cropSize = 8 }),
            ("batch", { $0.batchSize = 0 }),
            ("learning rate", { $0.learningRate = 0 }), ("limit", { $0.gradientLimit = .nan }),
            ("style size", { $0.styleSize = 3 }), ("style crop", { $0.styleCrop = 0.5 }),
            ("Threads", { $0.threads = -1 }), ("long-term", { $0.longTermShare = 1.5 }),
        ]
        for (what, change) in broken {
            var settings = TrainingSettings()
            change(&settings)
            let problems = settings.problems(with: .vgg16)
            #expect(problems.contains { $0.contains(what) }, "\(what): \(problems)")
            #expect(throws: TrainingError.self) { try settings.validate(with: .vgg16) }
        }
    }

    @Test func aModelNamesTheLossesItWasTrainedWith() throws {
        var settings = TrainingSettings()
        settings.contentWeight = 2
        settings.styleWeight = 7.5
        settings.totalVariationWeight = 0.25
        settings.contentLayers = [LossLayer(block: 4, convolution: 1)]
        settings.styleLayers = [LossLayer(block: 2, convolution: 1, reduction: 2)]
        settings.styleStatistic = .sliced
        settings.styleNormalization = .layer
        settings.pooling = .average
        settings.styleSize = 200
        settings.styleCrop = 0.1
        var model = ModelDescription(kind: .image, architecture: try Architecture(parsing: "c3s1-3"))
        #expect(try TrainingSettings(lossesOf: model) == .unnamedLosses)
        model.training = String(decoding: try JSONEncoder().encode(["settings": settings]), as: UTF8.self)
        #expect(try TrainingSettings(lossesOf: model) == settings)
        model.training = "{\"settings\": {\"style-weight\": 3, \"unknown\": 1}, \"steps\": 2}"
        var known = TrainingSettings.unnamedLosses
        known.styleWeight = 3
        #expect(try TrainingSettings(lossesOf: model) == known)
        model.training = "{\"settings\": {\"style-weight\": \"much\"}}"
        #expect(throws: DecodingError.self) { try TrainingSettings(lossesOf: model) }
    }

    @Test func networksFitTheirSettings() throws {
        var settings = TrainingSettings()
        settings.gate = .none
        #expect(try settings.network().architecture.description.hasSuffix(",c5s1-3"))
        settings.kind = .image
        settings.gate = .prior
        #expect(try !settings.network().isGated)
        settings.architecture = "c9s1-4"
        #expect(throws: TrainingError.self) { try settings.network() }
        settings.architecture = "c9s1-x"
        #expect(throws: ModelError.self) { try settings.network() }
    }

    @Test func dilationKeepsReceptiveFields() throws {
        var settings = TrainingSettings()
        settings.isDilated = true
        #expect(
            try settings.network().architecture.description
                == "c5s1-8,c3s1-24,c3s1d2-48,R48d4,R48d4,R48d4,R48d4,c3s1d2-24,+1,c5s1-4")
        settings.architecture = "c9s1-32,d64,d128,R128,u64,u32,c9s1-4"
        #expect(
            try settings.network().architecture.description
                == "c9s1-32,c3s1-64,c3s1d2-128,R128d4,c3s1d2-64,c3s1-32,c9s1-4")
        settings.architecture = "c3s1-8,U2,c3s2-4"
        #expect(throws: ModelError.self) { try settings.network() }
    }

    @Test func poorPaintingsHaveWarnings() {
        func warnings(_ width: Int, _ height: Int, contrast: Int) -> [String] {
            let samples = (0..<3 * width * height).map { Float($0 % 2 * contrast) }
            return TrainingSettings().warnings(
                of: StyleImage(image: Image(width: width, height: height, samples: samples)))
        }
        #expect(warnings(500, 400, contrast: 80).isEmpty)
        #expect(warnings(500, 100, contrast: 80).map { $0.contains("enlarged") } == [true])
        #expect(warnings(500, 400, contrast: 4).map { $0.contains("uniform") } == [true])
        #expect(warnings(60, 60, contrast: 0).count == 2)
    }

    @Test func paintingsWithoutAStyleAreRefused() throws {
        for (width, height) in [(5, 5), (600, 12), (16, 600)] {
            let style = StyleImage(image: Image(width: width, height: height))
            let error = #expect(throws: TrainingError.self, "\(width)x\(height)") {
                try Trainer(
                    settings: TrainingCase().settings, styles: [style], lossNetwork: TrainingCase.lossNetwork,
                    source: DriftingTexture())
            }
            #expect(error?.description.contains("style picture is") == true)
        }
        let error = #expect(throws: TrainingError.self) {
            try Trainer(
                settings: TrainingCase().settings, styles: [], lossNetwork: TrainingCase.lossNetwork,
                source: DriftingTexture())
        }
        #expect(error?.description.contains("No style picture") == true)
    }
}
