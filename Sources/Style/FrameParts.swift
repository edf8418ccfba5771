import Imaging
import NeuralNet

/// Runs a network on a batch of stacked images, in which all have one size. The network is planned for one image.
public protocol FrameParts: AnyObject {
    /// Number of images in the batch.
    var count: Int { get }

    /// Runs `network` on every image.
    ///
    /// - Parameters:
    ///   - width, height: of the whole batch at the network's resolution.
    ///   - prior: of the whole batch, of that size; nil: frame without a prior.
    /// - Returns: the stylized batch, in network space.
    /// - Throws: `Cancelled`.
    func run(width: Int, height: Int, prior: Prior?, threads: Int, network: PartNetwork) throws(Cancelled) -> Image
}

/// Stylizes one image of a batch of stacked images and returns its instance-norm statistics; nil if the network cannot
/// share them.
///
/// - Parameters:
///   - part: index of the image, from 0.
///   - prior: of the whole batch; nil: frame without a prior.
///   - others: instance-norm statistics of the other images, pooled with this one's.
///   - painting: the whole output batch; the image's rows are written.
public typealias PartNetwork = (
    _ part: Int, _ prior: Prior?, _ others: [PictureStatistics], _ painting: inout Image
) throws(Cancelled) -> PictureStatistics?
