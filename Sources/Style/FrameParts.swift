import Imaging
import NeuralNet

/// How frames that hold several pictures, all of one size, go through a network that is planned for one of them.
public protocol FrameParts: AnyObject {
    /// The size of one picture in frames of a size.
    func partSize(width: Int, height: Int) -> (width: Int, height: Int)

    /// The stylized frame, put together of what `network` makes of its pictures; all in network space, at the network's
    /// resolution.
    func run(frame: Image, prior: Prior?, threads: Int, network: PartNetwork) -> Image
}

/// Paints one picture of a frame, and tells what its normalisations met; nil where that cannot be shared.
///
/// - Parameters:
///   - prior: of that picture; nil: nothing is known of it.
///   - others: what the other pictures met, by all of which together it is normalised.
public typealias PartNetwork = (
    _ picture: Image, _ prior: Prior?, _ others: [PictureStatistics]
) -> (picture: Image, statistics: PictureStatistics?)
