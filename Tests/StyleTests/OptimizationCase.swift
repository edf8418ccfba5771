import Flow
import Imaging
import NeuralNet
import Style
import TestSupport

/// Small images and settings for optimisation tests.
enum OptimizationCase {
    static let network = Result { try LossNetworkWeights.random() }
    static let width = 24
    static let height = 20

    /// Losses on the first blocks only, few iterations.
    static func settings(_ change: (inout OptimizationSettings) -> Void = { _ in }) -> OptimizationSettings {
        var settings = OptimizationSettings()
        settings.contentLayers = [LossLayer(block: 2, convolution: 1)]
        settings.styleLayers = [LossLayer(block: 1, convolution: 1), LossLayer(block: 2, convolution: 1)]
        settings.firstIterations = 8
        settings.nextIterations = 6
        settings.passIterations = 3
        change(&settings)
        return settings
    }

    /// Smooth colour blotches in network space that depend on the seed.
    static func image(seed: UInt64, width: Int = width, height: Int = height) -> Image {
        var generator = SeededGenerator(seed: seed)
        let coarse = Image(
            width: 6, height: 5, samples: (0..<90).map { _ in Float.random(in: -110...130, using: &generator) })
        return coarse.resized(width: width, height: height)
    }

    static var style: [StyleImage] { [StyleImage(image: image(seed: 99, width: 32, height: 26))] }

    static func clip(
        _ settings: OptimizationSettings = settings(), style: [StyleImage] = style, longestReference: Int = 1
    ) throws -> ClipOptimizer {
        try ClipOptimizer(
            settings: settings, network: network.get(), styles: style, library: library,
            longestReference: longestReference)
    }

    static var library: ModelLibrary {
        ModelLibrary(folders: [TestData.repository + "/Plugins/GstPentimento/Models"])
    }

    static func still(width: Int = width, height: Int = height) -> FlowField { FlowField(width: width, height: height) }

    static func plane(_ value: (_ x: Int, _ y: Int) -> Float) -> Plane<Float> {
        Plane(width: width, height: height, values: (0..<width * height).map { value($0 % width, $0 / width) })
    }

    /// No motion, certain everywhere.
    static func reference(distance: Int = 1, certainty: Plane<Float> = plane { _, _ in 1 }) -> Reference {
        Reference(distance: distance, flow: still(), certainty: certainty)
    }
}

extension Image {
    /// The mean squared difference from another image, over the pixels selected by `mask`.
    func distance(from other: Image, where mask: (_ x: Int, _ y: Int) -> Bool = { _, _ in true }) -> Double {
        var sum = 0.0
        var count = 0.0
        for index in samples.indices where mask(index % width, index / width % height) {
            let difference = Double(samples[index] - other.samples[index])
            sum += difference * difference
            count += 1
        }
        return sum / count
    }
}
