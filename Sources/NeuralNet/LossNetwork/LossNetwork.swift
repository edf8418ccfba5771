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
    private let scratch: OpaquePointer

    /// - Parameters:
    ///   - layers: those whose activations are wanted, in any order; nothing deeper than them is computed.
    ///   - width: of the pictures, in pixels; so is the height.
    ///   - count: the pictures that are evaluated at once, at least 1.
    ///   - threads: at most so many compute; 0: one for each processor. The result does not depend on it.
    ///   - gradient: whether `backward` will be called; without it less memory is used.
    /// - Throws: an error if a layer is none of the network's, pooling leaves nothing of so small a picture, or there is not
    ///   enough memory.
    public init(
        weights: LossNetworkWeights, layers: [LossLayer], pooling: Pooling, width: Int, height: Int, count: Int = 1,
        threads: Int = 0, gradient: Bool = true
    ) throws(ModelError) {
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
        self.width = width
        self.height = height
        self.count = count
        self.threads = Int32(threads)
        self.pooling = pooling
        pictures = PictureStack(count: count, width: width, height: height, blocks: blocks)
        inputScale = try memory.floats(weights.inputScale, count: 16)
        planes = try memory.floats(3 * width * pictures.totalHeight)
        plan = try LossNetworkPlan(
            weights: weights, layers: Set(layers), pooling: pooling, pictures: pictures, hasGradient: gradient,
            memory: memory)
        guard let scratch = blocked_scratch_create(Int32(threads), plan.scratchSize) else {
            throw ModelError("there is not enough memory for the loss network at \(width)x\(height)")
        }
        self.scratch = scratch
    }

    deinit {
        blocked_scratch_destroy(scratch)
    }

    /// Evaluates the network, and keeps what `features(of:)` and `backward` will ask for.
    ///
    /// - Parameters:
    ///   - images: `count` of them, in network space (blue, green, red minus the mean), of the network's size.
    ///   - deepest: nothing is computed beyond this layer; then there is no way back. Nil: all that the network was made for.
    public func forward(_ images: [Image], upTo deepest: LossLayer? = nil) {
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
        starts.withUnsafeBufferPointer { starts in
            for (index, layer) in plan.layers.enumerated() {
                var convolution = layer.forward
                if index == 0 { convolution.source.planes = starts.baseAddress }
                run(&convolution, layer.weights, isBackward: false)
                if layer.layer == deepest { break }
                for step in layer.pooling { pool(step) }
            }
        }
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
    /// - Precondition: the network was made with a gradient.
    public func backward(
        into gradients: inout [Image],
        _ add: (_ picture: Int, _ layer: LossLayer, _ features: FeatureMap, _ gradient: FeatureMap) -> Void
    ) {
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
                add(picture, layer.layer, layer.features[picture], own)
            }
            run(&convolution, layer.weights, isBackward: true)
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
    }

    private func run(
        _ convolution: inout LossNetworkPlan.Convolution, _ weights: LossNetworkWeights.Convolution, isBackward: Bool
    ) {
        weights.weight.withUnsafeBufferPointer { weight in
            var filters = blocked_filters(
                weight: weight.baseAddress, outputs: Int32(weights.outputs), inputs: Int32(weights.inputs),
                is_backward: isBackward ? 1 : 0)
            blocked_convolve_filters(
                &filters, &convolution.source, &convolution.target, plan.work, scratch, threads)
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
    /// - Precondition: it has the network's size, and the network was made for one.
    public func forward(_ image: Image) { forward([image]) }

    /// The gradient with respect to the picture of the last `forward`, of whatever losses `add` knows, as for several.
    ///
    /// - Precondition: the network was made for one picture.
    public func backward(
        into gradient: inout Image,
        _ add: (_ layer: LossLayer, _ features: FeatureMap, _ gradient: FeatureMap) -> Void
    ) {
        var gradients = [Image(width: 0, height: 0)]
        swap(&gradients[0], &gradient)
        backward(into: &gradients) { _, layer, features, gradient in add(layer, features, gradient) }
        swap(&gradients[0], &gradient)
    }
}
