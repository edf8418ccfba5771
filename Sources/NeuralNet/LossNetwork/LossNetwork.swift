import CKernels
import Imaging

/// The part of a loss network that a picture's losses need, made ready for pictures of one size: activations, and the gradient of
/// what is made of them with respect to the picture.
///
/// Its memory is laid out once and used again for each evaluation, so that an instance serves one thread at a time.
public final class LossNetwork {
    public let width: Int
    public let height: Int
    private let threads: Int32
    private let pooling: Pooling
    private let inputScale: UnsafeMutablePointer<Float>
    private let memory = Memory()
    private let plan: LossNetworkPlan
    private let scratch: OpaquePointer

    /// - Parameters:
    ///   - layers: those whose activations are wanted, in any order; nothing deeper than them is computed.
    ///   - width: of the pictures, in pixels; so is the height.
    ///   - threads: at most so many compute; 0: one for each processor. The result does not depend on it.
    ///   - gradient: whether `backward` will be called; without it less memory is used.
    /// - Throws: an error if a layer is none of the network's, pooling leaves nothing of so small a picture, or there is not
    ///   enough memory.
    public init(
        weights: LossNetworkWeights, layers: [LossLayer], pooling: Pooling, width: Int, height: Int, threads: Int = 0,
        gradient: Bool = true
    ) throws(ModelError) {
        if let stranger = layers.first(where: { !weights.kind.layers.contains($0) }) {
            throw ModelError("\(weights.kind) has no layer \(stranger)")
        }
        guard 1...65536 ~= width, 1...65536 ~= height else {
            throw ModelError("a loss network cannot work on pictures of \(width)x\(height)")
        }
        if let deepest = layers.max(), min(width, height) >> (deepest.block - 1) == 0 {
            throw ModelError(
                "nothing is left of a picture of \(width)x\(height) at \(deepest): its sides must be "
                    + "\(1 << (deepest.block - 1)) pixels or more")
        }
        self.width = width
        self.height = height
        self.threads = Int32(threads)
        self.pooling = pooling
        inputScale = try memory.floats(weights.inputScale, count: 16)
        plan = try LossNetworkPlan(
            weights: weights, layers: Set(layers), pooling: pooling, width: width, height: height,
            hasGradient: gradient, memory: memory)
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
    /// - Parameter image: in network space (blue, green, red minus the mean).
    /// - Precondition: it has the network's size.
    public func forward(_ image: Image) {
        precondition(image.samples.count == 3 * width * height, "the picture has another size than the loss network")
        image.samples.withUnsafeBufferPointer { samples in
            let planes = (0..<3).map { plane in
                samples.baseAddress.map { [offset = plane * width * height] in $0 + offset }
            }
            planes.withUnsafeBufferPointer { planes in
                for index in plan.layers.indices {
                    let layer = plan.layers[index]
                    var convolution = layer.forward
                    if index == 0 { convolution.source.planes = planes.baseAddress }
                    run(&convolution, layer.weights, isBackward: false)
                    if let step = layer.pooling { pool(step) }
                }
            }
        }
    }

    /// The rectified activations of a layer; nil if it is none of those that the network was made for.
    ///
    /// Valid until the next `forward` or until `backward` has gone past the layer; `copy()` what must live longer.
    public func features(of layer: LossLayer) -> FeatureMap? {
        plan.layers.first { $0.layer == layer }?.features
    }

    /// The gradient with respect to the picture of the last `forward`, of whatever losses `add` knows. A second call needs another
    /// `forward` before it.
    ///
    /// - Parameters:
    ///   - gradient: is overwritten; of the picture's size.
    ///   - add: called for each of the network's `layers`, the deepest first. Adds to `gradient` the gradient of the losses at that
    ///     layer with respect to its activations, `features`; what deeper layers gave is already in it.
    /// - Precondition: the network was made with a gradient.
    public func backward(
        into gradient: inout Image,
        _ add: (_ layer: LossLayer, _ features: FeatureMap, _ gradient: FeatureMap) -> Void
    ) {
        precondition(
            gradient.samples.count == 3 * width * height, "the gradient has another size than the loss network")
        guard let pictureGradient = plan.pictureGradient else {
            preconditionFailure("the loss network was made without a gradient")
        }
        for (index, layer) in plan.layers.enumerated().reversed() {
            guard var convolution = layer.backward else { continue }
            if let features = layer.features, let own = layer.gradient {
                if let step = layer.pooling {
                    unpool(step, into: own)
                } else if index == plan.layers.count - 1 {
                    own.clear()
                }
                add(layer.layer, features, own)
            }
            run(&convolution, layer.weights, isBackward: true)
        }
        gradient.samples.withUnsafeMutableBufferPointer { samples in
            feature_unblock(pictureGradient, 3, Int32(width * height), inputScale, samples.baseAddress, threads)
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
        switch pooling {
        case .max:
            feature_pool_maximum(
                step.values, step.blocks, step.height, step.width, step.pooled, step.mask, threads)
        case .average:
            feature_pool_average(step.values, step.blocks, step.height, step.width, step.pooled, threads)
        }
    }

    private func unpool(_ step: LossNetworkPlan.PoolingStep, into gradient: FeatureMap) {
        switch pooling {
        case .max:
            feature_unpool_maximum(
                step.pooledGradient, step.mask, step.blocks, step.height, step.width, gradient.values, threads)
        case .average:
            feature_unpool_average(
                step.pooledGradient, step.blocks, step.height, step.width, gradient.values, threads)
        }
    }
}
