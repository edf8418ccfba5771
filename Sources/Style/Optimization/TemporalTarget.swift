import Flow
import Imaging

/// Another frame's result warped to this one: the target of the temporal loss (equation 8).
public struct TemporalTarget: Sendable {
    /// In network space, of the frame's size.
    public var image: Image
    /// c, 0...1 per pixel.
    public var certainty: Plane<Float>

    /// - Precondition: both have one size.
    public init(image: Image, certainty: Plane<Float>) {
        precondition(
            image.width == certainty.width && image.height == certainty.height, "a target's planes have one size")
        self.image = image
        self.certainty = certainty
    }
}

extension TemporalTarget {
    /// Warps a result to the frame where `flow` starts, with bicubic interpolation, which loses the least sharpness
    /// from frame to frame.
    ///
    /// - Parameters:
    ///   - flow: from the frame to that of the result; `flow` and `certainty` have the frame's size.
    package init(warping result: Image, by flow: FlowField, certainty: Plane<Float>, threads: Int) {
        self.init(
            image: result.warped(by: flow, interpolation: .bicubic, threads: threads), certainty: certainty)
    }
}
