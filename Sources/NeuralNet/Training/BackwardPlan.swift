import CKernels
import Imaging

/// One step of the way back: what the gradient with respect to the step's output says of its weights and of what it read.
struct BackwardStep {
    /// Of the network's steps.
    let index: Int
    /// Where the step is a convolution.
    var weights: WeightGradient?
    /// The convolution back to what the kernel saw; nil for a copy, and where the step reads the network's input.
    var convolution: BackwardConvolution?
    /// Back from there to the normalised tensor that was read; nil where that is the network's input.
    var entrance: gradient_entrance?
    /// Back through that tensor's normalisation, if it has one.
    var norm: gradient_norm?
}

/// The gradient with respect to a convolution's weights.
struct WeightGradient {
    var filters: gradient_filters
    /// The extended input is made anew here.
    let input: UnsafeMutablePointer<Float>
    let spread: SpreadKernel
    /// Of the network's convolutions.
    let number: Int
}

/// The convolution of a gradient with the turned kernel.
struct BackwardConvolution {
    var kernel: blocked_kernel
    let weights: UnsafeMutablePointer<Float>
    var source: blocked_source
    var target: blocked_target
}

/// How gradients go back through a network that is laid out, and all the memory for it.
///
/// A convolution of an extended input has for its way back the convolution of its gradient, zeros put between for strides, with the
/// turned kernel. What the input showed several times, for padding or upsampling, then gets the sum of all its
/// gradients. Where upsampling or a fractional stride is part of a kernel (`SpreadKernel`) its phases are so many more channels,
/// and the gradients with respect to the phases' weights are added up to those of the kernel.
struct BackwardPlan {
    /// In the order of the way back.
    private(set) var steps: [BackwardStep] = []
    /// The gradient with respect to the last convolution's output.
    private(set) var last: UnsafeMutablePointer<Float>?
    private(set) var scratchSize = 0
    /// What all the gradients lie in, which networks that share weights use in turn.
    let arena: UnsafeMutablePointer<Float>

    /// - Parameter twin: the plan of a network that shares the weights of this one.
    init(of network: NetworkPlan, memory: Memory, sharing twin: BackwardPlan?) throws(ModelError) {
        let tensors = BackwardTensors(network.steps)
        if let twin {
            arena = twin.arena
        } else {
            arena = try memory.floats(tensors.size)
        }
        let places = Places(tensors: tensors, arena: arena)
        var number = network.steps.reduce(0) { $0 + ($1.spread == nil ? 0 : 1) }
        for (time, own) in tensors.steps.enumerated() {
            let index = network.steps.count - 1 - time
            let forward = network.steps[index]
            var step = BackwardStep(index: index)
            if time == 0 { last = places[own.output] }
            if let spread = forward.spread, case .convolution(let kernel, _, _) = forward.work {
                number -= 1
                if let input = places[own.input] {
                    var filters = gradient_filters(forward, kernel, spread)
                    filters.gradient = UnsafePointer(places[own.output])
                    filters.input = UnsafePointer(input)
                    filters.result = places[own.filters]
                    filters.work = places[own.work]
                    // At most: where all taps are used there is no table.
                    memory.note(spread.blocks * spread.side * spread.side, of: 1)
                    if !memory.isPriceOnly, let used = spread.usedTaps {
                        filters.used = UnsafePointer(try memory.table(used))
                    }
                    step.weights = WeightGradient(filters: filters, input: input, spread: spread, number: number)
                }
                if let window = own.window {
                    try PlanLimits.check(((spread.inputs + 15) / 16, window.columns.count, window.rows.count))
                    var convolution = try Self.convolution(
                        forward, kernel, spread, window: window, memory: memory, twin: twin?.steps[time].convolution)
                    convolution.source.values = UnsafePointer(places[own.output])
                    convolution.target.values = places[own.extended]
                    scratchSize = max(scratchSize, blocked_scratch_size(&convolution.kernel, &convolution.target))
                    step.convolution = convolution
                }
            }
            if let window = own.window {
                var entrance = try Self.entrance(forward, own, window: window, places: places, memory: memory)
                let producer = network.steps[index - 1]
                if case .convolution(_, _, let norm?) = producer.work {
                    step.norm = try Self.norm(
                        &entrance, reading: forward.source, norm, spread: producer.target.spread,
                        result: places[tensors.steps[time + 1].output], memory: memory)
                }
                step.entrance = entrance
            }
            steps.append(step)
        }
    }

    /// Where the gradients lie.
    private struct Places {
        let tensors: BackwardTensors
        let arena: UnsafeMutablePointer<Float>

        subscript(_ tensor: Int?) -> UnsafeMutablePointer<Float>? { tensor.map { arena + tensors.offset(of: $0) } }
    }

    /// Padding, upsampling and residual sums.
    private static func entrance(
        _ forward: Step, _ own: BackwardTensors.Step, window: (rows: Fold, columns: Fold), places: Places,
        memory: Memory
    ) throws(ModelError) -> gradient_entrance {
        var entrance = gradient_entrance()
        entrance.extended = UnsafePointer(places[own.extended])
        entrance.extended_width = Int32(window.columns.count)
        entrance.extended_height = Int32(window.rows.count)
        entrance.row_starts = UnsafePointer(try memory.table(window.rows.starts))
        entrance.rows = UnsafePointer(try memory.table(window.rows.places))
        entrance.column_starts = UnsafePointer(try memory.table(window.columns.starts))
        entrance.columns = UnsafePointer(try memory.table(window.columns.places))
        entrance.blocks = (forward.source.channels + 15) / 16
        entrance.width = forward.source.width
        entrance.height = forward.source.height
        if let added = own.added {
            entrance.added = UnsafePointer(places[added.tensor])
            entrance.added_width = added.width
            entrance.added_height = added.height
        }
        entrance.gradient = places[own.value]
        entrance.rectify = forward.source.rectify
        return entrance
    }

    /// The normalisation of what `source` reads.
    private static func norm(
        _ entrance: inout gradient_entrance, reading source: blocked_source, _ norm: StepNorm, spread: Int32,
        result: UnsafeMutablePointer<Float>?, memory: Memory
    ) throws(ModelError) -> gradient_norm {
        let channels = Int(entrance.blocks) * 16
        entrance.values = source.values
        entrance.scale = source.scale
        entrance.shift = source.shift
        let standard = try memory.floats(2 * channels)
        entrance.inverse = UnsafePointer(standard)
        entrance.offset = UnsafePointer(standard + channels)
        entrance.sums = try memory.floats(2 * channels)
        entrance.parts = try memory.floats(gradient_parts(entrance.blocks, entrance.height))
        return gradient_norm(
            gradient: entrance.gradient, values: entrance.values, blocks: entrance.blocks, height: entrance.height,
            width: entrance.width, inverse: entrance.inverse, offset: entrance.offset,
            scale: UnsafePointer(norm.gamma), sums: UnsafePointer(entrance.sums), spread: spread, result: result)
    }

    /// - Parameter twin: the same of a network that shares the weights.
    private static func convolution(
        _ forward: Step, _ kernel: blocked_kernel, _ spread: SpreadKernel, window: (rows: Fold, columns: Fold),
        memory: Memory, twin: BackwardConvolution?
    ) throws(ModelError) -> BackwardConvolution {
        var back = kernel
        back.method = NetworkPlan.method(side: spread.side, stride: 1, dilation: Int(kernel.dilation))
        back.stride = 1
        back.inputs = Int32(spread.channels)
        back.output_blocks = Int32((spread.inputs + 15) / 16)
        var source = blocked_source()
        source.channels = back.inputs
        source.width = forward.target.width
        source.height = forward.target.height
        func table(_ fold: Fold, _ length: Int32) -> IndexMap {
            let reach = kernel.dilation * (kernel.kernel - 1)
            return (0..<Int32(fold.count) + reach).map { place in
                let place = place + Int32(fold.first) - reach
                let (index, rest) = place.quotientAndRemainder(dividingBy: kernel.stride)
                return place >= 0 && rest == 0 && index < length ? index : -1
            }
        }
        let rows = table(window.rows, source.height)
        let columns = table(window.columns, source.width)
        source.rows = UnsafePointer(try memory.table(rows))
        source.columns = UnsafePointer(try memory.table(columns))
        source.row_count = Int32(rows.count)
        source.column_count = Int32(columns.count)
        var target = blocked_target()
        target.width = Int32(window.columns.count)
        target.height = Int32(window.rows.count)
        target.blocks = back.output_blocks
        target.spread = 1
        let weights: UnsafeMutablePointer<Float>
        if let twin {
            weights = twin.weights
        } else {
            weights = try memory.floats(blocked_weights_size(&back))
        }
        return BackwardConvolution(kernel: back, weights: weights, source: source, target: target)
    }
}

extension gradient_filters {
    /// The shape of a step's convolution.
    init(_ forward: Step, _ kernel: blocked_kernel, _ spread: SpreadKernel) {
        self.init()
        output_blocks = forward.target.blocks
        height = forward.target.height
        width = forward.target.width
        inputs = Int32(spread.inputs)
        input_height = forward.source.row_count
        input_width = forward.source.column_count
        self.kernel = kernel.kernel
        stride = kernel.stride
        dilation = kernel.dilation
    }
}
