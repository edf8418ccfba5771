import Imaging
import NeuralNet
import Style

/// Content and style losses of stylized frames, for the layers of both of the paper's methods.
///
/// One pass of the loss network for a stylized frame, and one for its original, serve all layers. Only one thread may
/// use an instance at a time.
public final class PerceptualMeasure {
    /// The losses of one frame for one set of layers.
    public struct Losses: Sendable, Equatable {
        /// The mean over all N M values of (F - P)^2, for the activations F of the stylized and P of the original frame
        /// (`ContentLoss`; paper, equation 1); nil without an original frame. The input of the loss network is in 0...255.
        public var content: Double?
        /// The sum over the layers of the mean over the N^2 entries of (G / (N M) - A)^2, for Gram matrices G of the
        /// stylized frame and A of the painting (`StyleLoss`; paper, equation 2); nil without a painting. Johnson et
        /// al.'s loss is N^2 times this in each layer.
        public var style: Double?
    }

    private let weights: LossNetworkWeights
    private let painting: StyleImage?
    private let paths: [LossPath]
    private let hasContent: Bool
    private let threads: Int
    private var plan: Plan?

    /// The network for frames of one size.
    private struct Plan {
        let network: LossNetwork
        let style: StyleTarget
    }

    /// - Parameters:
    ///   - painting: in picture space; nil: no style loss. It is resized so that its longer side is that of the frames,
    ///     but enlarged at most four times.
    ///   - paths: the sets of layers.
    ///   - measuresContent: whether there is a content loss.
    ///   - threads: the maximum number; 0: one per processor. Results do not depend on it.
    public init(
        weights: LossNetworkWeights, painting: Image?, paths: [LossPath] = LossPath.allCases,
        measuresContent: Bool = true, threads: Int = 0
    ) {
        self.weights = weights
        self.painting = painting.map { StyleImage(image: $0.networkSpace()) }
        self.paths = paths
        hasContent = measuresContent
        self.threads = threads
    }

    /// The losses of a frame.
    ///
    /// - Parameters:
    ///   - stylized: in picture space.
    ///   - original: in picture space, of the same size; nil: no content loss.
    /// - Returns: for each set of layers.
    /// - Throws: `ModelError` if a picture is too small for a layer or memory is short, `OptimizationError` if the
    ///   painting is too small, `Cancelled`.
    public func losses(of stylized: Image, original: Image?) throws -> [LossPath: Losses] {
        let plan = try plan(width: stylized.width, height: stylized.height)
        let content = hasContent ? try original.map { try contentLosses(of: $0, plan.network) } ?? [:] : [:]
        try plan.network.forward(stylized.networkSpace())
        var result: [LossPath: Losses] = [:]
        for path in paths {
            var losses = Losses()
            if !content.isEmpty {
                losses.content = try sum(path.contentLayers, of: plan.network) { try content[$0]?.value($1) }
            }
            if painting != nil {
                losses.style = try sum(path.styleLayers, of: plan.network) { layer, features in
                    try plan.style.loss(of: layer, threads: threads)?.value(features)
                }
            }
            result[path] = losses
        }
        return result
    }

    private func sum(
        _ layers: [LossLayer], of network: LossNetwork, _ loss: (LossLayer, FeatureMap) throws -> Double?
    ) throws -> Double {
        try layers.reduce(0) { sum, layer in
            guard let features = network.features(of: layer) else { return sum }
            return sum + (try loss(layer, features) ?? 0)
        }
    }

    private func contentLosses(of original: Image, _ network: LossNetwork) throws -> [LossLayer: ContentLoss] {
        let layers = paths.flatMap(\.contentLayers)
        try network.forward([original.networkSpace()], upTo: layers.max())
        var losses: [LossLayer: ContentLoss] = [:]
        for layer in layers {
            guard let features = network.features(of: layer) else { continue }
            losses[layer] = ContentLoss(target: try features.copy(), threads: threads)
        }
        return losses
    }

    private func plan(width: Int, height: Int) throws -> Plan {
        if let plan, plan.network.width == width, plan.network.height == height { return plan }
        plan = nil
        let styleLayers = Array(Set(painting == nil ? [] : paths.flatMap(\.styleLayers))).sorted()
        let contentLayers = hasContent ? paths.flatMap(\.contentLayers) : []
        let style = try painting.map { painting in
            let size = try painting.size(forFramesOf: width, height, scale: 1, layers: styleLayers)
            let image = painting.image.resized(width: size.width, height: size.height, threads: threads)
            return try StyleTarget(weights: weights, layers: styleLayers, images: [(image, 1)], threads: threads)
        }
        let new = Plan(
            network: try LossNetwork(
                weights: weights, layers: Array(Set(styleLayers + contentLayers)).sorted(), pooling: .max, width: width,
                height: height, threads: threads, gradient: false),
            style: style ?? .none)
        plan = new
        return new
    }
}
