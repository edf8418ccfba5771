import Imaging
import NeuralNet

/// How frames that hold several pictures, one below the other and all of one size, go through a network that is planned for one of
/// them.
public protocol FrameParts: AnyObject {
    /// Pictures of a frame.
    var count: Int { get }

    /// The stylized frame, put together of what `network` makes of its pictures, in network space.
    ///
    /// - Parameters:
    ///   - width, height: of the frame at the network's resolution.
    ///   - prior: of the whole frame, of that size; nil: nothing is known of it.
    /// - Throws: `Cancelled`.
    func run(width: Int, height: Int, prior: Prior?, threads: Int, network: PartNetwork) throws(Cancelled) -> Image
}

/// Paints one of a frame's pictures, and tells what its normalisations met; nil where that cannot be shared.
///
/// - Parameters:
///   - part: which picture, counted from 0.
///   - prior: of the whole frame; nil: nothing is known of it.
///   - others: what the other pictures met, by all of which together it is normalised.
///   - painting: the whole frame, in which the picture's rows are painted.
public typealias PartNetwork = (
    _ part: Int, _ prior: Prior?, _ others: [PictureStatistics], _ painting: inout Image
) throws(Cancelled) -> PictureStatistics?
