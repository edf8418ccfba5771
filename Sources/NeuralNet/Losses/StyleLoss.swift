/// The style loss of one layer with N channels and M pixels: the mean over the N^2 entries of (G / (N M) - A)^2. G = F
/// F^T is the Gram matrix of the layer's activations F; A is that of the style image, divided by its own N M.
///
/// This is 1/N^2 times the paper's equation 2: the normalisation of the authors' program, which their weights refer to.
public struct StyleLoss: LayerStyleLoss {
    private let target: [Float]
    private let scale: Double
    private let threads: Int

    /// - Parameters:
    ///   - target: A, [N][N].
    ///   - scale: a factor of the loss (`StyleNormalization`).
    ///   - threads: the maximum number of threads; 0: one for each processor. Results do not depend on it.
    public init(target: [Float], scale: Double = 1, threads: Int = 0) {
        self.target = target
        self.scale = scale
        self.threads = threads
    }

    /// The loss of the activations F.
    ///
    /// - Parameter features: F, with N channels.
    /// - Throws: an error if an allocation fails.
    public func value(_ features: FeatureMap) throws(ModelError) -> Double {
        scale * Self.meanSquare(try difference(features))
    }

    /// The loss of the activations F; adds `weight` times its gradient with respect to F to `gradient`:
    /// weight * scale * 4 / (N^3 M) (G / (N M) - A) F.
    ///
    /// - Throws: an error if an allocation fails.
    public func addGradient(
        _ weight: Double, at features: FeatureMap, to gradient: FeatureMap
    ) throws(ModelError) -> Double {
        let difference = try difference(features)
        let entries = Double(target.count)
        let factor = 4 * scale * weight / (entries * Double(features.channels * features.height * features.width))
        try gradient.add(Float(factor), times: difference, on: features, threads: threads)
        return scale * Self.meanSquare(difference)
    }

    /// G / (N M), [N][N].
    static func normalizedGramMatrix(_ features: FeatureMap, threads: Int) throws(ModelError) -> [Float] {
        let factor = 1 / Float(features.channels * features.height * features.width)
        return try features.gramMatrix(threads: threads).map { $0 * factor }
    }

    private func difference(_ features: FeatureMap) throws(ModelError) -> [Float] {
        zip(try Self.normalizedGramMatrix(features, threads: threads), target).map { $0 - $1 }
    }

    static func meanSquare(_ values: [Float]) -> Double {
        values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)
    }
}

/// A style loss of one layer.
public protocol LayerStyleLoss {
    /// The loss of the activations F.
    ///
    /// - Throws: an error if an allocation fails.
    func value(_ features: FeatureMap) throws(ModelError) -> Double

    /// The loss of the activations F; adds `weight` times its gradient with respect to F to `gradient`.
    ///
    /// - Throws: an error if an allocation fails.
    func addGradient(
        _ weight: Double, at features: FeatureMap, to gradient: FeatureMap
    ) throws(ModelError) -> Double
}

/// What the style loss compares.
public enum StyleStatistic: String, CaseIterable, Sendable {
    /// Gram matrices (`StyleLoss`), as in the paper.
    case gram
    /// Distributions along random directions (`SlicedStyleLoss`).
    case sliced
}

/// The relative weights of the layers' style losses.
public enum StyleNormalization: String, CaseIterable, Sendable {
    /// Not normalised (`StyleLoss`). Shallow layers have larger activations and outweigh deep ones.
    case none
    /// Each layer's loss is divided by the mean square of its target A. An image with a Gram matrix of 0 then has the
    /// same loss in every layer: ``StyleNormalization/unit``.
    case layer

    /// The loss of a normalised layer whose Gram matrix is 0. It has the magnitude of losses that are not normalised,
    /// so that similar style weights fit both.
    public static let unit = 1e5

    /// The factor of the loss of a layer with this target.
    func scale(target: [Float]) -> Double {
        switch self {
        case .none: 1
        case .layer: scale(meanSquare: StyleLoss.meanSquare(target))
        }
    }

    /// The factor of the loss of a layer whose target has this mean square.
    func scale(meanSquare: Double) -> Double {
        self == .none ? 1 : Self.unit / max(meanSquare, .leastNormalMagnitude)
    }
}
