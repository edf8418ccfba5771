import Imaging
import NeuralNet
import Style

/// Makes the texture of a style: noise, changed until it has the painting's style loss alone (Gatys, Ecker and Bethge,
/// Texture Synthesis Using Convolutional Neural Networks, 2015).
struct TextureSynthesis {
    /// Width and height of what is optimised, with the margin.
    private let size: (width: Int, height: Int)
    /// Whether it has half the network's resolution, as the texture: a quarter of the work, for short trainings.
    private let isHalf: Bool
    private let iterations: Int
    private let settings: TrainingSettings
    private let lossNetwork: LossNetworkWeights

    /// Pixels cut off each side: the loss network's padding shows there.
    private static let margin = 8
    /// Standard deviation of the first noise, in values of 0...255.
    private static let deviation: Float = 40

    /// - Parameter other: a texture of whose size the new ones have to be; nil: what fits the length of the training.
    init(_ settings: TrainingSettings, lossNetwork: LossNetworkWeights, like other: StyleTexture? = nil) {
        self.settings = settings
        self.lossNetwork = lossNetwork
        // Frames are painted at about 640x360; small samples need no large texture.
        let most = max(settings.cropSize + settings.cropSize / 4, 8)
        let texture = other.map { ($0.width, $0.height) } ?? (min(320, most), min(180, most))
        isHalf = settings.length.isShort
        let factor = isHalf ? 1 : 2
        size = (factor * texture.0 + 2 * Self.margin, factor * texture.1 + 2 * Self.margin)
        iterations = isHalf ? 50 : 80
    }

    /// - Parameter index: of the style, for the seed.
    /// - Throws: as `FrameOptimizer`.
    func texture(of styles: [StyleImage], index: Int) throws -> StyleTexture {
        var losses = OptimizationSettings()
        losses.contentWeight = 0
        losses.styleWeight = settings.styleWeight > 0 ? settings.styleWeight : 1
        losses.styleLayers = settings.styleLayers
        losses.styleStatistic = settings.styleStatistic
        losses.styleNormalization = settings.styleNormalization
        losses.pooling = settings.pooling
        losses.styleCrop = settings.styleCrop
        losses.threads = settings.threads
        if let image = styles.first?.image {
            // The shorter side gets the style size of the training, or half of it.
            let (shorter, longer) = (min(image.width, image.height), max(image.width, image.height))
            losses.styleScale =
                Double(settings.styleSize) / (isHalf ? 2 : 1) * Double(longer)
                / Double(max(shorter, 1) * max(size.width, size.height))
        }
        let optimizer = try FrameOptimizer(
            settings: losses, network: lossNetwork, styles: styles, width: size.width, height: size.height)
        let start = Image.noise(
            width: size.width, height: size.height, deviation: Self.deviation,
            seed: settings.seed &+ UInt64(index), threads: settings.threads)
        let result = try optimizer.optimize(
            FrameTask(
                frame: Image(width: size.width, height: size.height), start: start, iterations: iterations,
                stopsEarly: false)
        ).image
        let inner = result.cropped(
            x: Self.margin, y: Self.margin, width: size.width - 2 * Self.margin, height: size.height - 2 * Self.margin)
        return isHalf ? StyleTexture(inner) : StyleTexture(halving: inner)
    }
}

extension TrainingSettings {
    /// The texture of each style: that of the style of its name in the initial model, else a new one.
    func textures(
        of styles: [StyleImage], named names: [String], lossNetwork: LossNetworkWeights, initial: Model?
    ) throws -> [StyleTexture] {
        guard takesTexture, !styles.isEmpty else { return [] }
        guard separatesStyles else {
            return [try TextureSynthesis(self, lossNetwork: lossNetwork).texture(of: styles, index: 0)]
        }
        let known = names.map { name in initial?.styles.firstIndex(of: name).flatMap { initial?.texture(ofStyle: $0) } }
        let synthesis = TextureSynthesis(self, lossNetwork: lossNetwork, like: known.compactMap { $0 }.first)
        return try zip(styles, known).enumerated().map { index, style in
            try style.1 ?? synthesis.texture(of: [style.0], index: index)
        }
    }
}

extension TrainingLength {
    /// Whether a large texture would take too much of the training's time.
    fileprivate var isShort: Bool {
        switch self {
        case .steps(let steps): steps < 2000
        case .seconds(let seconds): seconds < 600
        }
    }
}
