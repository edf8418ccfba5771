import Glibc
import Imaging

let instanceNormEpsilon: Float = 1e-5

func exponential(_ value: Float) -> Float { expf(value) }
func hyperbolicTangent(_ value: Float) -> Float { tanhf(value) }

/// A model made ready for frames of one size.
public final class Network {
    private let plain: PlainNetwork

    /// - Parameters:
    ///   - width: of the frames, in pixels, 1 or more; so is the height.
    ///   - threads: at most so many compute; 0: one for each processor. The result does not depend on it.
    /// - Throws: an error if the architecture does not give a picture of its frame's size.
    public init(model: Model, width: Int, height: Int, threads: Int = 0) throws(ModelError) {
        guard width > 0, height > 0 else { throw ModelError("a network cannot work on frames of \(width)x\(height)") }
        plain = try PlainNetwork(model: model, width: width, height: height, threads: threads)
    }

    /// Stylizes one frame. All pictures are in network space (blue, green, red minus the mean) at the network's size.
    ///
    /// - Parameters:
    ///   - prior: the previous stylized frame as the network gets it: warped, multiplied by the certainty, filled. Without
    ///     it, or without certainty, the frame is stylized on its own. An `image` model ignores both.
    ///   - certainty: 0 to 1 for each pixel of the prior.
    ///   - coherence: added to the logit of a gated model's gate; above 0 more of the prior shows.
    /// - Returns: the picture before clamping: between minus and plus the model's output scale, or the prior's values.
    public func run(
        frame: Image, prior: Image? = nil, certainty: Plane<Float>? = nil, coherence: Float = 0
    ) -> Image {
        plain.run(frame: frame, prior: prior, certainty: certainty, coherence: coherence)
    }
}
