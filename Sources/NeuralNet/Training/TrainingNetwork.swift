import CKernels
import Imaging

/// A network for frames of one size whose parameters change, with the gradient of a loss with respect to all of them.
///
/// Its memory is laid out once, so that an instance serves one thread at a time. It remembers its last frame: for a loss of
/// several pictures at once take several networks, which may share their weights.
public final class TrainingNetwork {
    public let width: Int
    public let height: Int
    /// The parameters that `load` takes and `backward` adds gradients of, which are those of ``NetworkParameters``.
    public let parameterCount: Int
    private let weights: Weights
    private var last: (frame: Image, prior: Image?, certainty: Plane<Float>?)?

    /// What networks that share weights share.
    private final class Weights {
        var parameters: NetworkParameters
        init(_ parameters: NetworkParameters) { self.parameters = parameters }
    }

    /// - Parameters:
    ///   - width: of the frames, in pixels, 1 or more; so is the height.
    ///   - threads: at most so many compute; 0: one for each processor. The result does not depend on it.
    ///   - other: a network of the same description and size whose parameters this one has too: whatever either loads, both
    ///     have. They are then not for two threads at once.
    /// - Throws: an error if the architecture does not give a picture of its frame's size, or there is not enough memory.
    public init(
        description: ModelDescription, width: Int, height: Int, threads: Int = 0,
        sharingWeightsOf other: TrainingNetwork? = nil
    ) throws(ModelError) {
        self.width = width
        self.height = height
        if let other {
            weights = other.weights
        } else {
            weights = Weights(try NetworkParameters(random: description, seed: 0))
        }
        parameterCount = weights.parameters.values.count
        _ = try plain()
    }

    /// Takes new parameters, of the network and of those that share its weights.
    ///
    /// - Precondition: as many as `parameterCount`, in the order of ``NetworkParameters/values``.
    public func load(_ parameters: [Float]) {
        precondition(parameters.count == parameterCount, "these are not the parameters of this network")
        weights.parameters.values = parameters
    }

    /// Stylizes one frame, as `Network.run` does. What `forward` kept for `backward` is lost.
    public func run(frame: Image, prior: Image? = nil, certainty: Plane<Float>? = nil) -> Image {
        last = nil
        return (try? plain())?.run(frame: frame, prior: prior, certainty: certainty) ?? frame
    }

    /// Stylizes one frame and keeps what `backward` needs.
    ///
    /// - Parameters:
    ///   - frame: in network space, like all pictures here.
    ///   - prior: the previous stylized frame as the network gets it: warped, multiplied by the certainty, filled. Without it, or
    ///     without certainty, the frame is stylized on its own. An `image` model ignores both.
    ///   - certainty: 0 to 1 for each pixel of the prior.
    /// - Returns: the picture before clamping.
    /// - Precondition: all pictures have the network's size.
    public func forward(frame: Image, prior: Image? = nil, certainty: Plane<Float>? = nil) -> Image {
        let picture = run(frame: frame, prior: prior, certainty: certainty)
        last = (frame, prior, certainty)
        return picture
    }

    /// Adds the gradient of a loss with respect to all parameters.
    ///
    /// - Parameters:
    ///   - gradient: of the loss with respect to the picture that the last `forward` gave.
    ///   - gradients: `parameterCount` values, to which dL/dp is added.
    /// - Precondition: `forward` was called since the last `run` or `load`, and sizes are as said.
    public func backward(_ gradient: Image, into gradients: inout [Float]) {
        precondition(gradients.count == parameterCount, "the gradients are not those of this network's parameters")
        guard let last, let plain = try? plain() else { preconditionFailure("backward needs a forward before it") }
        let added = plain.parameterGradients(
            gradient, frame: last.frame, prior: last.prior, certainty: last.certainty)
        for (tensor, values) in zip(weights.parameters.tensors, added) {
            for (place, value) in zip(tensor.range, values) {
                gradients[place] += Float(value) / weights.parameters.reduction(of: place, in: tensor)
            }
        }
    }

    private func plain() throws(ModelError) -> PlainNetwork {
        try PlainNetwork(model: try weights.parameters.model(), width: width, height: height)
    }
}
