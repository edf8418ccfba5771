import Flow
import Imaging

/// A result of another frame, brought to this one: what the temporal loss pulls towards (equation 8).
public struct TemporalTarget: Sendable {
    /// In network space, of the frame's size.
    public var image: Image
    /// c, 0...1 a pixel.
    public var certainty: Plane<Float>

    /// - Precondition: both are of one size.
    public init(image: Image, certainty: Plane<Float>) {
        precondition(
            image.width == certainty.width && image.height == certainty.height, "a target's planes have one size")
        self.image = image
        self.certainty = certainty
    }
}

extension TemporalTarget {
    /// A result brought to the frame that `flow` starts from, by bicubic interpolation, which loses the least sharpness
    /// from frame to frame.
    ///
    /// - Parameters:
    ///   - flow: from the frame to that of the result, of its size, as is `certainty`.
    package init(warping result: Image, by flow: FlowField, certainty: Plane<Float>, threads: Int) {
        self.init(
            image: result.warped(by: flow, interpolation: .bicubic, threads: threads), certainty: certainty)
    }
}
