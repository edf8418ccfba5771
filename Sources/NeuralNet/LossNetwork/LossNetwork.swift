import CKernels
import Imaging

/// The part of a loss network that the losses of pictures need, made ready for pictures of one size: activations, and the gradient of
/// what is made of them with respect to the pictures.
///
/// Several pictures are evaluated at once in less time than one after the other, as each layer's weights are made ready once for all and small
/// layers become larger ones. All memory is laid out once and used again for each evaluation, so that an instance serves one thread at a time.
public final class LossNetwork {
    public let width: Int
    public let height: Int
    /// The pictures that are evaluated at once.
    public let count: Int
    private let threads: Int32
    private let pooling: Pooling
    private let inputScale: UnsafeMutablePointer<Float>
    private let memory = Memory()
    private let pictures: PictureStack
    /// Blue, green and red of all pictures.
    private let planes: UnsafeMutablePointer<Float>
    private let plan: LossNetworkPlan
    private let scratch: Scratch

    /// - Parameters:
    ///   - layers: those whose activations are wanted, in any order; nothing deeper than them is computed.
    ///   - width: of the pictures, in pixels; so is the height.
    ///   - count: the pictures that are evaluated at once, at least 1.
    ///   - threads: at most so many compute; 0: one for each processor. The result does not depend on it.
    ///   - gradient: whether `backward` will be called; without it less memory is used.
    /// - Throws: an error if a layer is none of the network's, pooling leaves nothing of so small a picture, or it takes more memory
    ///   than there is or than `MemoryLimit` allows.
    public init(
        weights: LossNetworkWeights, layers: [LossLayer], pooling: Pooling, width: Int, height: Int, count: Int = 1,
        threads: Int = 0, gradient: Bool = true
    ) throws(ModelError) {
        try Self.price(
            weights, layers: layers, pooling: pooling, width: width, height: height, count: count, threads: threads,
            gradient: gradient
        ).check("the loss network at \(width)x\(height)", remedy: "take smaller pictures, or fewer at once")
        self.width = width
        self.height = height
        self.count = count
        self.threads = Int32(threads)
        self.pooling = pooling
        pictures = PictureStack(
            count: count, width: width, height: height, blocks: layers.max()?.block ?? 1)
        (inputScale, planes, plan) = try Self.layOut(
            weights, layers: layers, pooling: pooling, pictures: pictures, threads: threads, gradient: gradient,
            memory: memory)
        scratch = try Scratch(threads: threads, size: plan.scratchSize)
    }

    /// The memory that it takes.
    package var price: PlanPrice { memory.price }

    /// The memory that a loss network will take.
    ///
    /// - Throws: an error if there can be none, as for the network itself.
    package static func price(
        _ weights: LossNetworkWeights, layers: [LossLayer], pooling: Pooling, width: Int, height: Int, count: Int = 1,
        threads: Int = 0, gradient: Bool = true
    ) throws(ModelError) -> PlanPrice {
        if let stranger = layers.first(where: { !weights.kind.layers.contains($0) }) {
            throw ModelError("\(weights.kind) has no layer \(stranger)")
        }
        guard 1...65536 ~= width, 1...65536 ~= height else {
            throw ModelError("a loss network cannot work on pictures of \(width)x\(height)")
        }
        guard 1...4096 ~= count else { throw ModelError("a loss network cannot work on \(count) pictures at once") }
        let blocks = layers.max()?.block ?? 1
        if let deepest = layers.max(), min(width, height) >> (blocks - 1) == 0 {
            throw ModelError(
                "nothing is left of a picture of \(width)x\(height) at \(deepest): its sides must be "
                    + "\(1 << (blocks - 1)) pixels or more")
        }
        let pictures = PictureStack(count: count, width: width, height: height, blocks: blocks)
        // The first block's channels are the most values that a layer has.
        guard (LossNetworkKind.channelsPerBlock[0] / 16) * width * pictures.totalHeight <= PlanLimits.vectors else {
            throw ModelError("a loss network cannot work on \(count) pictures of \(width)x\(height) at once")
        }
        let memory = Memory(isPriceOnly: true)
        _ = try layOut(
            weights, layers: layers, pooling: pooling, pictures: pictures, threads: threads, gradient: gradient,
            memory: memory)
        return memory.price
    }

    /// Scale of the input, planes and plan, with what else a network takes noted in the memory's price.
    private static func layOut(
        _ weights: LossNetworkWeights, layers: [LossLayer], pooling: Pooling, pictures: PictureStack, threads: Int,
        gradient: Bool, memory: Memory
    ) throws(ModelError) -> (
        inputScale: UnsafeMutablePointer<Float>, planes: UnsafeMutablePointer<Float>, plan: LossNetworkPlan
    ) {
        let inputScale = try memory.floats(weights.inputScale, count: 16)
        let planes = try memory.floats(3 * pictures.width * pictures.totalHeight)
        let plan = try LossNetworkPlan(
            weights: weights, layers: Set(layers), pooling: pooling, pictures: pictures, hasGradient: gradient,
            memory: memory)
        memory.note(Scratch.floats(threads: threads, size: plan.scratchSize))
        // The pictures, and their gradients.
        memory.note(6 * pictures.width * pictures.count * pictures.height)
        return (inputScale, planes, plan)
    }

    /// Evaluates the network, and keeps what `features(of:)` and `backward` will ask for.
    ///
    /// - Parameters:
    ///   - images: `count` of them, in network space (blue, green, red minus the mean), of the network's size.
    ///   - deepest: nothing is computed beyond this layer; then there is no way back. Nil: all that the network was made for.
    /// - Throws: where the calling thread's `Cancellation` is requested, after the layer at hand at the latest.
    public func forward(_ images: [Image], upTo deepest: LossLayer? = nil) throws(Cancelled) {
        precondition(images.count == count, "the loss network was made for another number of pictures")
        let plane = width * pictures.totalHeight
        for (picture, image) in images.enumerated() {
            precondition(
                image.samples.count == 3 * width * height, "the picture has another size than the loss network")
            image.samples.withUnsafeBufferPointer { samples in
                guard let samples = samples.baseAddress else { return }
                for channel in 0..<3 {
                    planes.advanced(by: channel * plane + pictures.firstPixel(of: picture)).update(
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

    /// The rectified activations of a layer for one of the pictures; nil if it is none of the layers that the network was made for.
    ///
    /// Valid until the next `forward` or until `backward` has gone past the layer; `copy()` what must live longer.
    public func features(of layer: LossLayer, picture: Int = 0) -> FeatureMap? {
        guard let own = plan.layers.first(where: { $0.layer == layer }), own.features.indices.contains(picture) else {
            return nil
        }
        return own.features[picture]
    }

    /// The gradients with respect to the pictures of the last `forward`, of whatever losses `add` knows. A second call needs another
    /// `forward` before it.
    ///
    /// - Parameters:
    ///   - gradients: are overwritten; one for each picture, of its size.
    ///   - add: called for each of the network's `layers`, the deepest first, and there for each picture. Adds to `gradient` the gradient of the
    ///     losses at that layer with respect to its activations, `features`; what deeper layers gave is already in it.
    /// - Throws: what `add` throws, and where the calling thread's `Cancellation` is requested; then the gradients have gaps.
    /// - Precondition: the network was made with a gradient.
    public func backward(
        into gradients: inout [Image],
        _ add: (_ picture: Int, _ layer: LossLayer, _ features: FeatureMap, _ gradient: FeatureMap) throws -> Void
    ) throws {
        precondition(gradients.count == count, "the loss network was made for another number of pictures")
        guard let pictureGradient = plan.pictureGradient else {
            preconditionFailure("the loss network was made without a gradient")
        }
        for (index, layer) in plan.layers.enumerated().reversed() {
            guard var convolution = layer.backward else { continue }
            for (picture, own) in layer.gradients.enumerated() {
                if !layer.pooling.isEmpty {
                    unpool(layer.pooling[picture], into: own)
                } else if index == plan.layers.count - 1 {
                    own.clear()
                }
                try add(picture, layer.layer, layer.features[picture], own)
            }
            run(&convolution, layer.weights, isBackward: true)
            try Cancellation.check()
        }
        for picture in gradients.indices {
            precondition(
                gradients[picture].samples.count == 3 * width * height,
                "the gradient has another size than the loss network")
            var map = feature_map(
                values: pictureGradient + pictures.firstPixel(of: picture) * 16, blocks: 1, height: Int32(height),
                width: Int32(width), stride: width * pictures.totalHeight)
            gradients[picture].samples.withUnsafeMutableBufferPointer { samples in
                feature_unblock(&map, 3, inputScale, samples.baseAddress, threads)
            }
        }
        try Cancellation.check()
    }

    private func run(
        _ convolution: inout LossNetworkPlan.Convolution, _ weights: LossNetworkWeights.Convolution, isBackward: Bool
    ) {
        weights.weight.withUnsafeBufferPointer { weight in
            var filters = blocked_filters(
                weight: weight.baseAddress, outputs: Int32(weights.outputs), inputs: Int32(weights.inputs),
                is_backward: isBackward ? 1 : 0)
            blocked_convolve_filters(
                &filters, &convolution.source, &convolution.target, plan.work, scratch.threads, threads)
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

/// One picture alone.
extension LossNetwork {
    /// Evaluates the network, and keeps what `features(of:)` and `backward` will ask for.
    ///
    /// - Parameter image: in network space (blue, green, red minus the mean).
    /// - Throws: as for several.
    /// - Precondition: it has the network's size, and the network was made for one.
    public func forward(_ image: Image) throws(Cancelled) { try forward([image]) }

    /// The gradient with respect to the picture of the last `forward`, of whatever losses `add` knows, as for several.
    ///
    /// - Throws: as for several.
    /// - Precondition: the network was made for one picture.
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
