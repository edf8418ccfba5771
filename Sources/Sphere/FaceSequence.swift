import Imaging
import Style

/// Stylizes the six faces of a column one after the other, each with its finished neighbours' borders as prior, over the
/// prior that there is (paper 6.3).
public struct FaceSequence: FrameParts {
    /// Front first, then its neighbours, last what lies behind.
    public static let order: [CubeFace] = [.front, .right, .left, .up, .down, .back]

    public let geometry: CubeGeometry
    /// Whether faces heed their neighbours; else each stands alone, for comparison.
    public var usesBorders = true
    /// As ``FaceBorders/prior(of:column:finished:softness:)`` takes it.
    public var softness: Float = 0.5
    /// What uncertain pixels of the prior hold: as the network was trained.
    public var fill = PriorFill.mean
    /// What noise is drawn from; a different one a frame.
    public var seed: UInt64 = 0

    public init(geometry: CubeGeometry) {
        self.geometry = geometry
    }

    public func partSize(width: Int, height: Int) -> (width: Int, height: Int) { (width, height / 6) }

    public func run(
        frame: Image, prior: Prior?, threads: Int = 0, network: (_ picture: Image, _ prior: Prior?) -> Image
    ) -> Image {
        frame
    }
}
