import CKernels

/// The execution plan of a loss network for one image size: its layers and their memory.
///
/// In the forward pass a convolution's fused epilogue applies bias, ReLU and, at the end of a block, pooling. It also
/// writes a bit mask, 1/32 of the activations, of the values that contribute to the result. The backward pass of ReLU
/// and pooling only needs this mask. Activations are only kept for layers that a loss uses.
struct LossNetworkPlan {
    /// One convolution, and the pooling that follows it.
    struct Layer {
        let layer: LossLayer
        /// [outputs][inputs][3][3], not transformed: the kernels transform it during each call.
        let weights: LossNetworkWeights.Convolution
        fileprivate(set) var forward: Convolution
        fileprivate(set) var backward: Convolution?
        /// The output after ReLU for each image, if a loss uses the layer.
        fileprivate(set) var features: [FeatureMap] = []
        /// The gradient with respect to `features`.
        fileprivate(set) var gradients: [FeatureMap] = []
        /// Separate pooling steps for each image, if a loss uses a layer that is pooled. Else pooling is fused.
        fileprivate(set) var pooling: [PoolingStep] = []
    }

    struct Convolution {
        var source = blocked_source()
        var target = blocked_target()
    }

    struct PoolingStep {
        let values: feature_map
        let pooled: feature_map
        /// Which values are their square's maximum; nil for average pooling, and without a backward pass.
        let mask: UnsafeMutablePointer<UInt16>?
        let pooledGradient: feature_map?
    }

    private(set) var layers: [Layer] = []
    /// The gradient with respect to the first convolution's input, one block of 16 channels.
    private(set) var imageGradient: UnsafeMutablePointer<Float>?
    /// The bytes of scratch memory for each thread.
    private(set) var scratchSize = 0
    /// The work memory that all threads share.
    let work: UnsafeMutablePointer<Float>

    init(
        weights: LossNetworkWeights, layers wanted: Set<LossLayer>, pooling: Pooling, batch: ImageBatch,
        hasGradient: Bool, memory: Memory
    ) throws(ModelError) {
        guard let deepest = wanted.max(), let depth = weights.kind.layers.firstIndex(of: deepest) else {
            throw ModelError("a loss network needs at least one of its layers")
        }
        let tensors = LossNetworkTensors(
            sequence: Array(weights.kind.layers[...depth]), wanted: wanted, pooling: pooling, width: batch.width,
            height: batch.totalHeight, hasGradient: hasGradient)
        let arena = try memory.floats(tensors.size)
        func address(_ tensor: Int?) -> UnsafeMutablePointer<Float>? { tensor.map { arena + tensors.offset(of: $0) } }
        func words(_ tensor: Int?) -> UnsafeMutablePointer<UInt16>? {
            address(tensor).map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: UInt16.self) }
        }
        imageGradient = address(tensors.imageGradient)

        var workSize = 0
        for (index, ids) in tensors.layers.enumerated() {
            let convolution = weights.convolutions[index]
            let stack = batch.inBlock(ids.layer.block)
            func maps(_ stack: ImageBatch, _ tensor: Int?) -> [FeatureMap] {
                guard let values = address(tensor) else { return [] }
                return (0..<stack.count).map { image in
                    FeatureMap(
                        channels: convolution.outputs, height: stack.height, width: stack.width,
                        values: values + stack.firstPixel(of: image) * 16,
                        stride: stack.totalHeight * stack.width, memory: memory)
                }
            }
            var source = blocked_source()
            source.width = Int32(ids.width)
            source.height = Int32(ids.height)
            source.columns = UnsafePointer(
                try memory.table(PaddingMode.zero.map(length: ids.width, before: 1, after: 1)))
            source.rows = UnsafePointer(try memory.table(stack.table(ofFirst: stack.height)))
            source.column_count = source.width + 2
            source.row_count = source.height + 2
            var target = blocked_target()
            target.width = source.width
            target.height = source.height
            target.upscale = 1

            var forward = Convolution(source: source, target: target)
            forward.source.channels = Int32(convolution.inputs)
            forward.target.values = address(ids.output)
            forward.target.blocks = Int32(convolution.outputs / 16)
            forward.target.bias = UnsafePointer(try memory.floats(convolution.bias, count: convolution.outputs))
            forward.target.mask = words(ids.mask)
            if ids.isPooledAtOnce {
                forward.target.pooling = pooling == .max ? BLOCKED_MAXIMUM : BLOCKED_AVERAGE
            }
            if index == 0 {
                forward.source.scale = UnsafePointer(try memory.floats(weights.inputScale, count: 16))
                forward.source.shift = UnsafePointer(try memory.floats(weights.inputShift, count: 16))
            } else {
                forward.source.values = UnsafePointer(address(tensors.layers[index - 1].passedOn))
            }
            var new = Layer(layer: ids.layer, weights: convolution, forward: forward)
            if wanted.contains(ids.layer) { new.features = maps(stack, ids.output) }
            if hasGradient {
                var backward = Convolution(source: source, target: target)
                backward.source.channels = Int32(convolution.outputs)
                backward.source.mask = UnsafePointer(words(ids.mask))
                if ids.isPooledAtOnce {
                    backward.source.unpool_factor = pooling == .max ? 1 : 0.25
                    // An image's odd last row is not pooled and gets no gradient, although the stack has a square
                    // there.
                    backward.source.rows = UnsafePointer(
                        try memory.table(stack.table(ofFirst: stack.height / 2 * 2)))
                }
                backward.source.values = UnsafePointer(address(ids.isPooledAtOnce ? ids.pooledGradient : ids.gradient))
                backward.target.blocks = Int32((convolution.inputs + 15) / 16)
                backward.target.values =
                    index == 0 ? imageGradient : address(tensors.layers[index - 1].gradientOfPassedOn)
                new.backward = backward
                if wanted.contains(ids.layer) { new.gradients = maps(stack, ids.gradient) }
            }
            if ids.pooled != nil, !ids.isPooledAtOnce {
                let pooled = maps(stack.pooled, ids.pooled)
                let gradients = maps(stack.pooled, ids.pooledGradient)
                let mask = words(ids.poolingMask)
                new.pooling = maps(stack, ids.output).enumerated().map { image, values in
                    PoolingStep(
                        values: values.map, pooled: pooled[image].map,
                        mask: mask.map { $0 + stack.firstPixel(of: image) },
                        pooledGradient: gradients.isEmpty ? nil : gradients[image].map)
                }
            }
            for way in [new.forward, new.backward] {
                guard var target = way?.target else { continue }
                var raw = blocked_raw_weights()
                raw.outputs = Int32(convolution.outputs)
                raw.inputs = Int32(convolution.inputs)
                raw.is_backward = target.bias == nil ? 1 : 0
                workSize = max(workSize, blocked_raw_weights_work(&raw, &target))
                scratchSize = max(scratchSize, blocked_raw_weights_scratch(&raw, &target))
            }
            layers.append(new)
        }
        work = try memory.floats(workSize)
    }
}
