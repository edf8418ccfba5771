import NeuralNet

/// The earlier frame that a frame is compared with.
public enum EarlierFrame: Hashable, Sendable, Comparable {
    /// The frame this many frames before, 1 or more. 1: short range.
    case before(Int)
    /// The first frame of the sequence.
    case first

    /// The index of the earlier frame, counted from 0; nil if there is none.
    public func index(for frame: Int) -> Int? {
        switch self {
        case .before(let distance): distance > 0 && frame >= distance ? frame - distance : nil
        case .first: frame > 0 ? 0 : nil
        }
    }

    /// Added to names: empty for the frame before.
    fileprivate var suffix: String {
        switch self {
        case .before(let distance): distance == 1 ? "" : "_\(distance)"
        case .first: "_first"
        }
    }

    fileprivate var title: String {
        switch self {
        case .before(let distance): distance == 1 ? "" : ", \(distance) frames apart"
        case .first: ", to the first frame"
        }
    }
}

/// The layers of the content and style losses, one set for each of the paper's two methods.
public enum LossPath: String, CaseIterable, Hashable, Sendable, Comparable {
    /// Those of the optimisation (paper 7.2.1; Gatys et al. 2016).
    case optimization
    /// Those of the training of networks (paper 7.2.2; Johnson et al. 2016).
    case network

    /// `relu4_2`, or `relu3_3`.
    public var contentLayers: [LossLayer] {
        switch self {
        case .optimization: [LossLayer(block: 4, convolution: 2)]
        case .network: [LossLayer(block: 3, convolution: 3)]
        }
    }

    /// `relu1_1` to `relu5_1`, or `relu1_2`, `relu2_2`, `relu3_3` and `relu4_3`.
    public var styleLayers: [LossLayer] {
        switch self {
        case .optimization: (1...5).map { LossLayer(block: $0, convolution: 1) }
        case .network: [(1, 2), (2, 2), (3, 3), (4, 3)].map { LossLayer(block: $0, convolution: $1) }
        }
    }

    public static func < (one: LossPath, other: LossPath) -> Bool { one == .optimization && other == .network }
}

/// One number that is measured of each stylized frame. Values of a pair of frames belong to the later one.
public enum Measure: Hashable, Sendable, Comparable {
    /// ``TemporalError/overConsistentPixels``, as in the paper; lower is steadier.
    case temporal(EarlierFrame)
    /// ``TemporalError/overAllPixels``.
    case temporalOverAll(EarlierFrame)
    /// ``TemporalError/consistentPart``.
    case consistent(EarlierFrame)
    /// `warpingError`; lower is steadier.
    case warping(EarlierFrame)
    /// Its square root; the mean of several frames is the root of their mean warping error.
    case warpingRoot(EarlierFrame)
    /// ``PerceptualMeasure/Losses/content``; lower is closer to the frame.
    case content(LossPath)
    /// ``PerceptualMeasure/Losses/style``; lower is closer to the painting.
    case style(LossPath)
    /// `sharpness`: higher is sharper.
    case sharpness
    /// `structuralSimilarity` to the original frame; higher is closer to the frame.
    case ssim

    /// A name for files, such as `temporal`, `warping_10`, `warping_rmse_first` or `style_network`.
    public var name: String {
        switch self {
        case .temporal(let earlier): "temporal" + earlier.suffix
        case .temporalOverAll(let earlier): "temporal_all" + earlier.suffix
        case .consistent(let earlier): "consistent" + earlier.suffix
        case .warping(let earlier): "warping" + earlier.suffix
        case .warpingRoot(let earlier): "warping_rmse" + earlier.suffix
        case .content(let path): "content_\(path.rawValue)"
        case .style(let path): "style_\(path.rawValue)"
        case .sharpness: "sharpness"
        case .ssim: "ssim"
        }
    }

    /// A name for readers.
    public var title: String {
        switch self {
        case .temporal(let earlier): "temporal error" + earlier.title
        case .temporalOverAll(let earlier): "temporal error over all values" + earlier.title
        case .consistent(let earlier): "consistent pixels" + earlier.title
        case .warping(let earlier): "warping error" + earlier.title
        case .warpingRoot(let earlier): "warping error, root" + earlier.title
        case .content(.optimization): "content loss, optimisation's layers"
        case .content(.network): "content loss, networks' layers"
        case .style(.optimization): "style loss, optimisation's layers"
        case .style(.network): "style loss, networks' layers"
        case .sharpness: "sharpness"
        case .ssim: "SSIM to the frame"
        }
    }
}
