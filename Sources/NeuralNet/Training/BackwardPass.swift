import CKernels
import Imaging

/// The parts of a backward step, for measurements.
package enum BackwardPart: String, CaseIterable, Sendable {
    /// From the output image to the last convolution's output.
    case image
    /// Recomputing the padded input.
    case input
    /// The gradient with respect to the sub-pixel kernel's weights, and adding it to that of the original weights.
    case weights, collection
    /// The convolution with the flipped weights.
    case convolution
    /// The prologue (padding, residual sums, ReLU), and the normalisation.
    case prologue, normalization
}

/// The backward pass of a network, with its memory and the flipped weights.
final class BackwardPass {
    private let plan: BackwardPlan
    private let network: Network
    private let ranges: ParameterRanges
    private let scratch: Scratch
    private let ones: UnsafePointer<Float>
    private let zeros: UnsafePointer<Float>
    private let memory = Memory()
    /// Called after each part of a step, with the step's index in the network.
    var observer: ((_ step: Int, _ part: BackwardPart) -> Void)?
    /// The backward pass that owns the shared weights and the memory of the gradients; nil if this one does.
    private let owner: BackwardPass?

    init(of network: Network, ranges: ParameterRanges, sharing owner: BackwardPass?) throws(ModelError) {
        self.network = network
        self.ranges = ranges
        self.owner = owner
        plan = try Self.plan(of: network.plan, threads: network.threads, memory: memory, sharing: owner?.plan)
        let most = plan.steps.reduce(0) { max($0, Int($1.prologue?.blocks ?? 0) * 16) }
        ones = UnsafePointer(try memory.floats([Float](repeating: 1, count: most), count: most))
        zeros = UnsafePointer(try memory.floats(most))
        scratch = try Scratch(threads: network.threads, size: plan.scratchSize)
    }

    /// Makes the plan, and notes the backward pass's other allocations in the memory's cost.
    static func plan(
        of network: NetworkPlan, threads: Int, memory: Memory, sharing owner: BackwardPlan?
    ) throws(ModelError) -> BackwardPlan {
        let plan = try BackwardPlan(of: network, memory: memory, sharing: owner)
        memory.record(Scratch.floats(threads: threads, size: plan.scratchSize))
        // Temporary memory while weights are loaded and gradients collected.
        for step in plan.steps {
            guard let subpixel = step.weights?.subpixel else { continue }
            memory.record(subpixel.weightCount + subpixel.outputs * subpixel.inputs * subpixel.kernel * subpixel.kernel)
            if step.convolution != nil {
                memory.record((subpixel.inputs + 15) / 16 * 16 * subpixel.channels * subpixel.side * subpixel.side)
            }
        }
        return plan
    }

    /// Loads new parameters, reordered for the forward and the backward convolutions.
    func load(_ parameters: UnsafePointer<Float>) {
        parallel(plan.steps.count, threads: network.threads) { index in
            let step = plan.steps[index]
            guard let weights = step.weights,
                case .convolution(var kernel, let reordered, let norm) = network.plan.steps[step.index].work
            else { return }
            let range = ranges.convolutions[weights.number]
            var values = Array(
                UnsafeBufferPointer(start: parameters + range.weight.lowerBound, count: range.weight.count))
            if norm == nil {
                for index in values.indices { values[index] /= ranges.reductions[range.weight.lowerBound + index] }
            }
            let phaseWeights = weights.subpixel.phaseWeights(of: values)
            Self.reorder(phaseWeights, of: weights.subpixel, for: &kernel, isBackward: false, reordered)
            if var convolution = step.convolution {
                Self.reorder(
                    phaseWeights, of: weights.subpixel, for: &convolution.kernel, isBackward: true, convolution.weights)
            }
            if let norm, let scale = range.scale, let shift = range.shift {
                norm.gamma.update(from: parameters + scale.lowerBound, count: scale.count)
                norm.beta.update(from: parameters + shift.lowerBound, count: shift.count)
            } else if let bias = network.plan.image.bias.map(UnsafeMutablePointer.init(mutating:)) {
                for (output, index) in range.bias.enumerated() {
                    bias[output] = parameters[index] / ranges.reductions[index]
                }
            }
        }
    }

    /// - Parameter weights: those of all phases, from `SubpixelKernel.phaseWeights(of:)`.
    private static func reorder(
        _ weights: [Float], of subpixel: SubpixelKernel, for kernel: inout blocked_kernel, isBackward: Bool,
        _ reordered: UnsafeMutablePointer<Float>
    ) {
        guard kernel.method == BLOCKED_TILES, kernel.kernel == 3, kernel.stride == 1 else {
            blocked_reorder_weights(&kernel, isBackward ? subpixel.flipped(weights) : weights, reordered)
            return
        }
        weights.withUnsafeBufferPointer { weights in
            var raw = blocked_raw_weights(
                weight: weights.baseAddress, outputs: Int32(isBackward ? subpixel.channels : subpixel.blocks * 16),
                inputs: Int32(subpixel.inputs), is_backward: isBackward ? 1 : 0)
            blocked_reorder_raw_weights(&raw, reordered, 1)
        }
    }

    /// Adds the gradient with respect to all parameters.
    ///
    /// - Parameters:
    ///   - gradient: with respect to the output image of the last forward pass, three planes.
    ///   - planes: the input of that pass.
    /// - Throws: if the calling thread's `Cancellation` is requested; the gradient is then incomplete.
    func run(
        _ gradient: UnsafePointer<Float>, planes: UnsafePointer<UnsafePointer<Float>?>?, prior: UnsafePointer<Float>?,
        certainty: UnsafePointer<Float>?, into gradients: UnsafeMutablePointer<Float>
    ) throws(Cancelled) {
        guard let last = plan.last else { return }
        let threads = Int32(network.threads)
        Self.enterImage(
            network.plan.image, gradient: gradient, prior: prior, certainty: certainty, result: last,
            threads: network.threads)
        observer?(network.plan.steps.count - 1, .image)
        for step in plan.steps {
            try Cancellation.check()
            let forward = network.plan.steps[step.index]
            if let weights = step.weights {
                var source = forward.source
                source.materialized = nil
                if forward.readsInput { source.planes = planes }
                blocked_materialize(&source, weights.input, threads)
                observer?(step.index, .input)
                try Cancellation.check()
                addGradient(of: weights, into: gradients)
                observer?(step.index, .collection)
                try Cancellation.check()
            }
            if var convolution = step.convolution {
                blocked_convolve(
                    &convolution.kernel, &convolution.source, &convolution.target, convolution.weights, scratch.threads,
                    threads
                )
                observer?(step.index, .convolution)
            }
            guard var prologue = step.prologue else { continue }
            guard var norm = step.norm else {
                gradient_of_prologue(&prologue, threads)
                observer?(step.index, .prologue)
                continue
            }
            standardize(network.plan.steps[step.index - 1], prologue)
            gradient_of_prologue(&prologue, threads)
            observer?(step.index, .prologue)
            addGradient(of: step.index - 1, prologue.sums, prologue.blocks, into: gradients)
            gradient_of_norm(&norm, threads)
            observer?(step.index, .normalization)
        }
        try Cancellation.check()
    }

    private func addGradient(of weights: WeightGradient, into gradients: UnsafeMutablePointer<Float>) {
        let threads = Int32(network.threads)
        var call = weights.call
        gradient_of_weights(&call, threads)
        if let observer {
            let step = plan.steps.first { $0.weights?.number == weights.number }
            observer(step?.index ?? 0, .weights)
        }
        let range = ranges.convolutions[weights.number]
        guard range.scale == nil, let last = plan.last else {
            // Normalisation removes the bias, so its gradient is zero.
            weights.subpixel.collect(call.result, into: gradients + range.weight.lowerBound)
            return
        }
        var total = [Float](repeating: 0, count: range.weight.count)
        total.withUnsafeMutableBufferPointer { total in
            if let total = total.baseAddress { weights.subpixel.collect(call.result, into: total) }
        }
        for (value, index) in zip(total, range.weight) { gradients[index] += value / ranges.reductions[index] }
        var sums = [Float](repeating: 0, count: Int(call.output_blocks) * 16)
        gradient_sum(last, call.output_blocks, call.height * call.width, &sums, threads)
        for channel in 0..<weights.subpixel.channels {
            let index = range.bias.lowerBound + channel % weights.subpixel.outputs
            gradients[index] += sums[channel] / ranges.reductions[index]
        }
    }

    /// Computes `inverse` and `offset`, which standardise the output of a step to mean 0 and standard deviation 1.
    private func standardize(_ producer: Step, _ prologue: gradient_prologue) {
        guard case .convolution(_, _, let norm?) = producer.work else { return }
        let moments = ChannelMoments(of: producer.target, chunks: norm.chunks)
        moments.normalize(
            ones, zeros, scale: UnsafeMutablePointer(mutating: prologue.inverse),
            shift: UnsafeMutablePointer(mutating: prologue.offset))
    }

    /// Adds the gradient with respect to scale and shift of the normalisation of a step's output.
    private func addGradient(
        of producer: Int, _ sums: UnsafePointer<Float>?, _ blocks: Int32, into gradients: UnsafeMutablePointer<Float>
    ) {
        let number = network.plan.steps[..<producer].reduce(0) { $0 + ($1.subpixel == nil ? 0 : 1) }
        guard let sums, let scale = ranges.convolutions[number].scale, let shift = ranges.convolutions[number].shift
        else { return }
        for channel in 0..<scale.count {
            gradients[shift.lowerBound + channel] += sums[channel]
            gradients[scale.lowerBound + channel] += sums[Int(blocks) * 16 + channel]
        }
    }
}
