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

/// Paints the picture that some rows of a frame are, and tells what its normalisations met; nil where that cannot be shared.
///
/// - Parameters:
///   - prior: of the whole frame; nil: nothing is known of it.
///   - others: what the other pictures met, by all of which together it is normalised.
///   - painting: of the frame's size, in which the same rows are painted.
public typealias PartNetwork = (
    _ rows: Range<Int>, _ frame: Image, _ prior: Prior?, _ others: [PictureStatistics], _ painting: inout Image
) -> PictureStatistics?
