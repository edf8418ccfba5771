import CKernels
import Imaging

/// The backward pass of one step: from the gradient with respect to its output to those with respect to weights and
/// input.
struct BackwardStep {
    /// The index of the network's step.
    let index: Int
    /// Nil if the step is not a convolution.
    var weights: WeightGradient?
    /// From the output to the padded input; nil for a copy, and if the step reads the network's input.
    var convolution: BackwardConvolution?
    /// From the padded input to the normalised tensor; nil if that is the network's input.
    var prologue: gradient_prologue?
    /// Through that tensor's normalisation; nil if it has none.
    var norm: gradient_norm?
}

/// The gradient with respect to a convolution's weights.
struct WeightGradient {
    var call: gradient_weights
    /// The padded input is recomputed here.
    let input: UnsafeMutablePointer<Float>
    let subpixel: SubpixelKernel
    /// The index among the network's convolutions.
    let number: Int
}

/// The convolution of a gradient with the flipped weights.
struct BackwardConvolution {
    var kernel: blocked_kernel
    let weights: UnsafeMutablePointer<Float>
    var source: blocked_source
    var target: blocked_target
}

/// The plan of a network's backward pass, with its memory.
///
/// The backward pass of a convolution is the convolution of its gradient with the flipped weights; for strides, zeros
/// are inserted between the gradient's values. Elements that padding or upsampling copied get the sum of their copies'
/// gradients. The phases of a sub-pixel convolution (`SubpixelKernel`) are additional channels. The gradients with
/// respect to their weights are added to that of the original weights.
struct BackwardPlan {
    /// In backward order.
    private(set) var steps: [BackwardStep] = []
    /// The gradient with respect to the last convolution's output.
    private(set) var last: UnsafeMutablePointer<Float>?
    private(set) var scratchSize = 0
    /// The memory of all gradients. Networks that share weights use it in turn.
    let arena: UnsafeMutablePointer<Float>

    /// - Parameter owner: the plan of the network that owns the shared weights; nil if this one does.
    init(of network: NetworkPlan, memory: Memory, sharing owner: BackwardPlan?) throws(ModelError) {
        let tensors = BackwardTensors(network.steps)
        if let owner {
            arena = owner.arena
        } else {
            arena = try memory.floats(tensors.size)
        }
        let addresses = GradientAddresses(tensors: tensors, arena: arena)
        var number = network.steps.reduce(0) { $0 + ($1.subpixel == nil ? 0 : 1) }
        for (time, ids) in tensors.steps.enumerated() {
            let index = network.steps.count - 1 - time
            let forward = network.steps[index]
            var step = BackwardStep(index: index)
            if time == 0 { last = addresses[ids.output] }
            if let subpixel = forward.subpixel, case .convolution(let kernel, _, _) = forward.work {
                number -= 1
                if let input = addresses[ids.input] {
                    var call = gradient_weights(forward, kernel, subpixel)
                    call.gradient = UnsafePointer(addresses[ids.output])
                    call.input = UnsafePointer(input)
                    call.result = addresses[ids.weights]
                    call.work = addresses[ids.work]
                    // An upper limit: if all taps are used there is no table.
                    memory.record(subpixel.blocks * subpixel.side * subpixel.side, of: 1)
                    if !memory.isCostOnly, let used = subpixel.usedTaps {
                        call.used = UnsafePointer(try memory.table(used))
                    }
                    step.weights = WeightGradient(call: call, input: input, subpixel: subpixel, number: number)
                }
                if let window = ids.window {
                    try PlanLimits.check(((subpixel.inputs + 15) / 16, window.columns.count, window.rows.count))
                    var convolution = try Self.convolution(
                        forward, kernel, subpixel, window: window, memory: memory, owner: owner?.steps[time].convolution
                    )
                    convolution.source.values = UnsafePointer(addresses[ids.output])
                    convolution.target.values = addresses[ids.padded]
                    scratchSize = max(scratchSize, blocked_scratch_size(&convolution.kernel, &convolution.target))
                    step.convolution = convolution
                }
            }
            if let window = ids.window {
                var prologue = try Self.prologue(forward, ids, window: window, addresses: addresses, memory: memory)
                let producer = network.steps[index - 1]
                if case .convolution(_, _, let norm?) = producer.work {
                    step.norm = try Self.norm(
                        &prologue, reading: forward.source, norm, upscale: producer.target.upscale,
                        result: addresses[tensors.steps[time + 1].output], memory: memory)
                }
                step.prologue = prologue
            }
            steps.append(step)
        }
    }

    /// The addresses of the gradients.
    private struct GradientAddresses {
        let tensors: BackwardTensors
        let arena: UnsafeMutablePointer<Float>

        subscript(_ tensor: Int?) -> UnsafeMutablePointer<Float>? { tensor.map { arena + tensors.offset(of: $0) } }
    }

    /// The backward pass of the fused prologue: padding, upsampling and residual sums.
    private static func prologue(
        _ forward: Step, _ ids: BackwardTensors.Step,
        window: (rows: TransposedIndexMap, columns: TransposedIndexMap), addresses: GradientAddresses, memory: Memory
    ) throws(ModelError) -> gradient_prologue {
        var prologue = gradient_prologue()
        prologue.padded = UnsafePointer(addresses[ids.padded])
        prologue.padded_width = Int32(window.columns.count)
        prologue.padded_height = Int32(window.rows.count)
        prologue.row_starts = UnsafePointer(try memory.table(window.rows.starts))
        prologue.rows = UnsafePointer(try memory.table(window.rows.copies))
        prologue.column_starts = UnsafePointer(try memory.table(window.columns.starts))
        prologue.columns = UnsafePointer(try memory.table(window.columns.copies))
        prologue.blocks = (forward.source.channels + 15) / 16
        prologue.width = forward.source.width
        prologue.height = forward.source.height
        if let added = ids.added {
            prologue.added = UnsafePointer(addresses[added.tensor])
            prologue.added_width = added.width
            prologue.added_height = added.height
        }
        prologue.gradient = addresses[ids.value]
        prologue.rectify = forward.source.rectify
        return prologue
    }

    /// The backward pass of the normalisation of the tensor that `source` reads.
    private static func norm(
        _ prologue: inout gradient_prologue, reading source: blocked_source, _ norm: StepNorm, upscale: Int32,
        result: UnsafeMutablePointer<Float>?, memory: Memory
    ) throws(ModelError) -> gradient_norm {
        let channels = Int(prologue.blocks) * 16
        prologue.values = source.values
        prologue.scale = source.scale
        prologue.shift = source.shift
        let standard = try memory.floats(2 * channels)
        prologue.inverse = UnsafePointer(standard)
        prologue.offset = UnsafePointer(standard + channels)
        prologue.sums = try memory.floats(2 * channels)
        prologue.parts = try memory.floats(gradient_parts(prologue.blocks, prologue.height))
        return gradient_norm(
            gradient: prologue.gradient, values: prologue.values, blocks: prologue.blocks, height: prologue.height,
            width: prologue.width, inverse: prologue.inverse, offset: prologue.offset,
            scale: UnsafePointer(norm.gamma), sums: UnsafePointer(prologue.sums), upscale: upscale, result: result)
    }

    /// - Parameter owner: the same convolution of the network that owns the shared weights.
    private static func convolution(
        _ forward: Step, _ kernel: blocked_kernel, _ subpixel: SubpixelKernel,
        window: (rows: TransposedIndexMap, columns: TransposedIndexMap), memory: Memory, owner: BackwardConvolution?
    ) throws(ModelError) -> BackwardConvolution {
        var back = kernel
        back.method = NetworkPlan.method(side: subpixel.side, stride: 1, dilation: Int(kernel.dilation))
        back.stride = 1
        back.inputs = Int32(subpixel.channels)
        back.output_blocks = Int32((subpixel.inputs + 15) / 16)
        var source = blocked_source()
        source.channels = back.inputs
        source.width = forward.target.width
        source.height = forward.target.height
        func table(_ fold: TransposedIndexMap, _ length: Int32) -> IndexMap {
            let reach = kernel.dilation * (kernel.kernel - 1)
            return (0..<Int32(fold.count) + reach).map { position in
                let position = position + Int32(fold.first) - reach
                let (index, rest) = position.quotientAndRemainder(dividingBy: kernel.stride)
                return position >= 0 && rest == 0 && index < length ? index : -1
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
        target.upscale = 1
        let weights: UnsafeMutablePointer<Float>
        if let owner {
            weights = owner.weights
        } else {
            weights = try memory.floats(blocked_weights_size(&back))
        }
        return BackwardConvolution(kernel: back, weights: weights, source: source, target: target)
    }
}

extension gradient_weights {
    /// The shape of a step's convolution.
    init(_ forward: Step, _ kernel: blocked_kernel, _ subpixel: SubpixelKernel) {
        self.init()
        output_blocks = forward.target.blocks
        height = forward.target.height
        width = forward.target.width
        inputs = Int32(subpixel.inputs)
        input_height = forward.source.row_count
        input_width = forward.source.column_count
        self.kernel = kernel.kernel
        stride = kernel.stride
        dilation = kernel.dilation
    }
}
