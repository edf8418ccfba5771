/// The memory plan of a loss network: its tensors and their offsets in one arena.
struct LossNetworkTensors {
    /// The tensor ids of one layer.
    struct Layer {
        let layer: LossLayer
        /// Size of the layer's output before pooling.
        let width: Int
        let height: Int
        /// Whether pooling is fused into the convolution, so that its full output is not stored.
        let isPooledAtOnce: Bool
        /// The tensor that the convolution writes.
        fileprivate(set) var output = 0
        /// The pooled output; the same as `output` if pooling is fused.
        fileprivate(set) var pooled: Int?
        fileprivate(set) var mask: Int?
        fileprivate(set) var poolingMask: Int?
        /// The gradient with respect to the full output.
        fileprivate(set) var gradient: Int?
        fileprivate(set) var pooledGradient: Int?

        /// The input of the next convolution.
        var passedOn: Int { pooled ?? output }
        var gradientOfPassedOn: Int? { pooled == nil ? gradient : pooledGradient }
    }

    private(set) var layers: [Layer] = []
    /// The gradient with respect to the first convolution's input, 16 channels.
    private(set) var imageGradient: Int?
    /// The size of the arena in floats.
    private(set) var size = 0
    private var plan = MemoryPlanner()

    func offset(of tensor: Int) -> Int { plan.offset(of: tensor) }

    /// The time of each step: 2i for convolution i, 2i + 1 for its pooling; the backward pass in reverse order.
    private struct Clock {
        let count: Int

        func forward(_ index: Int) -> Int { 2 * index }
        func pool(_ index: Int) -> Int { 2 * index + 1 }
        func unpool(_ index: Int) -> Int { 4 * count - 2 * index - 1 }
        func backward(_ index: Int) -> Int { 4 * count - 2 * index }
        var end: Int { 4 * count + 1 }
    }

    /// - Parameters:
    ///   - sequence: the layers to evaluate, in network order.
    ///   - wanted: the layers that a loss uses; they must include the last of the sequence.
    init(
        sequence: [LossLayer], wanted: Set<LossLayer>, pooling: Pooling, width: Int, height: Int, hasGradient: Bool
    ) {
        let clock = Clock(count: sequence.count)
        for (index, layer) in sequence.enumerated() {
            let shift = layer.block - 1
            let channels = LossNetworkKind.channelsPerBlock[shift]
            let isLast = index + 1 == sequence.count
            let pools = !isLast && sequence[index + 1].block > layer.block
            let isWanted = wanted.contains(layer)
            var ids = Layer(
                layer: layer, width: width >> shift, height: height >> shift, isPooledAtOnce: pools && !isWanted)
            let size = channels * ids.width * ids.height
            let pooledSize = channels * (ids.width / 2) * (ids.height / 2)
            /// One bit for each value.
            let maskSize = (size / 16 + 1) / 2

            ids.output = plan.add(size: ids.isPooledAtOnce ? pooledSize : size, writtenBy: clock.forward(index))
            plan.read(ids.output, by: pools && isWanted ? clock.pool(index) : clock.forward(index + 1))
            if isWanted { plan.read(ids.output, by: hasGradient ? clock.backward(index) : clock.end) }
            if ids.isPooledAtOnce { ids.pooled = ids.output }
            if pools && isWanted { ids.pooled = add(pooledSize, from: clock.pool(index), to: clock.forward(index + 1)) }
            if hasGradient {
                ids.mask = add(maskSize, from: clock.forward(index), to: clock.backward(index))
                if pools {
                    ids.pooledGradient = add(
                        pooledSize, from: clock.backward(index + 1),
                        to: isWanted ? clock.unpool(index) : clock.backward(index))
                }
                if !ids.isPooledAtOnce {
                    ids.gradient = add(
                        size, from: pools || isLast ? clock.unpool(index) : clock.backward(index + 1),
                        to: clock.backward(index))
                }
                if pools && isWanted && pooling == .max {
                    ids.poolingMask = add(maskSize, from: clock.pool(index), to: clock.unpool(index))
                }
            }
            layers.append(ids)
        }
        if hasGradient { imageGradient = add(16 * width * height, from: clock.backward(0), to: clock.end) }
        size = plan.place()
    }

    /// Adds a tensor with a lifetime from one step to another.
    private mutating func add(_ size: Int, from first: Int, to last: Int) -> Int {
        let tensor = plan.add(size: size, writtenBy: first)
        plan.read(tensor, by: last)
        return tensor
    }
}
