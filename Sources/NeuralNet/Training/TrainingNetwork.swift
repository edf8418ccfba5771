import CKernels
import Imaging

/// A trainable network for frames of one size: forward pass, and backward pass to all parameters.
///
/// All memory is allocated once. Only one thread may use an instance at a time. It keeps the activations of one frame.
/// For a loss over several images use several networks, which may share their weights.
public final class TrainingNetwork {
    /// Width of the frames in pixels.
    public let width: Int
    /// Height of the frames in pixels.
    public let height: Int
    /// The number of parameters, in the order of ``NetworkParameters``.
    public let parameterCount: Int
    private let network: Network
    private let back: BackwardPass
    /// The network that owns the shared weights; nil if this one does.
    private let other: TrainingNetwork?
    /// The inputs of the last `forward`.
    private var seen: (frame: Image, prior: Image?, certainty: Plane<Float>?)?

    /// - Parameters:
    ///   - width, height: size of the frames in pixels, 1...65536.
    ///   - threads: the maximum number of threads; 0: one for each processor. The result does not depend on it.
    ///   - other: a network of the same description and size whose parameters are shared: `load` of either changes
    ///     both. Only one thread may use the two at a time.
    /// - Throws: an error if the output would not have the frame's size, the network is too large, an allocation fails,
    ///   or `MemoryLimit` is exceeded.
    public init(
        description: ModelDescription, width: Int, height: Int, threads: Int = 0,
        sharingWeightsOf other: TrainingNetwork? = nil
    ) throws(ModelError) {
        let costs = try Self.costs(of: description, width: width, height: height, threads: threads)
        try (other == nil ? costs.first : costs.further).check(
            "training the network at \(width)x\(height)", remedy: "take smaller pictures or another architecture")
        self.width = width
        self.height = height
        self.other = other
        let parameters = try NetworkParameters(random: description, seed: 0)
        parameterCount = parameters.values.count
        let tensors = Dictionary(parameters.namedTensors.map { ($0.name, $0.tensor) }) { first, _ in first }
        network = try Network(
            description, weights: try layerWeights(of: description, in: tensors), width: width, height: height,
            threads: threads, retains: true,
            sharingWeightsOf: other?.network)
        back = try BackwardPass(of: network, ranges: ParameterRanges(parameters), sharing: other?.back)
        if other == nil { load(parameters.values) }
    }

    /// The memory that a network would take, and that of each further network that shares its weights.
    ///
    /// - Throws: the errors of the initialiser, except for memory.
    package static func costs(
        of description: ModelDescription, width: Int, height: Int, threads: Int = 0
    ) throws(ModelError) -> (first: PlanCost, further: PlanCost) {
        let weights = try emptyWeights(of: description)
        let count = try NetworkParameters.count(of: description)
        func plan(
            _ owner: (NetworkPlan, BackwardPlan)?
        ) throws(ModelError) -> (plans: (NetworkPlan, BackwardPlan), cost: PlanCost) {
            let memory = Memory(isCostOnly: true)
            let forward = try Network.plan(
                description, weights: weights, width: width, height: height, threads: threads, memory: memory,
                retains: true, owner: owner?.0)
            let backward = try BackwardPass.plan(of: forward, threads: threads, memory: memory, sharing: owner?.1)
            // The divisors of the parameters; the parameters, and their copies in the file and model of the
            // initialiser.
            memory.record(6 * count)
            return ((forward, backward), memory.cost)
        }
        let first = try plan(nil)
        return (first.cost, try plan(first.plans).cost)
    }

    /// Called after each part of a backward step; for measurements.
    package var observer: ((_ step: Int, _ part: BackwardPart) -> Void)? {
        get { back.observer }
        set { back.observer = newValue }
    }

    /// Loads new parameters, also for the networks that share the weights.
    ///
    /// - Precondition: there are `parameterCount` parameters, in the order of ``NetworkParameters/values``.
    public func load(_ parameters: [Float]) {
        precondition(parameters.count == parameterCount, "these are not the parameters of this network")
        seen = nil
        parameters.withUnsafeBufferPointer { if let values = $0.baseAddress { back.load(values) } }
    }

    /// Sets what the network sees where the prior is uncertain, if the model's fill is `texture`.
    ///
    /// - Parameter texture: in network space.
    /// - Precondition: it has the network's size.
    public func fill(with texture: Image) {
        seen = nil
        network.fill(with: texture)
    }

    /// Stylizes one frame, as `Network.run` does. Discards the activations that `forward` kept for `backward`.
    public func run(frame: Image, prior: Image? = nil, certainty: Plane<Float>? = nil) throws(Cancelled) -> Image {
        seen = nil
        return try network.run(frame: frame, prior: prior, certainty: certainty)
    }

    /// Stylizes one frame and keeps the activations for `backward`.
    ///
    /// - Parameters:
    ///   - frame: in network space, like all images here.
    ///   - prior: the previous stylized frame, warped, multiplied by the certainty and filled. Without a prior or a
    ///     certainty the frame is stylized on its own. An `image` model ignores both.
    ///   - certainty: the weight of each pixel of the prior, 0 to 1.
    /// - Returns: the stylized frame before clamping.
    /// - Throws: if the calling thread's `Cancellation` is requested.
    /// - Precondition: all images have the network's size.
    public func forward(
        frame: Image, prior: Image? = nil, certainty: Plane<Float>? = nil
    ) throws(Cancelled) -> Image {
        let image = try run(frame: frame, prior: prior, certainty: certainty)
        seen = (frame, prior, certainty)
        return image
    }

    /// Adds the gradient of a loss with respect to all parameters.
    ///
    /// - Parameters:
    ///   - gradient: of the loss with respect to the output of the last `forward`.
    ///   - gradients: `parameterCount` values, to which dL/dp is added.
    /// - Throws: if the calling thread's `Cancellation` is requested; the gradient is then incomplete.
    /// - Precondition: `forward` was called since the last `run` or `load`, and the sizes match.
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
