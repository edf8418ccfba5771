import CKernels
import Imaging

/// A loss network prepared for images of one size, up to the deepest layer that is needed: forward pass to activations,
/// and backward pass from gradients with respect to activations to gradients with respect to the images.
///
/// A batch of images takes less time than the images one by one, because each layer's weights are transformed once for
/// all of them and small layers use the threads better. All memory is allocated once and reused for each evaluation.
/// Only one thread may use an instance at a time.
public final class LossNetwork {
    /// Width of the images in pixels.
    public let width: Int
    /// Height of the images in pixels.
    public let height: Int
    /// The number of images in a batch.
    public let count: Int
    private let threads: Int32
    private let pooling: Pooling
    private let inputScale: UnsafeMutablePointer<Float>
    private let memory = Memory()
    private let batch: ImageBatch
    /// Blue, green and red of the stacked images.
    private let planes: UnsafeMutablePointer<Float>
    private let plan: LossNetworkPlan
    private let scratch: Scratch

    /// - Parameters:
    ///   - layers: the layers whose activations are needed, in any order. Deeper layers are not computed.
    ///   - width, height: size of the images in pixels, 1...65536.
    ///   - count: the number of images in a batch, 1...4096.
    ///   - threads: the maximum number of threads; 0: one for each processor. The result does not depend on it.
    ///   - gradient: whether `backward` will be called; without it less memory is used.
    /// - Throws: an error if the network does not have a layer, the images are too small for one, an allocation fails,
    ///   or `MemoryLimit` is exceeded.
    public init(
        weights: LossNetworkWeights, layers: [LossLayer], pooling: Pooling, width: Int, height: Int, count: Int = 1,
        threads: Int = 0, gradient: Bool = true
    ) throws(ModelError) {
        try Self.cost(
            weights, layers: layers, pooling: pooling, width: width, height: height, count: count, threads: threads,
            gradient: gradient
        ).check("the loss network at \(width)x\(height)", remedy: "take smaller pictures, or fewer at once")
        self.width = width
        self.height = height
        self.count = count
        self.threads = Int32(threads)
        self.pooling = pooling
        batch = ImageBatch(
            count: count, width: width, height: height, blocks: layers.max()?.block ?? 1)
        (inputScale, planes, plan) = try Self.layOut(
            weights, layers: layers, pooling: pooling, batch: batch, threads: threads, gradient: gradient,
            memory: memory)
        scratch = try Scratch(threads: threads, size: plan.scratchSize)
    }

    /// The memory that this network takes.
    package var cost: PlanCost { memory.cost }

    /// The memory that a loss network would take.
    ///
    /// - Throws: the errors of the initialiser, except for memory.
    package static func cost(
        _ weights: LossNetworkWeights, layers: [LossLayer], pooling: Pooling, width: Int, height: Int, count: Int = 1,
        threads: Int = 0, gradient: Bool = true
    ) throws(ModelError) -> PlanCost {
        if let stranger = layers.first(where: { !weights.kind.layers.contains($0) }) {
            throw ModelError("\(weights.kind) has no layer \(stranger)")
        }
        guard 1...65536 ~= width, 1...65536 ~= height else {
            throw ModelError("a loss network cannot process images of \(width)x\(height)")
        }
        guard 1...4096 ~= count else { throw ModelError("a loss network cannot process a batch of \(count) images") }
        let blocks = layers.max()?.block ?? 1
        if let deepest = layers.max(), min(width, height) >> (blocks - 1) == 0 {
            throw ModelError(
                "an image of \(width)x\(height) is too small for \(deepest): its sides must be "
                    + "\(1 << (blocks - 1)) pixels or more")
        }
        let batch = ImageBatch(count: count, width: width, height: height, blocks: blocks)
        // The layers of the first block are the largest.
        guard (LossNetworkKind.channelsPerBlock[0] / 16) * width * batch.totalHeight <= PlanLimits.vectors else {
            throw ModelError("a loss network cannot process a batch of \(count) images of \(width)x\(height)")
        }
        let memory = Memory(isCostOnly: true)
        _ = try layOut(
            weights, layers: layers, pooling: pooling, batch: batch, threads: threads, gradient: gradient,
            memory: memory)
        return memory.cost
    }

    /// Allocates input scale, planes and plan, and notes the network's other allocations in the memory's cost.
    private static func layOut(
        _ weights: LossNetworkWeights, layers: [LossLayer], pooling: Pooling, batch: ImageBatch, threads: Int,
        gradient: Bool, memory: Memory
    ) throws(ModelError) -> (
        inputScale: UnsafeMutablePointer<Float>, planes: UnsafeMutablePointer<Float>, plan: LossNetworkPlan
    ) {
        let inputScale = try memory.floats(weights.inputScale, count: 16)
        let planes = try memory.floats(3 * batch.width * batch.totalHeight)
        let plan = try LossNetworkPlan(
            weights: weights, layers: Set(layers), pooling: pooling, batch: batch, hasGradient: gradient,
            memory: memory)
        memory.record(Scratch.floats(threads: threads, size: plan.scratchSize))
        // The images and their gradients.
        memory.record(6 * batch.width * batch.count * batch.height)
        return (inputScale, planes, plan)
    }

    /// Evaluates the network and keeps the activations for `features(of:)` and `backward`.
    ///
    /// - Parameters:
    ///   - images: `count` images in network space (blue, green, red minus the mean), of the network's size.
    ///   - deepest: the last layer to compute; `backward` is then not possible. Nil: the deepest layer of the network.
    /// - Throws: if the calling thread's `Cancellation` is requested; it is checked after every layer.
    public func forward(_ images: [Image], upTo deepest: LossLayer? = nil) throws(Cancelled) {
        precondition(images.count == count, "the loss network was made for another number of images")
        let plane = width * batch.totalHeight
        for (index, image) in images.enumerated() {
            precondition(
                image.samples.count == 3 * width * height, "the image has another size than the loss network")
            image.samples.withUnsafeBufferPointer { samples in
                guard let samples = samples.baseAddress else { return }
                for channel in 0..<3 {
                    planes.advanced(by: channel * plane + batch.firstPixel(of: index)).update(
                        from: samples + channel * width * height, count: width * height)
                }
            }
        }
        let starts = (0..<3).map { Optional(UnsafePointer(planes + $0 * plane)) }
        try starts.withUnsafeBufferPointer { (starts) throws(Cancelled) in
            for (index, layer) in plan.layers.enumerated() {
                var convolution = layer.forward
                if index == 0 { convolution.source.planes = starts.baseAddress }
                run(&convolution, layer.weights, isBackward: false)
                try Cancellation.check()
                if layer.layer == deepest { break }
                for step in layer.pooling { pool(step) }
            }
        }
        try Cancellation.check()
    }

    /// The activations of a layer (after ReLU) for one image; nil if the network was not made for this layer.
    ///
    /// Valid until the next `forward`, or until `backward` has passed the layer. Use `copy()` to keep them.
    public func features(of layer: LossLayer, image index: Int = 0) -> FeatureMap? {
        guard let maps = plan.layers.first(where: { $0.layer == layer })?.features, maps.indices.contains(index)
        else { return nil }
        return maps[index]
    }

    /// Computes the gradients of the losses in `add` with respect to the images of the last `forward`. Each call needs
    /// a new `forward`.
    ///
    /// - Parameters:
    ///   - gradients: overwritten; one for each image, of its size.
    ///   - add: called for each of the network's `layers`, the deepest first, and each image. It adds the gradient of
    ///     the layer's losses with respect to its activations `features` to `gradient`, which holds that of the deeper
    ///     layers.
    /// - Throws: what `add` throws, and if the calling thread's `Cancellation` is requested; the gradients are then
    ///   incomplete.
    /// - Precondition: the network was made with a gradient.
    public func backward(
        into gradients: inout [Image],
        _ add: (_ image: Int, _ layer: LossLayer, _ features: FeatureMap, _ gradient: FeatureMap) throws -> Void
    ) throws {
        precondition(gradients.count == count, "the loss network was made for another number of images")
        guard let imageGradient = plan.imageGradient else {
            preconditionFailure("the loss network was made without a gradient")
        }
        for (index, layer) in plan.layers.enumerated().reversed() {
            guard var convolution = layer.backward else { continue }
            for (image, gradient) in layer.gradients.enumerated() {
                if !layer.pooling.isEmpty {
                    unpool(layer.pooling[image], into: gradient)
                } else if index == plan.layers.count - 1 {
                    gradient.clear()
                }
                try add(image, layer.layer, layer.features[image], gradient)
            }
            run(&convolution, layer.weights, isBackward: true)
            try Cancellation.check()
        }
        for index in gradients.indices {
            precondition(
                gradients[index].samples.count == 3 * width * height,
                "the gradient has another size than the loss network")
            var map = feature_map(
                values: imageGradient + batch.firstPixel(of: index) * 16, blocks: 1, height: Int32(height),
                width: Int32(width), stride: width * batch.totalHeight)
            gradients[index].samples.withUnsafeMutableBufferPointer { samples in
                feature_unblock(&map, 3, inputScale, samples.baseAddress, threads)
            }
        }
        try Cancellation.check()
    }

    private func run(
        _ convolution: inout LossNetworkPlan.Convolution, _ weights: LossNetworkWeights.Convolution, isBackward: Bool
    ) {
        weights.weight.withUnsafeBufferPointer { weight in
            var raw = blocked_raw_weights(
                weight: weight.baseAddress, outputs: Int32(weights.outputs), inputs: Int32(weights.inputs),
                is_backward: isBackward ? 1 : 0)
            blocked_convolve_raw_weights(
                &raw, &convolution.source, &convolution.target, plan.work, scratch.threads, threads)
        }
    }

    private func pool(_ step: LossNetworkPlan.PoolingStep) {
        var (values, pooled) = (step.values, step.pooled)
        switch pooling {
        case .max: feature_pool_maximum(&values, &pooled, step.mask, threads)
        case .average: feature_pool_average(&values, &pooled, threads)
        }
    }

    private func unpool(_ step: LossNetworkPlan.PoolingStep, into gradient: FeatureMap) {
        guard var pooled = step.pooledGradient else { return }
        var map = gradient.map
        switch pooling {
        case .max: feature_unpool_maximum(&pooled, step.mask, &map, threads)
        case .average: feature_unpool_average(&pooled, &map, threads)
        }
    }
}

/// Evaluation of a single image.
extension LossNetwork {
    /// Evaluates the network and keeps the activations for `features(of:)` and `backward`.
    ///
    /// - Parameter image: in network space (blue, green, red minus the mean).
    /// - Throws: if the calling thread's `Cancellation` is requested.
    /// - Precondition: the image has the network's size, and `count` is 1.
    public func forward(_ image: Image) throws(Cancelled) { try forward([image]) }

    /// Computes the gradient of the losses in `add` with respect to the image of the last `forward`, as for a batch.
    ///
    /// - Throws: what `add` throws, and if the calling thread's `Cancellation` is requested.
    /// - Precondition: `count` is 1.
    public func backward(
        into gradient: inout Image,
        _ add: (_ layer: LossLayer, _ features: FeatureMap, _ gradient: FeatureMap) throws -> Void
    ) throws {
        var gradients = [Image(width: 0, height: 0)]
        swap(&gradients[0], &gradient)
        defer { swap(&gradients[0], &gradient) }
        try backward(into: &gradients) { _, layer, features, gradient in try add(layer, features, gradient) }
    }
}
