import CGStreamer
import GStreamerKit
import NeuralNet
import Style

extension StyleOptimize {
    package static let styleImages = Property<String>(
        "style-images", nick: "Style images",
        blurb: "Paths of the style images, separated by commas; a backslash escapes a comma in a path",
        default: "", flags: .mutableReady)
    package static let styleBlend = Property<String>(
        "style-blend", nick: "Style blend",
        blurb: "Weights of the style images, separated by commas; empty: equal weights", default: "",
        flags: .mutableReady)
    package static let lossNetwork = Property<String>(
        "loss-network", nick: "Loss network",
        blurb: "Loss network: vgg16 (see pentimento models fetch), vgg19 or the path of a weights file",
        default: "vgg16", flags: .mutableReady)
    package static let contentWeight = SettingsProperty(\.contentWeight) {
        Property(
            "content-weight", nick: "Content weight",
            blurb: "Weight of the content loss (alpha in equations 3 and 9 of the paper)", range: 0...1e9,
            default: $0, flags: .mutableReady)
    }
    package static let styleWeight = SettingsProperty(\.styleWeight) {
        Property(
            "style-weight", nick: "Style weight",
            blurb:
                "Weight of the style loss (beta in equations 3 and 9 of the paper), a mean over Gram matrix entries",
            range: 0...1e9, default: $0, flags: .mutableReady)
    }
    package static let temporalWeight = SettingsProperty(\.temporalWeight) {
        Property(
            "temporal-weight", nick: "Temporal weight",
            blurb: "Weight of the temporal loss (gamma in equations 9 and 11 of the paper)", range: 0...1e9,
            default: $0, flags: .mutableReady)
    }
    package static let totalVariationWeight = SettingsProperty(\.totalVariationWeight) {
        Property(
            "tv-weight", nick: "Total variation weight",
            blurb: "Weight of the total variation loss, which smooths the image", range: 0...1e9,
            default: $0, flags: .mutableReady)
    }
    package static let start = Property<String>(
        "init", nick: "Init",
        blurb:
            "Initialisation of the first frame and of the following ones: random, content, previous, previous-warped or "
            + "network; with several passes the first value applies to every frame",
        default: "\(defaults.firstStart.rawValue),\(defaults.nextStart.rawValue)", flags: .mutableReady)
    package static let model = Property<String>(
        "model", nick: "Model", blurb: "Feed-forward model for initialisation by network: a name or a path",
        default: "scream", flags: .mutableReady)
    package static let iterations = Property<String>(
        "iterations", nick: "Iterations", blurb: "Maximum iterations of the first frame and of each following frame",
        default: "\(defaults.firstIterations),\(defaults.nextIterations)", flags: .mutableReady)
    package static let tolerance = SettingsProperty(\.tolerance) {
        Property(
            "tolerance", nick: "Tolerance",
            blurb:
                "A frame is finished when its loss changes by less than this fraction within tolerance-window iterations; "
                + "0: always run all iterations",
            range: 0...0.999, default: $0, flags: .mutableReady)
    }
    package static let toleranceWindow = SettingsProperty(\.toleranceWindow) {
        Property(
            "tolerance-window", nick: "Tolerance window",
            blurb: "Number of iterations over which tolerance compares the loss",
            range: 1...1_000_000, default: $0, flags: .mutableReady)
    }
    package static let temporalLoss = SettingsProperty(\.temporalPenalty) {
        Property(
            "temporal-loss", nick: "Temporal loss", blurb: "Penalty on differences to the warped earlier frames",
            default: $0, flags: .mutableReady)
    }
    package static let longTermWeights = SettingsProperty(\.longTermWeights) {
        Property(
            "long-term-weights", nick: "Long-term weights",
            blurb: "Which of several references (references of opticalflow) a pixel is held to", default: $0,
            flags: .mutableReady)
    }
    package static let passes = SettingsProperty(\.passes) {
        Property(
            "passes", nick: "Passes",
            blurb: "1: frame by frame; more: this many passes over each whole shot, alternately forward and backward",
            range: 1...1000, default: $0, flags: .mutableReady)
    }
    package static let passIterations = SettingsProperty(\.passIterations) {
        Property(
            "pass-iterations", nick: "Pass iterations", blurb: "Iterations per frame in each pass, with several passes",
            range: 1...1_000_000, default: $0, flags: .mutableReady)
    }
    package static let blend = SettingsProperty(\.blend) {
        Property(
            "blend", nick: "Blend",
            blurb:
                "Share of the warped neighbour in the initialisation of a frame in each pass (delta in equations 13 and 14)",
            range: 0...1, default: $0, flags: .mutableReady)
    }
    package static let temporalFromPass = SettingsProperty(\.temporalFromPass) {
        Property(
            "temporal-from-pass", nick: "Temporal from pass",
            blurb: "First pass, counted from 1, that uses the temporal loss, with several passes", range: 1...1000,
            default: $0, flags: .mutableReady)
    }
    package static let storeLocation = Property<String>(
        "store-location", nick: "Store location",
        blurb:
            "Folder for the temporary file that holds a shot during several passes; empty: the system's temporary folder",
        default: "", flags: .mutableReady)
    package static let storeLimit = Property<UInt64>(
        "store-limit", nick: "Store limit",
        blurb:
            "Maximum bytes of the file in store-location; a longer shot is an error that says how many frames fit; "
            + "0: no limit",
        range: 0...UInt64.max, default: 8 << 30, flags: .mutableReady)
    package static let stateLocation = Property<String>(
        "state-location", nick: "State location",
        blurb:
            "Folder that keeps the result of each frame, so that the same run can resume from there; empty: results are "
            + "not kept",
        default: "", flags: .mutableReady)
    package static let firstFrame = Property<Int>(
        "first-frame", nick: "First frame",
        blurb:
            "Number of the first frame in its film, counted from 0, on which random numbers depend: a shot is then painted "
            + "as in the whole film",
        range: 0...Int(gint.max), default: 0, flags: .mutableReady)
    package static let optimizer = SettingsProperty(\.method) {
        Property(
            "optimizer", nick: "Optimizer", blurb: "Method that minimises the loss", default: $0,
            flags: .mutableReady)
    }
    package static let styleScale = SettingsProperty(\.styleScale) {
        Property(
            "style-scale", nick: "Style scale",
            blurb: "Size of the style images relative to the frames: above 1 gives larger strokes",
            range: 0.05...10, default: $0, flags: .mutableReady)
    }
    package static let styleCrop = SettingsProperty(\.styleCrop) {
        Property(
            "style-crop", nick: "Style crop",
            blurb:
                "Fraction cropped from each side of the style images, to remove picture frames and canvas edges, which "
                + "would otherwise appear around every frame",
            range: 0...0.4, default: $0, flags: .mutableReady)
    }
    package static let pooling = SettingsProperty(\.pooling) {
        Property(
            "pooling", nick: "Pooling", blurb: "Pooling between the loss network's blocks", default: $0,
            flags: .mutableReady)
    }
    package static let contentLayers = Property<String>(
        "content-layers", nick: "Content layers",
        blurb: "Loss network layers of the content loss, separated by commas",
        default: names(of: defaults.contentLayers), flags: .mutableReady)
    package static let styleLayers = Property<String>(
        "style-layers", nick: "Style layers",
        blurb:
            "Loss network layers of the style loss, separated by commas; relu3_1/2: on the image at half size",
        default: names(of: defaults.styleLayers), flags: .mutableReady)
    package static let styleLoss = SettingsProperty(\.styleStatistic) {
        Property(
            "style-loss", nick: "Style loss", blurb: "What the style loss compares", default: $0,
            flags: .mutableReady)
    }
    package static let styleNormalization = SettingsProperty(\.styleNormalization) {
        Property(
            "style-normalization", nick: "Style normalization", blurb: "Normalisation of the style layers' losses",
            default: $0, flags: .mutableReady)
    }
    package static let seed = Property<Int>(
        "seed", nick: "Seed", blurb: "Seed of the noise of a random initialisation", range: 0...Int(Int32.max),
        default: 0, flags: .mutableReady)
    package static let preview = Property<Bool>(
        "preview", nick: "Preview",
        blurb: "Attach the current image to progress messages (field picture, a GstSample), at most every two seconds",
        default: false, flags: .mutableReady)
    package static let threads = SettingsProperty(\.threads) {
        Property(
            "threads", nick: "Threads", blurb: "Number of threads; 0: one per processor", range: 0...1024,
            default: $0, flags: .mutableReady)
    }
    static let metas = Property<MetaPolicy>(
        "metas", nick: "Metas", blurb: "Whether outgoing frames keep the flow and certainty metas", default: .auto,
        flags: .mutablePlaying)

    static let table: [any PropertyDeclaration] = [
        styleImages, styleBlend, lossNetwork, contentWeight, styleWeight, temporalWeight, totalVariationWeight, start,
        model, iterations, tolerance, toleranceWindow, temporalLoss, longTermWeights, passes, passIterations, blend,
        temporalFromPass,
        storeLocation, storeLimit, stateLocation, optimizer, styleScale, styleCrop, pooling, contentLayers, styleLayers,
        styleLoss, styleNormalization, seed, preview, threads, metas, firstFrame,
    ]

    private static let defaults = OptimizationSettings()

    static func names(of layers: [LossLayer]) -> String { layers.map(\.description).joined(separator: ",") }

    /// The settings of the properties.
    ///
    /// - Throws: ``ElementError`` that names the property and its allowed values.
    package static func settings(_ properties: PropertySnapshot) throws -> OptimizationSettings {
        var settings = OptimizationSettings()
        for case let property as any SettingsField in table { property.set(&settings, from: properties) }
        settings.contentLayers = try layers(contentLayers, properties)
        settings.styleLayers = try layers(styleLayers, properties)
        (settings.firstStart, settings.nextStart) = try starts(properties)
        let iterations = try TextList.integers(
            of: properties[Self.iterations], property: Self.iterations.name, counts: 1...2, range: 1...1_000_000)
        settings.firstIterations = iterations[0]
        settings.nextIterations = iterations[iterations.count - 1]
        settings.seed = UInt64(properties[seed])
        return settings
    }

    private static func layers(_ property: Property<String>, _ properties: PropertySnapshot) throws -> [LossLayer] {
        do {
            return try LossLayer.list(properties[property])
        } catch {
            throw ElementError(
                .settings, "\(property.name)=\"\(properties[property])\": \(error).",
                remedy: "Write layers separated by commas, such as relu1_1,relu2_1.")
        }
    }

    private static func starts(
        _ properties: PropertySnapshot
    ) throws -> (OptimizationSettings.Start, OptimizationSettings.Start) {
        let text = properties[Self.start]
        let parts = try TextList.parts(of: text, property: Self.start.name)
        let starts = parts.compactMap(OptimizationSettings.Start.init(rawValue:))
        guard starts.count == parts.count, (1...2).contains(starts.count) else {
            throw ElementError(
                .settings, "init=\"\(text)\" is invalid.",
                remedy:
                    "Write one or two of \(OptimizationSettings.Start.allCases.map(\.rawValue).joined(separator: ", ")): "
                    + "for the first frame, and for the next ones.")
        }
        let first = starts[0]
        let next = starts[starts.count - 1]
        guard first != .previous, first != .previousWarped else {
            guard starts.count == 1 else {
                throw ElementError(
                    .settings, "init=\"\(text)\": the first frame has no previous one to start from.",
                    remedy: "Write random, content or network first, such as random,\(next.rawValue).")
            }
            return (.random, next)
        }
        return (first, next)
    }
}

extension OptimizationSettings.TemporalPenalty: PropertyChoice {
    /// Type of `temporal-loss`.
    public static let typeName = "PentimentoTemporalLoss"
    /// Formula, and its place in the paper.
    public var blurb: String {
        switch self {
        case .squared: "Squared differences (paper eq. 8)"
        case .absolute: "Absolute differences, doubled: fewer streaks behind moving objects (paper A.4)"
        }
    }
}

extension OptimizationSettings.LongTermWeights: PropertyChoice {
    /// Type of `long-term-weights`.
    public static let typeName = "PentimentoLongTermWeights"
    /// The paper's symbol, and what it does.
    public var blurb: String {
        switch self {
        case .closest: "c_long (paper eq. 12): the closest frame in which it is visible"
        case .all: "c (paper eq. 11): every frame in which it is visible"
        }
    }
}

extension OptimizationSettings.Method: PropertyChoice {
    /// Type of `optimizer`.
    public static let typeName = "PentimentoOptimizer"
    /// Compares iterations and memory.
    public var blurb: String {
        switch self {
        case .lbfgs: "L-BFGS: fewer iterations"
        case .adam: "Adam: less memory"
        }
    }
}

extension Pooling: PropertyChoice {
    /// Type of `pooling`.
    public static let typeName = "PentimentoPooling"
    /// Operation on 2x2 activations.
    public var blurb: String {
        switch self {
        case .max: "Maximum of 2x2 activations, as the network was trained"
        case .average: "Mean of 2x2 activations: smoother"
        }
    }
}

extension StyleStatistic: PropertyChoice {
    /// Type of `style-loss`.
    public static let typeName = "PentimentoStyleLoss"
    /// The statistic of a layer.
    public var blurb: String {
        switch self {
        case .gram: "Gram matrices (paper eq. 2)"
        case .sliced: "Distributions along random directions: fewer repeated patterns"
        }
    }
}

extension StyleNormalization: PropertyChoice {
    /// Type of `style-normalization`.
    public static let typeName = "PentimentoStyleNormalization"
    /// The factor of a layer's loss.
    public var blurb: String {
        switch self {
        case .none: "None: shallow layers outweigh deep ones"
        case .layer: "Each layer's loss is divided by the mean square of its target"
        }
    }
}
