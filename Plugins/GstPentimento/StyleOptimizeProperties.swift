import GStreamerKit
import NeuralNet
import Style

extension StyleOptimize {
    static let styleImages = Property<String>(
        "style-images", nick: "Style images",
        blurb: "Paths of the paintings, separated by commas; a backslash before a comma makes it part of a path",
        default: "", flags: .mutableReady)
    static let styleBlend = Property<String>(
        "style-blend", nick: "Style blend",
        blurb: "The weight of each painting, separated by commas; empty: all the same", default: "",
        flags: .mutableReady)
    static let lossNetwork = Property<String>(
        "loss-network", nick: "Loss network",
        blurb: "vgg16, vgg19 (pentimento models fetch gets it) or the path of a file with its weights",
        default: "vgg16", flags: .mutableReady)
    static let contentWeight = Property<Double>(
        "content-weight", nick: "Content weight", blurb: "Alpha of the paper's equations 3 and 9", range: 0...1e9,
        default: defaults.contentWeight, flags: .mutableReady)
    static let styleWeight = Property<Double>(
        "style-weight", nick: "Style weight",
        blurb: "Beta of the paper's equations 3 and 9, for Gram matrices compared by their mean", range: 0...1e9,
        default: defaults.styleWeight, flags: .mutableReady)
    static let temporalWeight = Property<Double>(
        "temporal-weight", nick: "Temporal weight",
        blurb: "Gamma of the paper's equations 9 and 11: how firmly a frame follows the earlier ones", range: 0...1e9,
        default: defaults.temporalWeight, flags: .mutableReady)
    static let totalVariationWeight = Property<Double>(
        "tv-weight", nick: "Total variation weight", blurb: "How much smoother the picture is to be", range: 0...1e9,
        default: defaults.totalVariationWeight, flags: .mutableReady)
    static let start = Property<String>(
        "init", nick: "Init",
        blurb:
            "What the first frame starts from, and the next ones: each of random, content, previous, previous-warped, "
            + "network; with several passes the first of them counts for every frame",
        default: "random,previous-warped", flags: .mutableReady)
    static let model = Property<String>(
        "model", nick: "Model", blurb: "The feed-forward model of init network: a name or a path", default: "scream",
        flags: .mutableReady)
    static let iterations = Property<String>(
        "iterations", nick: "Iterations", blurb: "At most so many for the first frame, and for each of the next",
        default: "2000,1000", flags: .mutableReady)
    static let tolerance = Property<Double>(
        "tolerance", nick: "Tolerance",
        blurb:
            "A frame is finished when its loss has changed by less than this part within tolerance-window iterations; "
            + "0: not before iterations are done",
        range: 0...0.999, default: defaults.tolerance, flags: .mutableReady)
    static let toleranceWindow = Property<Int>(
        "tolerance-window", nick: "Tolerance window", blurb: "Iterations that tolerance looks back over",
        range: 1...1_000_000, default: defaults.toleranceWindow, flags: .mutableReady)
    static let temporalLoss = Property<OptimizationSettings.TemporalPenalty>(
        "temporal-loss", nick: "Temporal loss", blurb: "How differences to the warped earlier frames count",
        default: defaults.temporalPenalty, flags: .mutableReady)
    static let passes = Property<Int>(
        "passes", nick: "Passes",
        blurb: "1: frame after frame; more: so many passes over each whole shot, forward and backward in turn",
        range: 1...1000, default: defaults.passes, flags: .mutableReady)
    static let passIterations = Property<Int>(
        "pass-iterations", nick: "Pass iterations", blurb: "Iterations of each frame in each of several passes",
        range: 1...1_000_000, default: defaults.passIterations, flags: .mutableReady)
    static let blend = Property<Double>(
        "blend", nick: "Blend",
        blurb:
            "How much of its warped neighbour a frame of a pass starts from (delta of the paper's equations 13 and 14)",
        range: 0...1, default: defaults.blend, flags: .mutableReady)
    static let temporalFromPass = Property<Int>(
        "temporal-from-pass", nick: "Temporal from pass",
        blurb: "The first of several passes, counted from 1, in which the temporal loss counts", range: 1...1000,
        default: defaults.temporalFromPass, flags: .mutableReady)
    static let storeLocation = Property<String>(
        "store-location", nick: "Store location",
        blurb:
            "Folder for what several passes need of a shot, removed afterwards; empty: the system's temporary folder",
        default: "", flags: .mutableReady)
    static let storeLimit = Property<UInt64>(
        "store-limit", nick: "Store limit",
        blurb: "Bytes that a shot may take there; a longer one is an error that says how many frames fit; 0: no limit",
        range: 0...UInt64.max, default: 8 << 30, flags: .mutableReady)
    static let stateLocation = Property<String>(
        "state-location", nick: "State location",
        blurb:
            "Folder where results are kept frame by frame, and taken from when the same run is started again; empty: "
            + "nothing is kept",
        default: "", flags: .mutableReady)
    static let optimizer = Property<OptimizationSettings.Method>(
        "optimizer", nick: "Optimizer", blurb: "How the loss is minimised", default: defaults.method,
        flags: .mutableReady)
    static let styleScale = Property<Double>(
        "style-scale", nick: "Style scale",
        blurb: "Size of the paintings over that of the frames: larger strokes above 1",
        range: 0.05...10, default: defaults.styleScale, flags: .mutableReady)
    static let styleCrop = Property<Double>(
        "style-crop", nick: "Style crop",
        blurb:
            "What is cut off each side of the paintings, as a share of it: picture frames and edges of canvases that "
            + "photographs show, and that would be painted around every frame",
        range: 0...0.4, default: defaults.styleCrop, flags: .mutableReady)
    static let pooling = Property<Pooling>(
        "pooling", nick: "Pooling", blurb: "What stands between the loss network's blocks", default: defaults.pooling,
        flags: .mutableReady)
    static let contentLayers = Property<String>(
        "content-layers", nick: "Content layers",
        blurb: "Layers of the loss network whose activations are to be the frame's, separated by commas",
        default: names(of: defaults.contentLayers), flags: .mutableReady)
    static let styleLayers = Property<String>(
        "style-layers", nick: "Style layers",
        blurb: "Layers of the loss network whose Gram matrices are to be the paintings', separated by commas",
        default: names(of: defaults.styleLayers), flags: .mutableReady)
    static let seed = Property<Int>(
        "seed", nick: "Seed", blurb: "What the noise of init random is drawn from", range: 0...Int(Int32.max),
        default: 0, flags: .mutableReady)
    static let preview = Property<Bool>(
        "preview", nick: "Preview",
        blurb: "Progress messages bring the picture as it is, every two seconds at most (picture, a GstSample)",
        default: false, flags: .mutableReady)
    static let threads = Property<Int>(
        "threads", nick: "Threads", blurb: "How many threads compute; 0: one for each processor", range: 0...1024,
        default: 0, flags: .mutableReady)
    static let metas = Property<MetaPolicy>(
        "metas", nick: "Metas", blurb: "Whether frames keep the metas of flow and certainty", default: .auto,
        flags: .mutablePlaying)

    static let table = [
        styleImages.specification, styleBlend.specification, lossNetwork.specification, contentWeight.specification,
        styleWeight.specification, temporalWeight.specification, totalVariationWeight.specification,
        start.specification, model.specification, iterations.specification, tolerance.specification,
        toleranceWindow.specification, temporalLoss.specification, passes.specification, passIterations.specification,
        blend.specification, temporalFromPass.specification, storeLocation.specification, storeLimit.specification,
        stateLocation.specification, optimizer.specification, styleScale.specification, styleCrop.specification,
        pooling.specification,
        contentLayers.specification, styleLayers.specification, seed.specification, preview.specification,
        threads.specification,
        metas.specification,
    ]

    private static let defaults = OptimizationSettings()

    static func names(of layers: [LossLayer]) -> String { layers.map(\.description).joined(separator: ",") }

    /// What the properties ask for.
    ///
    /// - Throws: ``ElementError`` that names the property, and what is allowed.
    static func settings(_ properties: PropertySnapshot) throws -> OptimizationSettings {
        var settings = OptimizationSettings()
        settings.contentWeight = properties[Self.contentWeight]
        settings.styleWeight = properties[Self.styleWeight]
        settings.temporalWeight = properties[Self.temporalWeight]
        settings.totalVariationWeight = properties[Self.totalVariationWeight]
        settings.contentLayers = try layers(contentLayers, properties)
        settings.styleLayers = try layers(styleLayers, properties)
        settings.pooling = properties[Self.pooling]
        settings.temporalPenalty = properties[Self.temporalLoss]
        (settings.firstStart, settings.nextStart) = try starts(properties)
        let iterations = try TextList.integers(
            of: properties[Self.iterations], property: Self.iterations.name, counts: 1...2, range: 1...1_000_000)
        settings.firstIterations = iterations[0]
        settings.nextIterations = iterations[iterations.count - 1]
        settings.tolerance = properties[Self.tolerance]
        settings.toleranceWindow = properties[Self.toleranceWindow]
        settings.passes = properties[Self.passes]
        settings.passIterations = properties[Self.passIterations]
        settings.blend = properties[Self.blend]
        settings.temporalFromPass = properties[Self.temporalFromPass]
        settings.method = properties[Self.optimizer]
        settings.styleScale = properties[Self.styleScale]
        settings.styleCrop = properties[Self.styleCrop]
        settings.seed = UInt64(properties[Self.seed])
        settings.threads = properties[Self.threads]
        return settings
    }

    private static func layers(_ property: Property<String>, _ properties: PropertySnapshot) throws -> [LossLayer] {
        do {
            return try LossLayer.list(properties[property])
        } catch {
            throw ElementError(
                .settings, "\(property.name)=\"\(properties[property])\": \(error).",
                remedy: "Write layers with a comma between each two, such as relu1_1,relu2_1.")
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
                .settings, "init=\"\(text)\" is not what it can be.",
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
    public static let typeName = "PentimentoTemporalLoss"
    public var blurb: String {
        switch self {
        case .squared: "Their squares (paper eq. 8)"
        case .absolute: "Their absolute values, doubled: fewer streaks behind what moves (paper A.4)"
        }
    }
}

extension OptimizationSettings.Method: PropertyChoice {
    public static let typeName = "PentimentoOptimizer"
    public var blurb: String {
        switch self {
        case .lbfgs: "L-BFGS: fewer iterations"
        case .adam: "Adam: less memory"
        }
    }
}

extension Pooling: PropertyChoice {
    public static let typeName = "PentimentoPooling"
    public var blurb: String {
        switch self {
        case .max: "The largest of four, as the network was trained"
        case .average: "The mean of four: smoother"
        }
    }
}
