import ArgumentParser
import Conversions
import GStreamerKit
import GstPentimento
import MediaIO
import Style

/// Options for the properties of `styleoptimize`, with the same names.
struct OptimizeOptions: ParsableArguments {
    @Option(name: .customLong("style-image"), help: "A style image, PATH or PATH:WEIGHT; may be repeated.")
    var styleImages: [StyleImageOption] = []

    @Option(StyleOptimize.lossNetwork) var lossNetwork
    @Option(StyleOptimize.start) var start
    @Option(StyleOptimize.model, name: "style") var style
    @Option(StyleOptimize.iterations) var iterations
    @Option(StyleOptimize.tolerance) var tolerance
    @Option(StyleOptimize.toleranceWindow) var toleranceWindow
    @Option(StyleOptimize.contentWeight) var contentWeight
    @Option(StyleOptimize.styleWeight) var styleWeight
    @Option(StyleOptimize.temporalWeight) var temporalWeight
    @Option(StyleOptimize.totalVariationWeight) var totalVariationWeight
    @Option(StyleOptimize.contentLayers) var contentLayers
    @Option(StyleOptimize.styleLayers) var styleLayers
    @Option(StyleOptimize.styleLoss) var styleLoss
    @Option(StyleOptimize.styleNormalization) var styleNormalization
    @Option(StyleOptimize.pooling) var pooling
    @Option(StyleOptimize.styleScale) var styleScale
    @Option(StyleOptimize.styleCrop) var styleCrop
    @Option(StyleOptimize.temporalLoss) var temporalLoss
    @Option(StyleOptimize.longTermWeights) var longTermWeights
    @Option(StyleOptimize.optimizer) var optimizer
    @Option(StyleOptimize.passes) var passes
    @Option(StyleOptimize.passIterations) var passIterations
    @Option(StyleOptimize.blend) var blend
    @Option(StyleOptimize.temporalFromPass) var temporalFromPass
    @Option(StyleOptimize.seed) var seed

    func validate() throws {
        guard !styleImages.isEmpty || styleWeight.value == 0 else {
            throw ValidationError("--style-image names the painting, such as --style-image painting.jpg")
        }
        // The element's error begins with the name of the property, which is that of the option.
        do { _ = try settings() } catch { throw ValidationError("--\(error)") }
    }

    /// - Throws: `ElementError` for a list that is malformed or has a value that is not allowed.
    func settings() throws -> OptimizationSettings {
        try StyleOptimize.settings(PropertySnapshot(propertySettings))
    }

    /// The properties of `styleoptimize`.
    var properties: [any PropertySetting] {
        [
            TypedSetting(StyleOptimize.styleImages, styleImages.map(\.listed).joined(separator: ",")),
            TypedSetting(StyleOptimize.styleBlend, styleImages.map { "\($0.weight)" }.joined(separator: ",")),
        ] + propertySettings
    }

    /// Adds what pixels depend on.
    ///
    /// - Throws: if a file is missing.
    func add(to pixels: inout PixelSettings) throws {
        for (index, image) in styleImages.enumerated() {
            try pixels.add("style-image-\(index + 1)", file: image.path)
        }
        for setting in properties where setting.name != StyleOptimize.styleImages.name {
            pixels.add(setting.name, setting.text)
        }
        try pixels.add("loss-network-file", file: ModelLibrary.standard.lossNetworkPath(of: lossNetwork.value))
        let settings = try settings()
        if settings.firstStart == .network || settings.nextStart == .network {
            try pixels.add("style-file", style: style.value)
        }
    }

    /// Checks that all files exist, before any work starts.
    ///
    /// - Throws: an error that explains how to get a missing file.
    func checkFiles() throws {
        for painting in styleImages {
            guard try MediaInput(painting.path).kind == .still else {
                throw MediaError("\(painting.path): is a video; --style-image takes a still picture")
            }
        }
        _ = try ModelLibrary.standard.lossNetworkPath(of: lossNetwork.value)
        let settings = try settings()
        if settings.firstStart == .network || settings.nextStart == .network {
            _ = try ModelLibrary.standard.file(of: style.value)
        }
    }
}
