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
        let places = BackwardTensors(network.steps)
        if let twin {
            arena = twin.arena
        } else {
            arena = try memory.floats(places.size)
        }
        let arena = arena
        func place(_ tensor: Int?) -> UnsafeMutablePointer<Float>? { tensor.map { arena + places.offset(of: $0) } }
        var number = network.steps.reduce(0) { $0 + ($1.spread == nil ? 0 : 1) }
        for (time, own) in places.steps.enumerated() {
            let index = network.steps.count - 1 - time
            let forward = network.steps[index]
            var step = BackwardStep(index: index)
            if let spread = forward.spread, case .convolution(let kernel, _, _) = forward.work,
                let input = place(own.input)
            {
                number -= 1
                step.weights = WeightGradient(
                    filters: Self.filters(
                        forward, kernel, spread, gradient: place(own.output), input: input, result: place(own.filters),
                        used: spread.usedTaps.map { memory.bytes($0) }), input: input, spread: spread, number: number)
                if let window = own.window {
                    var convolution = Self.convolution(forward, kernel, spread, window: window, memory: memory)
                    convolution.source.values = UnsafePointer(place(own.output))
                    convolution.target.values = place(own.extended)
                    let weights: UnsafeMutablePointer<Float>
                    if let shared = twin?.steps[time].convolution?.weights {
                        weights = shared
                    } else {
                        weights = try memory.floats(blocked_weights_size(&convolution.kernel))
                    }
                    step.convolution = BackwardConvolution(
                        kernel: convolution.kernel, weights: weights, source: convolution.source,
                        target: convolution.target)
                    scratchSize = max(scratchSize, blocked_scratch_size(&convolution.kernel, &convolution.target))
                }
            }
            if time == 0 { last = place(own.output) }
            if let window = own.window, let gradient = place(own.value) {
                var entrance = gradient_entrance()
                entrance.extended = UnsafePointer(place(own.extended))
                entrance.extended_width = Int32(window.columns.count)
                entrance.extended_height = Int32(window.rows.count)
                entrance.row_starts = UnsafePointer(memory.table(window.rows.starts))
                entrance.rows = UnsafePointer(memory.table(window.rows.places))
                entrance.column_starts = UnsafePointer(memory.table(window.columns.starts))
                entrance.columns = UnsafePointer(memory.table(window.columns.places))
                entrance.blocks = (forward.source.channels + 15) / 16
                entrance.width = forward.source.width
                entrance.height = forward.source.height
                if let added = own.added {
                    entrance.added = UnsafePointer(place(added.tensor))
                    entrance.added_width = added.width
                    entrance.added_height = added.height
                }
                entrance.gradient = gradient
                entrance.rectify = forward.source.rectify
                let producer = network.steps[index - 1]
                if case .convolution(_, _, let norm?) = producer.work {
                    let channels = Int(entrance.blocks) * 16
                    entrance.values = forward.source.values
                    entrance.scale = forward.source.scale
                    entrance.shift = forward.source.shift
                    let standard = try memory.floats(2 * channels)
                    entrance.inverse = UnsafePointer(standard)
                    entrance.offset = UnsafePointer(standard + channels)
                    entrance.sums = try memory.floats(2 * channels)
                    entrance.parts = try memory.floats(gradient_parts(entrance.blocks, entrance.height))
                    step.norm = gradient_norm(
                        gradient: entrance.gradient, values: entrance.values, blocks: entrance.blocks,
                        height: entrance.height, width: entrance.width, inverse: entrance.inverse,
                        offset: entrance.offset, scale: UnsafePointer(norm.gamma), sums: UnsafePointer(entrance.sums),
                        spread: producer.target.spread, result: place(places.steps[time + 1].output))
                }
                step.entrance = entrance
            }
            steps.append(step)
        }
    }

    private static func filters(
        _ forward: Step, _ kernel: blocked_kernel, _ spread: SpreadKernel, gradient: UnsafeMutablePointer<Float>?,
        input: UnsafeMutablePointer<Float>, result: UnsafeMutablePointer<Float>?, used: UnsafePointer<UInt8>?
    ) -> gradient_filters {
        gradient_filters(
            gradient: gradient, output_blocks: forward.target.blocks, height: forward.target.height,
            width: forward.target.width, input: input, inputs: Int32(spread.inputs),
            input_height: forward.source.row_count, input_width: forward.source.column_count, kernel: kernel.kernel,
            stride: kernel.stride, dilation: kernel.dilation, used: used, result: result)
    }

    private static func convolution(
        _ forward: Step, _ kernel: blocked_kernel, _ spread: SpreadKernel, window: (rows: Fold, columns: Fold),
        memory: Memory
    ) -> (kernel: blocked_kernel, source: blocked_source, target: blocked_target) {
        var back = blocked_kernel()
        back.method = NetworkPlan.method(side: spread.side, stride: 1, dilation: Int(kernel.dilation))
        back.kernel = kernel.kernel
        back.stride = 1
        back.dilation = kernel.dilation
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
        source.rows = UnsafePointer(memory.table(rows))
        source.columns = UnsafePointer(memory.table(columns))
        source.row_count = Int32(rows.count)
        source.column_count = Int32(columns.count)
        var target = blocked_target()
        target.width = Int32(window.columns.count)
        target.height = Int32(window.rows.count)
        target.blocks = back.output_blocks
        target.spread = 1
        return (back, source, target)
    }
}
