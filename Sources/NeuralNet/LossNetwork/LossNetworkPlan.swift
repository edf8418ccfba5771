import CKernels

/// A loss network laid out for one picture size: its layers with all their memory.
///
/// Forward, a convolution adds its bias, rectifies, and notes in a mask which channels of which pixels are above 0. That mask, 1/32
/// of the activations, is all that the way back needs of a layer; only layers that a loss looks at keep their activations.
/// Backward, the next convolution's gradient enters through the mask.
struct LossNetworkPlan {
    /// One convolution, and the pooling that follows it.
    struct Layer {
        let layer: LossLayer
        fileprivate(set) var forward: Convolution
        fileprivate(set) var backward: Convolution?
        /// The rectified output, where a loss looks at it.
        fileprivate(set) var features: FeatureMap?
        /// The gradient with respect to the rectified output.
        fileprivate(set) var gradient: FeatureMap?
        fileprivate(set) var pooling: PoolingStep?
    }

    struct Convolution {
        var kernel: blocked_kernel
        var source: blocked_source
        var target: blocked_target
        let weights: UnsafeMutablePointer<Float>
    }

    struct PoolingStep {
        var blocks: Int32
        /// Of what is pooled.
        var height: Int32
        var width: Int32
        var values: UnsafeMutablePointer<Float>
        var pooled: UnsafeMutablePointer<Float>
        /// Which of the values are their square's maximum; nil for the average, and where there is no way back.
        var mask: UnsafeMutablePointer<UInt16>?
        var pooledGradient: UnsafeMutablePointer<Float>?
    }

    private(set) var layers: [Layer] = []
    private(set) var scratchSize = 0
    /// The first 16 channels of the gradient with respect to the picture that enters the first convolution.
    private(set) var pictureGradient: UnsafeMutablePointer<Float>?

    /// The steps in time, for the tensors' lifetimes: forward 2i and, pooling, 2i + 1; backward in the opposite order.
    private struct Clock {
        let count: Int

        func forward(_ index: Int) -> Int { 2 * index }
        func pool(_ index: Int) -> Int { 2 * index + 1 }
        func unpool(_ index: Int) -> Int { 4 * count - 2 * index - 1 }
        func backward(_ index: Int) -> Int { 4 * count - 2 * index }
        var end: Int { 4 * count + 1 }
    }

    /// The tensors of one layer, by their numbers in the plan.
    private struct Tensors {
        var output = 0
        var mask: Int?
        var pooled: Int?
        var poolingMask: Int?
        var gradient: Int?
        var pooledGradient: Int?
    }

    init(
        weights: LossNetworkWeights, layers wanted: Set<LossLayer>, pooling: Pooling, width: Int, height: Int,
        hasGradient: Bool, memory: Memory
    ) throws(ModelError) {
        guard let deepest = wanted.max(), let depth = weights.kind.layers.firstIndex(of: deepest) else {
            throw ModelError("a loss network is evaluated for at least one of its layers")
        }
        let sequence = weights.kind.layers[...depth]
        let clock = Clock(count: sequence.count)
        var plan = TensorPlan()
        var tensors: [Tensors] = []

        // The tensors and how long each is needed.
        for (index, layer) in sequence.enumerated() {
            let shift = layer.block - 1
            let pixels = (width >> shift) * (height >> shift)
            let channels = weights.convolutions[index].outputs
            let pools = index + 1 < sequence.count && sequence[index + 1].block > layer.block
            var own = Tensors()
            own.output = plan.add(size: channels * pixels, writtenBy: clock.forward(index))
            plan.read(own.output, by: pools ? clock.pool(index) : clock.forward(index + 1))
            if wanted.contains(layer) { plan.read(own.output, by: hasGradient ? clock.backward(index) : clock.end) }
            let pooledPixels = (width >> (shift + 1)) * (height >> (shift + 1))
            if pools {
                let pooled = plan.add(size: channels * pooledPixels, writtenBy: clock.pool(index))
                plan.read(pooled, by: clock.forward(index + 1))
                own.pooled = pooled
            }
            if hasGradient {
                let mask = plan.add(size: (channels * pixels / 16 + 1) / 2, writtenBy: clock.forward(index))
                plan.read(mask, by: clock.backward(index))
                own.mask = mask
                let isLast = index + 1 == sequence.count
                let gradient = plan.add(
                    size: channels * pixels,
                    writtenBy: pools || isLast ? clock.unpool(index) : clock.backward(index + 1))
                plan.read(gradient, by: clock.backward(index))
                own.gradient = gradient
                if pools {
                    let pooled = plan.add(size: channels * pooledPixels, writtenBy: clock.backward(index + 1))
                    plan.read(pooled, by: clock.unpool(index))
                    own.pooledGradient = pooled
                    if pooling == .max {
                        let mask = plan.add(size: (channels * pixels / 16 + 1) / 2, writtenBy: clock.pool(index))
                        plan.read(mask, by: clock.unpool(index))
                        own.poolingMask = mask
                    }
                }
            }
            tensors.append(own)
        }
        var picture: Int?
        if hasGradient {
            picture = plan.add(size: 16 * width * height, writtenBy: clock.backward(0))
            if let picture { plan.read(picture, by: clock.end) }
        }
        let arena = try memory.floats(plan.place())
        func place(_ tensor: Int?) -> UnsafeMutablePointer<Float>? { tensor.map { arena + plan.offset(of: $0) } }
        func word(_ tensor: Int?) -> UnsafeMutablePointer<UInt16>? {
            place(tensor).map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: UInt16.self) }
        }
        pictureGradient = place(picture)

        for (index, layer) in sequence.enumerated() {
            let own = tensors[index]
            let convolution = weights.convolutions[index]
            let (width, height) = (width >> (layer.block - 1), height >> (layer.block - 1))
            func map(_ tensor: Int?) -> FeatureMap? {
                place(tensor).map {
                    FeatureMap(
                        channels: convolution.outputs, height: height, width: width, values: $0, memory: memory)
                }
            }
            let columns = memory.table(Extension.zero.map(length: width, before: 1, after: 1))
            let rows = memory.table(Extension.zero.map(length: height, before: 1, after: 1))
            func convolve(
                inputs: Int, outputs: Int, from source: UnsafeMutablePointer<Float>?,
                to target: UnsafeMutablePointer<Float>?, weight: [Float]
            ) throws(ModelError) -> Convolution {
                var kernel = blocked_kernel()
                kernel.method = BLOCKED_TILES
                kernel.kernel = 3
                kernel.stride = 1
                kernel.dilation = 1
                kernel.inputs = Int32(inputs)
                kernel.output_blocks = Int32((outputs + 15) / 16)
                let reordered = try memory.floats(blocked_weights_size(&kernel))
                blocked_reorder_weights(&kernel, weight, reordered)
                var from = blocked_source()
                from.values = UnsafePointer(source)
                from.channels = Int32(inputs)
                from.width = Int32(width)
                from.height = Int32(height)
                from.columns = UnsafePointer(columns)
                from.column_count = Int32(width + 2)
                from.rows = UnsafePointer(rows)
                from.row_count = Int32(height + 2)
                var to = blocked_target()
                to.values = target
                to.width = Int32(width)
                to.height = Int32(height)
                to.blocks = kernel.output_blocks
                to.spread = 1
                scratchSize = max(scratchSize, blocked_scratch_size(&kernel, &to))
                return Convolution(kernel: kernel, source: from, target: to, weights: reordered)
            }
            let input = index == 0 ? nil : place(tensors[index - 1].pooled ?? tensors[index - 1].output)
            var forward = try convolve(
                inputs: convolution.inputs, outputs: convolution.outputs, from: input, to: place(own.output),
                weight: convolution.weight)
            forward.target.bias = UnsafePointer(try memory.floats(convolution.bias, count: convolution.outputs))
            forward.target.mask = word(own.mask)
            if index == 0 {
                forward.source.scale = UnsafePointer(try memory.floats(weights.inputScale, count: 16))
                forward.source.shift = UnsafePointer(try memory.floats(weights.inputShift, count: 16))
            }
            var new = Layer(layer: layer, forward: forward)
            if wanted.contains(layer) { new.features = map(own.output) }
            if hasGradient {
                let below = index == 0 ? picture : tensors[index - 1].pooledGradient ?? tensors[index - 1].gradient
                var backward = try convolve(
                    inputs: convolution.outputs, outputs: convolution.inputs, from: place(own.gradient),
                    to: place(below), weight: Self.turned(convolution))
                backward.source.mask = UnsafePointer(word(own.mask))
                new.backward = backward
                new.gradient = map(own.gradient)
            }
            if let values = place(own.output), let pooled = place(own.pooled) {
                new.pooling = PoolingStep(
                    blocks: Int32(convolution.outputs / 16), height: Int32(height), width: Int32(width),
                    values: values, pooled: pooled, mask: word(own.poolingMask),
                    pooledGradient: place(own.pooledGradient))
            }
            layers.append(new)
        }
    }

    /// The weights of the convolution's way back: inputs and outputs exchanged, kernels turned by half a circle; padded with zeros to
    /// whole blocks of inputs.
    private static func turned(_ convolution: LossNetworkWeights.Convolution) -> [Float] {
        let (inputs, outputs) = (convolution.inputs, convolution.outputs)
        return [Float](unsafeUninitializedCapacity: (inputs + 15) / 16 * 16 * outputs * 9) { turned, initialized in
            turned.initialize(repeating: 0)
            for input in 0..<inputs {
                for output in 0..<outputs {
                    for tap in 0..<9 {
                        turned[(input * outputs + output) * 9 + tap] =
                            convolution.weight[(output * inputs + input) * 9 + 8 - tap]
                    }
                }
            }
            initialized = turned.count
        }
    }
}
