import CKernels
import Imaging

/// A model prepared to stylize frames of one size.
///
/// All memory is allocated once and reused for each frame. Only one thread may use an instance at a time.
public final class Network {
    /// Width of the frames in pixels.
    public let width: Int
    /// Height of the frames in pixels.
    public let height: Int
    let threads: Int
    private let takesPrior: Bool
    let memory = Memory()
    let plan: NetworkPlan
    private let scratch: Scratch
    /// Called after each step with its index; for tests.
    package var observer: ((_ step: Int) -> Void)?
    /// The instance-norm statistics of the last image.
    public private(set) var statistics = InstanceNormStatistics()
    private var priorInput: PriorInput

    /// - Parameters:
    ///   - width, height: size of the frames in pixels, 1...65536.
    ///   - threads: the maximum number of threads; 0: one for each processor. The result does not depend on it.
    /// - Throws: an error if the output would not have the frame's size, the network is too large, an allocation fails,
    ///   or `MemoryLimit` is exceeded.
    public convenience init(model: Model, width: Int, height: Int, threads: Int = 0) throws(ModelError) {
        try Self.cost(of: model.description, width: width, height: height, threads: threads)
            .check("the network at \(width)x\(height)", remedy: "take smaller frames, a smaller scale or another model")
        try self.init(
            model.description, weights: model.weights, width: width, height: height, threads: threads, retains: false)
        priorInput.fill(with: model.texture)
    }

    /// The memory that this network takes.
    package var cost: PlanCost { memory.cost }

    /// The memory that a network would take.
    ///
    /// - Throws: the errors of the initialiser, except for memory.
    package static func cost(
        of description: ModelDescription, width: Int, height: Int, threads: Int = 0
    ) throws(ModelError) -> PlanCost {
        let memory = Memory(isCostOnly: true)
        _ = try plan(
            description, weights: emptyWeights(of: description), width: width, height: height, threads: threads,
            memory: memory, retains: false, owner: nil)
        return memory.cost
    }

    /// - Parameters:
    ///   - retains: whether all activations are kept until the next frame, for the backward pass.
    ///   - other: a network of the same model and size whose weights are shared. It must outlive this one.
    init(
        _ description: ModelDescription, weights: [LayerWeights], width: Int, height: Int, threads: Int,
        retains: Bool, sharingWeightsOf other: Network? = nil
    ) throws(ModelError) {
        self.width = width
        self.height = height
        self.threads = threads
        takesPrior = description.kind == .video
        plan = try Self.plan(
            description, weights: weights, width: width, height: height, threads: threads, memory: memory,
            retains: retains, owner: other?.plan)
        scratch = try Scratch(threads: threads, size: plan.scratchSize)
        priorInput = PriorInput(description, width: width, height: height, threads: threads)
    }

    /// Sets what the network sees where a prior is uncertain, if the model's fill is `texture`.
    ///
    /// - Parameter texture: in network space.
    /// - Precondition: it has the network's size.
    func fill(with texture: Image) { priorInput.fill(with: texture) }

    /// Replaces the instance-norm parameters and the texture: the style, in a model of several styles.
    ///
    /// - Parameter model: of the same architecture, with any weights; only its style is used.
    /// - Precondition: the architectures are the same.
    public func setNorms(of model: Model) {
        let norms = model.weights.flatMap(\.convolutions).compactMap(\.norm)
        let steps = plan.steps.compactMap(\.norm)
        precondition(norms.count == steps.count, "the model has another architecture")
        for (step, norm) in zip(steps, norms) {
            step.gamma.update(from: norm.scale, count: norm.scale.count)
            step.beta.update(from: norm.shift, count: norm.shift.count)
        }
        priorInput.fill(with: model.texture)
    }

    /// Makes the plan, and notes the network's other allocations in the memory's cost.
    static func plan(
        _ description: ModelDescription, weights: [LayerWeights], width: Int, height: Int, threads: Int,
        memory: Memory, retains: Bool, owner: NetworkPlan?
    ) throws(ModelError) -> NetworkPlan {
        guard 1...65536 ~= width, 1...65536 ~= height else {
            throw ModelError("a network cannot work on frames of \(width)x\(height)")
        }
        let plan = try NetworkPlan(
            description, weights: weights, width: width, height: height, memory: memory, retains: retains,
            sharingWeightsOf: owner)
        memory.record(Scratch.floats(threads: threads, size: plan.scratchSize))
        // Planes: certainty (1), frame, prior and output (3 each).
        memory.record(width * height * (10 + PriorInput.planes(of: description)))
        return plan
    }

    /// Stylizes one frame. All images are in network space (blue, green, red minus the mean) and have the network's
    /// size.
    ///
    /// - Parameters:
    ///   - prior: the previous stylized frame, warped, multiplied by the certainty and filled. Without a prior or a
    ///     certainty the frame is stylized on its own. An `image` model ignores both.
    ///   - certainty: the weight of each pixel of the prior, 0 to 1.
    ///   - coherence: added to the gate's logit in a gated model; values above 0 show more of the prior.
    ///   - others: instance-norm statistics of other images, from a network of the same architecture. They are pooled
    ///     with those of this image.
    /// - Returns: the stylized frame before clamping: values within plus or minus the output scale, or of the prior.
    /// - Throws: if the calling thread's `Cancellation` is requested; it is checked after every layer.
    /// - Precondition: all images have the network's size.
    public func run(
        frame: Image, prior: Image? = nil, certainty: Plane<Float>? = nil, coherence: Float = 0,
        beside others: [InstanceNormStatistics] = []
    ) throws(Cancelled) -> Image {
        var result: Result<Void, Cancelled> = .success(())
        let image = Image(width: width, height: height) { image in
            result = Result { () throws(Cancelled) in
                try run(
                    index: 0, of: 1, frame, prior: prior, certainty: certainty, coherence: coherence, beside: others,
                    into: image)
            }
        }
        try result.get()
        return image
    }

    /// Stylizes one image of a batch, as ``run(frame:prior:certainty:coherence:beside:)`` does.
    ///
    /// - Parameters:
    ///   - index: index of the image in the batch.
    ///   - frame: that image alone.
    ///   - prior, certainty: those of the whole batch.
    ///   - textureOffset: the part of the style's texture that the image shows where it has no prior.
    ///   - output: the batch of outputs; only the rows of image `index` are written.
    /// - Throws: if the calling thread's `Cancellation` is requested; the rows are then incomplete.
    /// - Precondition: `frame` has the network's size; prior, certainty and output have its width and a multiple of
    ///   its height.
    public func run(
        index: Int, _ frame: Image, prior: Image? = nil, certainty: Plane<Float>? = nil, coherence: Float = 0,
        beside others: [InstanceNormStatistics] = [], textureOffset: TextureOffset = TextureOffset(),
        into output: inout Image
    ) throws(Cancelled) {
        let count = output.height / height
        precondition(
            output.width == width && output.height == count * height && output.channels == 3
                && (0..<count).contains(index), "the output is not a batch of images of the network's size")
        try output.samples.withUnsafeMutableBufferPointer { (samples) throws(Cancelled) in
            try run(
                index: index, of: count, frame, prior: prior, certainty: certainty, coherence: coherence,
                beside: others, textureOffset: textureOffset, into: samples)
        }
    }

    private func run(
        index: Int, of count: Int, _ frame: Image, prior: Image?, certainty: Plane<Float>?, coherence: Float,
        beside others: [InstanceNormStatistics], textureOffset: TextureOffset = TextureOffset(),
        into output: UnsafeMutableBufferPointer<Float>
    ) throws(Cancelled) {
        var collected = InstanceNormStatistics()
        try withPlanes(
            frame: frame, prior: prior, certainty: certainty, index: index, of: count, textureOffset: textureOffset
        ) {
            (planes, prior, certainty) throws(Cancelled) in
            for (number, step) in plan.steps.enumerated() {
                var source = step.source
                if step.readsInput { source.planes = planes }
                run(step, &source, beside: others, collected: &collected)
                observer?(number)
                try Cancellation.check()
            }
            var last = plan.image
            last.prior = prior
            last.certainty = certainty
            last.coherence = coherence
            last.image = output.baseAddress.map { $0 + index * frame.pixelCount }
            last.plane = count * frame.pixelCount
            blocked_finish_image(&last, Int32(threads))
        }
        try Cancellation.check()
        statistics = collected
    }

    /// Calls `body` with the planes of the network's input, and with the prior and certainty if both are given. Those
    /// are taken from image `index` of a batch of `count` images.
    func withPlanes(
        frame: Image, prior: Image?, certainty: Plane<Float>?, index: Int = 0, of count: Int = 1,
        textureOffset: TextureOffset = TextureOffset(),
        _ body: (
            _ planes: UnsafePointer<UnsafePointer<Float>?>?, _ prior: UnsafePointer<Float>?,
            _ certainty: UnsafePointer<Float>?
        ) throws(Cancelled) -> Void
    ) throws(Cancelled) {
        precondition(
            frame.width == width && frame.height == height && frame.channels == 3,
            "the frame has another size than the network")
        let (pixels, first) = (frame.pixelCount, index * frame.pixelCount)
        func planes(_ samples: UnsafeBufferPointer<Float>, from first: Int, apart: Int) -> [UnsafePointer<Float>?] {
            (0..<3).map { plane in samples.baseAddress.map { $0 + plane * apart + first } }
        }
        try frame.samples.withUnsafeBufferPointer { (frame) throws(Cancelled) in
            let frame = planes(frame, from: 0, apart: pixels)
            guard takesPrior, let prior, let certainty else {
                try priorInput.missing(textureOffset).withUnsafeBufferPointer { (missing) throws(Cancelled) in
                    let rest = (0..<(takesPrior ? 4 : 0)).map { plane in missing.baseAddress.map { $0 + plane * pixels }
                    }
                    try (frame + rest).withUnsafeBufferPointer { (inputs) throws(Cancelled) in
                        try body(inputs.baseAddress, nil, nil)
                    }
                }
                return
            }
            precondition(
                prior.samples.count == 3 * count * pixels && certainty.values.count == count * pixels,
                "the prior has another size than the network")
            let filled = priorInput.planes(of: prior, certainty, index: index, of: count, offset: textureOffset)
            try filled.withUnsafeBufferPointer { (prior) throws(Cancelled) in
                try certainty.values.withUnsafeBufferPointer { (certainty) throws(Cancelled) in
                    let certainty = certainty.baseAddress.map { $0 + first }
                    let prior = planes(prior, from: first, apart: count * pixels)
                    try (frame + prior + [certainty]).withUnsafeBufferPointer { (inputs) throws(Cancelled) in
                        try body(inputs.baseAddress, prior[0], certainty)
                    }
                }
            }
        }
    }

    private func run(
        _ step: Step, _ source: inout blocked_source, beside others: [InstanceNormStatistics],
        collected: inout InstanceNormStatistics
    ) {
        switch step.work {
        case .copy:
            blocked_materialize(&source, step.target.values, Int32(threads))
        case .convolution(var kernel, let weights, let norm):
            var target = step.target
            blocked_convolve(&kernel, &source, &target, weights, scratch.threads, Int32(threads))
            guard let norm else { return }
            let moments = ChannelMoments(of: target, chunks: norm.chunks)
            let layer = collected.layers.count
            collected.layers.append(moments)
            let pooled = ChannelMoments(pooling: [moments] + others.compactMap { $0.moments(of: layer, like: moments) })
            pooled.normalize(norm.gamma, norm.beta, scale: norm.scale, shift: norm.shift)
        }
    }
}
