import Imaging

/// How frames that hold several pictures, all of one size, go through a network that is planned for one of them.
public protocol FrameParts: AnyObject {
    /// The size of one picture in frames of a size.
    func partSize(width: Int, height: Int) -> (width: Int, height: Int)

    /// The stylized frame, put together of what `network` makes of its pictures; all in network space, at the network's
    /// resolution.
    func run(frame: Image, prior: Prior?, threads: Int, network: (_ picture: Image, _ prior: Prior?) -> Image) -> Image
}
