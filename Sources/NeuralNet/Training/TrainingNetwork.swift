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
    private let network: Network
    private let back: BackwardPass
    /// Holds the weights, if this one does not.
    private let other: TrainingNetwork?
    /// What the last `forward` saw.
    private var seen: (frame: Image, prior: Image?, certainty: Plane<Float>?)?

    /// - Parameters:
    ///   - width: of the frames, in pixels, 1 or more; so is the height.
    ///   - threads: at most so many compute; 0: one for each processor. The result does not depend on it.
    ///   - other: a network of the same description and size whose parameters this one has too: whatever either loads, both
    ///     have. They are then not for two threads at once.
    /// - Throws: an error if the architecture does not give a picture of its frame's size, is too large, or takes more memory than
    ///   there is or than `MemoryLimit` allows.
    public init(
        description: ModelDescription, width: Int, height: Int, threads: Int = 0,
        sharingWeightsOf other: TrainingNetwork? = nil
    ) throws(ModelError) {
        let prices = try Self.prices(of: description, width: width, height: height, threads: threads)
        try (other == nil ? prices.first : prices.further).check(
            "training the network at \(width)x\(height)", remedy: "take smaller pictures or another architecture")
        self.width = width
        self.height = height
        self.other = other
        let parameters = try NetworkParameters(random: description, seed: 0)
        parameterCount = parameters.values.count
        let model = try parameters.model()
        network = try Network(
            description, weights: model.weights, width: width, height: height, threads: threads, retains: true,
            sharingWeightsOf: other?.network)
        back = try BackwardPass(of: network, places: ParameterPlaces(parameters), sharing: other?.back)
        if other == nil { load(parameters.values) }
    }

    /// The memory that a network will take, and what each further one takes that shares its weights.
    ///
    /// - Throws: an error if there can be none, as for the network itself.
    package static func prices(
        of description: ModelDescription, width: Int, height: Int, threads: Int = 0
    ) throws(ModelError) -> (first: PlanPrice, further: PlanPrice) {
        let weights = try emptyWeights(of: description)
        let count = try NetworkParameters.count(of: description)
        func plan(
            _ twin: (NetworkPlan, BackwardPlan)?
        ) throws(ModelError) -> (plans: (NetworkPlan, BackwardPlan), price: PlanPrice) {
            let memory = Memory(isPriceOnly: true)
            let forward = try Network.plan(
                description, weights: weights, width: width, height: height, threads: threads, memory: memory,
                retains: true, twin: twin?.0)
            let backward = try BackwardPass.plan(of: forward, threads: threads, memory: memory, sharing: twin?.1)
            // What each is divided by; parameters, and the file and model that they are on the way into the network.
            memory.note(6 * count)
            return ((forward, backward), memory.price)
        }
        let first = try plan(nil)
        return (first.price, try plan(first.plans).price)
    }

    /// Called when a part of a step of the way back is done; for measurements.
    package var observer: ((_ step: Int, _ part: BackwardPart) -> Void)? {
        get { back.observer }
        set { back.observer = newValue }
    }

    /// Takes new parameters, of the network and of those that share its weights.
    ///
    /// - Precondition: as many as `parameterCount`, in the order of ``NetworkParameters/values``.
    public func load(_ parameters: [Float]) {
        precondition(parameters.count == parameterCount, "these are not the parameters of this network")
        seen = nil
        parameters.withUnsafeBufferPointer { if let values = $0.baseAddress { back.load(values) } }
    }

    /// Stylizes one frame, as `Network.run` does. What `forward` kept for `backward` is lost.
    public func run(frame: Image, prior: Image? = nil, certainty: Plane<Float>? = nil) throws(Cancelled) -> Image {
        seen = nil
        return try network.run(frame: frame, prior: prior, certainty: certainty)
    }

    /// Stylizes one frame and keeps what `backward` needs.
    ///
    /// - Parameters:
    ///   - frame: in network space, like all pictures here.
    ///   - prior: the previous stylized frame as the network gets it: warped, multiplied by the certainty, filled. Without it, or
    ///     without certainty, the frame is stylized on its own. An `image` model ignores both.
    ///   - certainty: 0 to 1 for each pixel of the prior.
    /// - Returns: the picture before clamping.
    /// - Throws: where the calling thread's `Cancellation` is requested.
    /// - Precondition: all pictures have the network's size.
    public func forward(
        frame: Image, prior: Image? = nil, certainty: Plane<Float>? = nil
    ) throws(Cancelled) -> Image {
        let picture = try run(frame: frame, prior: prior, certainty: certainty)
        seen = (frame, prior, certainty)
        return picture
    }

    /// Adds the gradient of a loss with respect to all parameters.
    ///
    /// - Parameters:
    ///   - gradient: of the loss with respect to the picture that the last `forward` gave.
    ///   - gradients: `parameterCount` values, to which dL/dp is added.
    /// - Throws: where the calling thread's `Cancellation` is requested; then the gradient has gaps.
    /// - Precondition: `forward` was called since the last `run` or `load`, and sizes are as said.
    public func backward(_ gradient: Image, into gradients: inout [Float]) throws(Cancelled) {
        precondition(gradients.count == parameterCount, "the gradients are not those of this network's parameters")
        precondition(gradient.samples.count == 3 * width * height, "the gradient has another size than the network")
        guard let seen else { preconditionFailure("backward needs a forward before it") }
        try network.withPlanes(frame: seen.frame, prior: seen.prior, certainty: seen.certainty) {
            (planes, prior, certainty) throws(Cancelled) in
            try gradient.samples.withUnsafeBufferPointer { (gradient) throws(Cancelled) in
                try gradients.withUnsafeMutableBufferPointer { (gradients) throws(Cancelled) in
                    guard let gradient = gradient.baseAddress, let gradients = gradients.baseAddress else { return }
                    try back.run(gradient, planes: planes, prior: prior, certainty: certainty, into: gradients)
                }
            }
        }
    }
}
