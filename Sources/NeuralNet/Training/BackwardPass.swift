import CKernels
import Imaging

/// What a step of the way back is made of, for measurements.
package enum BackwardPart: String, CaseIterable, Sendable {
    /// From the picture to the last convolution's output.
    case picture
    /// The extended input, made anew.
    case input
    /// The gradient with respect to the weights, and adding it up for the kernel.
    case filters, collection
    /// The convolution with the turned kernel.
    case convolution
    /// Padding and sums, and the normalisation.
    case entrance, normalization
}

/// The way back through a network: its memory, and the kernels turned for it.
final class BackwardPass {
    private let plan: BackwardPlan
    private let network: Network
    private let places: ParameterPlaces
    private let scratch: Scratch
    private let ones: UnsafePointer<Float>
    private let zeros: UnsafePointer<Float>
    private let memory = Memory()
    /// Called when a part of a step, by its place in the network, is done.
    var observer: ((_ step: Int, _ part: BackwardPart) -> Void)?
    /// Whose memory this one's gradients lie in too.
    private let twin: BackwardPass?

    init(of network: Network, places: ParameterPlaces, sharing twin: BackwardPass?) throws(ModelError) {
        self.network = network
        self.places = places
        self.twin = twin
        plan = try Self.plan(of: network.plan, threads: network.threads, memory: memory, sharing: twin?.plan)
        let most = plan.steps.reduce(0) { max($0, Int($1.entrance?.blocks ?? 0) * 16) }
        ones = UnsafePointer(try memory.floats([Float](repeating: 1, count: most), count: most))
        zeros = UnsafePointer(try memory.floats(most))
        scratch = try Scratch(threads: network.threads, size: plan.scratchSize)
    }

    /// The plan, with what else the way back takes noted in the memory's price.
    static func plan(
        of network: NetworkPlan, threads: Int, memory: Memory, sharing twin: BackwardPlan?
    ) throws(ModelError) -> BackwardPlan {
        let plan = try BackwardPlan(of: network, memory: memory, sharing: twin)
        memory.note(Scratch.floats(threads: threads, size: plan.scratchSize))
        // While weights are loaded and gradients collected.
        for step in plan.steps {
            guard let spread = step.weights?.spread else { continue }
            memory.note(spread.weightCount + spread.outputs * spread.inputs * spread.kernel * spread.kernel)
            if step.convolution != nil {
                memory.note((spread.inputs + 15) / 16 * 16 * spread.channels * spread.side * spread.side)
            }
        }
        return plan
    }

    /// Takes new weights, forward and backward.
    func load(_ parameters: UnsafePointer<Float>) {
        parallel(plan.steps.count, threads: network.threads) { index in
            let step = plan.steps[index]
            guard let weights = step.weights,
                case .convolution(var kernel, let reordered, let norm) = network.plan.steps[step.index].work
            else { return }
            let place = places.convolutions[weights.number]
            var values = Array(
                UnsafeBufferPointer(start: parameters + place.weight.lowerBound, count: place.weight.count))
            if norm == nil {
                for index in values.indices { values[index] /= places.reductions[place.weight.lowerBound + index] }
            }
            let spread = weights.spread.spread(values)
            Self.reorder(spread, of: weights.spread, for: &kernel, isBackward: false, reordered)
            if var convolution = step.convolution {
                Self.reorder(
                    spread, of: weights.spread, for: &convolution.kernel, isBackward: true, convolution.weights)
            }
            if let norm, let scale = place.scale, let shift = place.shift {
                norm.gamma.update(from: parameters + scale.lowerBound, count: scale.count)
                norm.beta.update(from: parameters + shift.lowerBound, count: shift.count)
            } else if let bias = network.plan.picture.bias.map(UnsafeMutablePointer.init(mutating:)) {
                for (output, place) in place.bias.enumerated() {
                    bias[output] = parameters[place] / places.reductions[place]
                }
            }
        }
    }

    /// - Parameter weights: of all phases, as `spread` gives them.
    private static func reorder(
        _ weights: [Float], of spread: SpreadKernel, for kernel: inout blocked_kernel, isBackward: Bool,
        _ reordered: UnsafeMutablePointer<Float>
    ) {
        guard kernel.method == BLOCKED_TILES, kernel.kernel == 3, kernel.stride == 1 else {
            blocked_reorder_weights(&kernel, isBackward ? spread.turned(weights) : weights, reordered)
            return
        }
        weights.withUnsafeBufferPointer { weights in
            var filters = blocked_filters(
                weight: weights.baseAddress, outputs: Int32(isBackward ? spread.channels : spread.blocks * 16),
                inputs: Int32(spread.inputs), is_backward: isBackward ? 1 : 0)
            blocked_reorder_filters(&filters, reordered, 1)
        }
    }

    /// Adds the gradient with respect to all parameters.
    ///
    /// - Parameters:
    ///   - gradient: with respect to the picture of the last forward pass, three planes.
    ///   - planes: the input of that pass.
    /// - Throws: where the calling thread's `Cancellation` is requested; then the gradient has gaps.
    func run(
        _ gradient: UnsafePointer<Float>, planes: UnsafePointer<UnsafePointer<Float>?>?, prior: UnsafePointer<Float>?,
        certainty: UnsafePointer<Float>?, into gradients: UnsafeMutablePointer<Float>
    ) throws(Cancelled) {
        guard let last = plan.last else { return }
        let threads = Int32(network.threads)
        Self.enterPicture(
            network.plan.picture, gradient: gradient, prior: prior, certainty: certainty, result: last,
            threads: network.threads)
        observer?(network.plan.steps.count - 1, .picture)
        for step in plan.steps {
            try Cancellation.check()
            let forward = network.plan.steps[step.index]
            if let weights = step.weights {
                var source = forward.source
                source.kept = nil
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
            guard var entrance = step.entrance else { continue }
            guard var norm = step.norm else {
                gradient_enter(&entrance, threads)
                observer?(step.index, .entrance)
                continue
            }
            standardize(network.plan.steps[step.index - 1], entrance)
            gradient_enter(&entrance, threads)
            observer?(step.index, .entrance)
            addGradient(of: step.index - 1, entrance.sums, entrance.blocks, into: gradients)
            gradient_normalize(&norm, threads)
            observer?(step.index, .normalization)
        }
        try Cancellation.check()
    }

    private func addGradient(of weights: WeightGradient, into gradients: UnsafeMutablePointer<Float>) {
        let threads = Int32(network.threads)
        var filters = weights.filters
        gradient_of_filters(&filters, threads)
        if let observer {
            let step = plan.steps.first { $0.weights?.number == weights.number }
            observer(step?.index ?? 0, .filters)
        }
        let place = places.convolutions[weights.number]
        guard place.scale == nil, let last = plan.last else {
            // A bias that is normalised away has no gradient.
            weights.spread.collect(filters.result, into: gradients + place.weight.lowerBound)
            return
        }
        var total = [Float](repeating: 0, count: place.weight.count)
        total.withUnsafeMutableBufferPointer { total in
            if let total = total.baseAddress { weights.spread.collect(filters.result, into: total) }
        }
        for (value, index) in zip(total, place.weight) { gradients[index] += value / places.reductions[index] }
        var sums = [Float](repeating: 0, count: Int(filters.output_blocks) * 16)
        gradient_sum(last, filters.output_blocks, filters.height * filters.width, &sums, threads)
        for channel in 0..<weights.spread.channels {
            let index = place.bias.lowerBound + channel % weights.spread.outputs
            gradients[index] += sums[channel] / places.reductions[index]
        }
    }

    /// What gives the output of a step mean 0 and deviation 1.
    private func standardize(_ producer: Step, _ entrance: gradient_entrance) {
        guard case .convolution(_, _, let norm?) = producer.work else { return }
        let moments = ChannelMoments(of: producer.target, chunks: norm.chunks)
        moments.normalize(
            ones, zeros, scale: UnsafeMutablePointer(mutating: entrance.inverse),
            shift: UnsafeMutablePointer(mutating: entrance.offset))
    }

    /// Scale and shift of the normalisation of a step's output.
    private func addGradient(
        of producer: Int, _ sums: UnsafePointer<Float>?, _ blocks: Int32, into gradients: UnsafeMutablePointer<Float>
    ) {
        let number = network.plan.steps[..<producer].reduce(0) { $0 + ($1.spread == nil ? 0 : 1) }
        guard let sums, let scale = places.convolutions[number].scale, let shift = places.convolutions[number].shift
        else { return }
        for channel in 0..<scale.count {
            gradients[shift.lowerBound + channel] += sums[channel]
            gradients[scale.lowerBound + channel] += sums[Int(blocks) * 16 + channel]
        }
    }
}
