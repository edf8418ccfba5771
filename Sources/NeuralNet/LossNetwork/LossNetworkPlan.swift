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
        let forward: Convolution
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
        var builder = try LayerBuilder(
            weights: weights, tensors: tensors, pooling: pooling, batch: batch, memory: memory)
        imageGradient = builder.address(tensors.imageGradient)
        for (index, ids) in tensors.layers.enumerated() {
            let shape = try builder.shape(index)
            var layer = try builder.layer(index, shape)
            if wanted.contains(ids.layer) { layer.features = builder.maps(ids.output, of: index) }
            if hasGradient {
                layer.backward = try builder.backward(index, shape)
                if wanted.contains(ids.layer) { layer.gradients = builder.maps(ids.gradient, of: index) }
            }
            builder.measure(layer)
            layers.append(layer)
        }
        scratchSize = builder.scratchSize
        work = try memory.floats(builder.workSize)
    }
}

/// Makes the layers of a plan, by their number in the network.
private struct LayerBuilder {
    private let weights: LossNetworkWeights
    private let tensors: LossNetworkTensors
    private let pooling: Pooling
    private let batch: ImageBatch
    private let memory: Memory
    private let arena: UnsafeMutablePointer<Float>
    /// The largest of the layers that were measured.
    private(set) var workSize = 0
    private(set) var scratchSize = 0

    init(
        weights: LossNetworkWeights, tensors: LossNetworkTensors, pooling: Pooling, batch: ImageBatch, memory: Memory
    ) throws(ModelError) {
        (self.weights, self.tensors, self.pooling) = (weights, tensors, pooling)
        (self.batch, self.memory) = (batch, memory)
        arena = try memory.floats(tensors.size)
    }

    func address(_ tensor: Int?) -> UnsafeMutablePointer<Float>? { tensor.map { arena + tensors.offset(of: $0) } }

    private func words(_ tensor: Int?) -> UnsafeMutablePointer<UInt16>? {
        address(tensor).map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: UInt16.self) }
    }

    /// A layer's images at its resolution.
    private func stack(_ index: Int) -> ImageBatch { batch.inBlock(tensors.layers[index].layer.block) }

    /// A layer's output or its gradient for each image; of the size after pooling, if it is pooled.
    func maps(_ tensor: Int?, of index: Int, isPooled: Bool = false) -> [FeatureMap] {
        guard let values = address(tensor) else { return [] }
        let stack = isPooled ? stack(index).pooled : stack(index)
        return (0..<stack.count).map { image in
            FeatureMap(
                channels: weights.convolutions[index].outputs, height: stack.height, width: stack.width,
                values: values + stack.firstPixel(of: image) * 16, stride: stack.totalHeight * stack.width,
                memory: memory)
        }
    }

    /// The layer with its forward pass.
    func layer(_ index: Int, _ shape: LossNetworkPlan.Convolution) throws(ModelError) -> LossNetworkPlan.Layer {
        let (ids, convolution) = (tensors.layers[index], weights.convolutions[index])
        var forward = shape
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
        var layer = LossNetworkPlan.Layer(layer: ids.layer, weights: convolution, forward: forward)
        if ids.pooled != nil, !ids.isPooledAtOnce { layer.pooling = poolingSteps(index) }
        return layer
    }

    func backward(
        _ index: Int, _ shape: LossNetworkPlan.Convolution
    ) throws(ModelError) -> LossNetworkPlan.Convolution {
        let (ids, convolution, stack) = (tensors.layers[index], weights.convolutions[index], stack(index))
        var backward = shape
        backward.source.channels = Int32(convolution.outputs)
        backward.source.mask = UnsafePointer(words(ids.mask))
        if ids.isPooledAtOnce {
            backward.source.unpool_factor = pooling == .max ? 1 : 0.25
            // An image's odd last row is not pooled and gets no gradient, although the stack has a square there.
            backward.source.rows = UnsafePointer(try memory.table(stack.table(ofFirst: stack.height / 2 * 2)))
        }
        backward.source.values = UnsafePointer(address(ids.isPooledAtOnce ? ids.pooledGradient : ids.gradient))
        backward.target.blocks = Int32((convolution.inputs + 15) / 16)
        backward.target.values = address(
            index == 0 ? tensors.imageGradient : tensors.layers[index - 1].gradientOfPassedOn)
        return backward
    }

    /// What both passes of a layer share: the size of its images, and the padding.
    func shape(_ index: Int) throws(ModelError) -> LossNetworkPlan.Convolution {
        let (ids, stack) = (tensors.layers[index], stack(index))
        var convolution = LossNetworkPlan.Convolution()
        convolution.source.width = Int32(ids.width)
        convolution.source.height = Int32(ids.height)
        convolution.source.columns = UnsafePointer(
            try memory.table(PaddingMode.zero.map(length: ids.width, before: 1, after: 1)))
        convolution.source.rows = UnsafePointer(try memory.table(stack.table(ofFirst: stack.height)))
        convolution.source.column_count = convolution.source.width + 2
        convolution.source.row_count = convolution.source.height + 2
        convolution.target.width = convolution.source.width
        convolution.target.height = convolution.source.height
        convolution.target.upscale = 1
        return convolution
    }

    private func poolingSteps(_ index: Int) -> [LossNetworkPlan.PoolingStep] {
        let (ids, stack) = (tensors.layers[index], stack(index))
        let pooled = maps(ids.pooled, of: index, isPooled: true)
        let gradients = maps(ids.pooledGradient, of: index, isPooled: true)
        let mask = words(ids.poolingMask)
        return maps(ids.output, of: index).enumerated().map { image, values in
            LossNetworkPlan.PoolingStep(
                values: values.map, pooled: pooled[image].map, mask: mask.map { $0 + stack.firstPixel(of: image) },
                pooledGradient: gradients.isEmpty ? nil : gradients[image].map)
        }
    }

    /// Notes the memory that a layer's convolutions work in.
    mutating func measure(_ layer: LossNetworkPlan.Layer) {
        for way in [layer.forward, layer.backward] {
            guard var target = way?.target else { continue }
            var raw = blocked_raw_weights()
            raw.outputs = Int32(layer.weights.outputs)
            raw.inputs = Int32(layer.weights.inputs)
            raw.is_backward = target.bias == nil ? 1 : 0
            workSize = max(workSize, blocked_raw_weights_work(&raw, &target))
            scratchSize = max(scratchSize, blocked_raw_weights_scratch(&raw, &target))
        }
    }
}
