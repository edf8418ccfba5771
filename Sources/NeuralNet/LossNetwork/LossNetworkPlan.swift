import CKernels

/// A loss network laid out for pictures of one size: its layers with all their memory.
///
/// Forward, a convolution adds its bias, rectifies, pools where a block ends, and notes in a mask, 1/32 of the activations, which
/// channels of which pixels go on from there. That mask is all that the way back needs of a layer: the next convolution's gradient
/// enters through it, spread over the squares that were pooled. Only layers that a loss looks at keep their activations.
struct LossNetworkPlan {
    /// One convolution, and the pooling that follows it.
    struct Layer {
        let layer: LossLayer
        /// [outputs][inputs][3][3], the caller's own: it is transformed in passing.
        let weights: LossNetworkWeights.Convolution
        fileprivate(set) var forward: Convolution
        fileprivate(set) var backward: Convolution?
        /// The rectified output for each picture, where a loss looks at it.
        fileprivate(set) var features: [FeatureMap] = []
        /// The gradient with respect to the rectified output for each picture, where a loss looks at it.
        fileprivate(set) var gradients: [FeatureMap] = []
        /// Where a loss looks at what is pooled, pooling is a step of its own, for each picture.
        fileprivate(set) var pooling: [PoolingStep] = []
    }

    struct Convolution {
        var source = blocked_source()
        var target = blocked_target()
    }

    struct PoolingStep {
        let values: feature_map
        let pooled: feature_map
        /// Which of the values are their square's maximum; nil for the average, and where there is no way back.
        let mask: UnsafeMutablePointer<UInt16>?
        let pooledGradient: feature_map?
    }

    private(set) var layers: [Layer] = []
    /// The first 16 channels of the gradient with respect to what enters the first convolution.
    private(set) var pictureGradient: UnsafeMutablePointer<Float>?
    /// The bytes that each thread works in.
    private(set) var scratchSize = 0
    /// What all threads work in together.
    let work: UnsafeMutablePointer<Float>

    init(
        weights: LossNetworkWeights, layers wanted: Set<LossLayer>, pooling: Pooling, pictures: PictureStack,
        hasGradient: Bool, memory: Memory
    ) throws(ModelError) {
        guard let deepest = wanted.max(), let depth = weights.kind.layers.firstIndex(of: deepest) else {
            throw ModelError("a loss network is evaluated for at least one of its layers")
        }
        let tensors = LossNetworkTensors(
            sequence: Array(weights.kind.layers[...depth]), wanted: wanted, pooling: pooling, width: pictures.width,
            height: pictures.totalHeight, hasGradient: hasGradient)
        let arena = try memory.floats(tensors.size)
        func place(_ tensor: Int?) -> UnsafeMutablePointer<Float>? { tensor.map { arena + tensors.offset(of: $0) } }
        func words(_ tensor: Int?) -> UnsafeMutablePointer<UInt16>? {
            place(tensor).map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: UInt16.self) }
        }
        pictureGradient = place(tensors.picture)

        var workSize = 0
        for (index, own) in tensors.layers.enumerated() {
            let convolution = weights.convolutions[index]
            let stack = pictures.inBlock(own.layer.block)
            func maps(_ stack: PictureStack, _ tensor: Int?) -> [FeatureMap] {
                guard let values = place(tensor) else { return [] }
                return (0..<stack.count).map { picture in
                    FeatureMap(
                        channels: convolution.outputs, height: stack.height, width: stack.width,
                        values: values + stack.firstPixel(of: picture) * 16,
                        stride: stack.totalHeight * stack.width, memory: memory)
                }
            }
            var source = blocked_source()
            source.width = Int32(own.width)
            source.height = Int32(own.height)
            source.columns = UnsafePointer(
                try memory.table(Extension.zero.map(length: own.width, before: 1, after: 1)))
            source.rows = UnsafePointer(try memory.table(stack.table(ofFirst: stack.height)))
            source.column_count = source.width + 2
            source.row_count = source.height + 2
            var target = blocked_target()
            target.width = source.width
            target.height = source.height
            target.spread = 1

            var forward = Convolution(source: source, target: target)
            forward.source.channels = Int32(convolution.inputs)
            forward.target.values = place(own.output)
            forward.target.blocks = Int32(convolution.outputs / 16)
            forward.target.bias = UnsafePointer(try memory.floats(convolution.bias, count: convolution.outputs))
            forward.target.mask = words(own.mask)
            if own.isPooledAtOnce {
                forward.target.pooling = pooling == .max ? BLOCKED_MAXIMUM : BLOCKED_AVERAGE
            }
            if index == 0 {
                forward.source.scale = UnsafePointer(try memory.floats(weights.inputScale, count: 16))
                forward.source.shift = UnsafePointer(try memory.floats(weights.inputShift, count: 16))
            } else {
                forward.source.values = UnsafePointer(place(tensors.layers[index - 1].passedOn))
            }
            var new = Layer(layer: own.layer, weights: convolution, forward: forward)
            if wanted.contains(own.layer) { new.features = maps(stack, own.output) }
            if hasGradient {
                var backward = Convolution(source: source, target: target)
                backward.source.channels = Int32(convolution.outputs)
                backward.source.mask = UnsafePointer(words(own.mask))
                if own.isPooledAtOnce {
                    backward.source.square_share = pooling == .max ? 1 : 0.25
                    // A last row that no square has gets nothing, though a square of the stack has it.
                    backward.source.rows = UnsafePointer(
                        try memory.table(stack.table(ofFirst: stack.height / 2 * 2)))
                }
                backward.source.values = UnsafePointer(place(own.isPooledAtOnce ? own.pooledGradient : own.gradient))
                backward.target.blocks = Int32((convolution.inputs + 15) / 16)
                backward.target.values =
                    index == 0 ? pictureGradient : place(tensors.layers[index - 1].gradientOfPassedOn)
                new.backward = backward
                if wanted.contains(own.layer) { new.gradients = maps(stack, own.gradient) }
            }
            if own.pooled != nil, !own.isPooledAtOnce {
                let pooled = maps(stack.pooled, own.pooled)
                let gradients = maps(stack.pooled, own.pooledGradient)
                let mask = words(own.poolingMask)
                new.pooling = maps(stack, own.output).enumerated().map { picture, values in
                    PoolingStep(
                        values: values.map, pooled: pooled[picture].map,
                        mask: mask.map { $0 + stack.firstPixel(of: picture) },
                        pooledGradient: gradients.isEmpty ? nil : gradients[picture].map)
                }
            }
            for way in [new.forward, new.backward] {
                guard var target = way?.target else { continue }
                var filters = blocked_filters()
                filters.outputs = Int32(convolution.outputs)
                filters.inputs = Int32(convolution.inputs)
                filters.is_backward = target.bias == nil ? 1 : 0
                workSize = max(workSize, blocked_filters_work(&filters, &target))
                scratchSize = max(scratchSize, blocked_filters_scratch(&filters, &target))
            }
            layers.append(new)
        }
        work = try memory.floats(workSize)
    }
}
