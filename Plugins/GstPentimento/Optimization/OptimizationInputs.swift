import GStreamerKit
import Imaging
import MediaIO
import NeuralNet
import Style
import Support

/// The settings, loss network and style images that the properties of `styleoptimize` name, loaded and checked.
struct OptimizationInputs {
    let settings: OptimizationSettings
    let network: LossNetworkWeights
    let styles: [StyleImage]
    /// The feed-forward model for init=network.
    let model: String
    private let library = ModelLibrary.standard
    private let stylePaths: [String]

    /// Grey level behind transparent parts of a style image.
    private static let background: Float = 255
    /// Maximum of a style image's longer side in pixels, at a style scale up to 1. Larger images are scaled down when
    /// loaded. Frames that the loss network has memory for do not need more.
    private static let longestSide = 2048.0

    /// - Throws: ``ElementError``, `ModelLookupError` or `ModelError` that describe what is wrong with which property.
    init(_ properties: PropertySnapshot) throws {
        settings = try StyleOptimize.settings(properties)
        model = properties[StyleOptimize.model]
        stylePaths = try TextList.parts(
            of: properties[StyleOptimize.styleImages], property: StyleOptimize.styleImages.name)
        guard !stylePaths.isEmpty || settings.styleWeight == 0 else {
            throw ElementError(
                .settings, "style-images is empty: there is no style to paint in.",
                remedy: "Set it to the path of a painting, such as style-images=painting.jpg.")
        }
        var weights = try TextList.weights(
            of: properties[StyleOptimize.styleBlend], property: StyleOptimize.styleBlend.name)
        if weights.isEmpty { weights = stylePaths.map { _ in 1 } }
        guard weights.count == stylePaths.count else {
            throw ElementError(
                .settings,
                "style-blend=\"\(properties[StyleOptimize.styleBlend])\" has \(weights.count) weights for \(stylePaths.count) "
                    + "style-images.", remedy: "Write one weight for each, or none.")
        }
        network = try LossNetworkFile(
            contentsOf: library.lossNetworkPath(of: properties[StyleOptimize.lossNetwork])
        ).weights
        let longest = Self.longestSide * max(1, settings.styleScale)
        styles = try zip(stylePaths, weights).map { path, weight in
            StyleImage(image: try Self.image(path, longestSide: longest), weight: weight)
        }
    }

    private static func image(_ path: String, longestSide: Double) throws -> Image {
        let image: Image
        do {
            image = try Image(contentsOf: path, over: background)
        } catch {
            throw ElementError(
                .read, "style-images: \(error).",
                remedy: "Name PNG or JPEG pictures (in grey or RGB, not CMYK), with a comma between each two.")
        }
        let factor = longestSide / Double(max(image.width, image.height))
        guard factor < 1 else { return image.networkSpace() }
        return image.resized(
            width: max(Int((Double(image.width) * factor).rounded()), 1),
            height: max(Int((Double(image.height) * factor).rounded()), 1)
        ).networkSpace()
    }

    /// All settings that the results depend on, apart from the frames and their motion.
    func resultSettings() throws -> ResultSettings {
        var result = ResultSettings()
        func add(_ properties: any SettingsField...) {
            for property in properties { property.add(to: &result, from: settings) }
        }
        for (index, path) in stylePaths.enumerated() {
            result.add("style-image-\(index + 1)", try digest(path))
            result.add("style-weight-\(index + 1)", styles[index].weight)
        }
        result.add("loss-network", "\(network.kind) \(network.checksum)")
        add(
            StyleOptimize.contentWeight, StyleOptimize.styleWeight, StyleOptimize.totalVariationWeight,
            StyleOptimize.temporalWeight)
        result.add("content-layers", StyleOptimize.names(of: settings.contentLayers))
        result.add("style-layers", StyleOptimize.names(of: settings.styleLayers))
        add(
            StyleOptimize.styleLoss, StyleOptimize.styleNormalization, StyleOptimize.pooling, StyleOptimize.styleScale,
            StyleOptimize.styleCrop, StyleOptimize.temporalLoss, StyleOptimize.longTermWeights,
            StyleOptimize.optimizer)
        result.add("seed", settings.seed)
        add(StyleOptimize.passes)
        var starts = [settings.firstStart]
        if settings.passes > 1 {
            add(StyleOptimize.passIterations, StyleOptimize.blend, StyleOptimize.temporalFromPass)
        } else {
            starts.append(settings.nextStart)
            result.add("iterations", "\(settings.firstIterations),\(settings.nextIterations)")
            add(StyleOptimize.tolerance, StyleOptimize.toleranceWindow)
        }
        result.add("init", starts.map(\.rawValue).joined(separator: ","))
        if starts.contains(.network) {
            let (path, style) = try library.file(of: model)
            result.add("model", try digest(path) + (style.map { "#\($0)" } ?? ""))
        }
        return result
    }

    private func digest(_ path: String) throws -> String {
        do {
            return sha256(try Files.read(path)[...])
        } catch {
            throw ElementError(.read, "\(error).", remedy: "")
        }
    }
}
