import Imaging
import NeuralNet

/// Runs a network on each image of a batch, in an order of its own. The network is planned for one image.
public protocol BatchRunner: AnyObject {
    /// Number of images in the batch.
    var batchSize: Int { get }

    /// Runs `network` on every image.
    ///
    /// - Parameters:
    ///   - width, height: of the whole batch at the network's resolution.
    ///   - prior: of the whole batch, of that size; nil: frame without a prior.
    /// - Returns: the stylized batch, in network space.
    /// - Throws: `Cancelled`.
    func run(width: Int, height: Int, prior: Prior?, threads: Int, network: BatchNetwork) throws(Cancelled) -> Image
}

/// One image of a batch.
public struct BatchImage: Sendable {
    /// From 0.
    public let index: Int
    /// The part of the style's texture that it shows where it has no prior: see `StyleTexture`.
    public var textureOffset: TextureOffset

    public init(index: Int, textureOffset: TextureOffset = TextureOffset()) {
        self.index = index
        self.textureOffset = textureOffset
    }
}

/// Stylizes one image of a batch and returns its instance-norm statistics; nil if the network cannot share them.
///
/// - Parameters:
///   - prior: of the whole batch; nil: frame without a prior.
///   - others: instance-norm statistics of the other images, pooled with this one's.
///   - output: the whole output batch; the image's rows are written.
public typealias BatchNetwork = (
    _ image: BatchImage, _ prior: Prior?, _ others: [InstanceNormStatistics], _ output: inout Image
) throws(Cancelled) -> InstanceNormStatistics?
