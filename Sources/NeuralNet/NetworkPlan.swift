import CKernels
import Imaging

/// The execution plan of a network for one frame size: its steps and their memory.
///
/// While the plan is built, a `Value` is a tensor with pending operations. Normalisation, ReLU, residual sums and
/// upsampling are deferred and fused into the next convolution. Padding becomes index tables of its input.
struct NetworkPlan {
    private(set) var steps: [Step] = []
    private(set) var image = blocked_image()
    private(set) var scratchSize = 0
    private var multiplications = 0.0

    private struct Value {
        /// The tensor's id in the plan; nil for the network's input.
        var tensor: Int?
        var channels: Int
        var width: Int
        var height: Int
        var norm: StepNorm?
        var rectify = false
        /// The skip connection's tensor, whose centre crop is added: id, width, height.
        var skip: (tensor: Int, width: Int, height: Int)?
        var upsampling = 1
        /// The factor of bilinear upsampling, which only the next convolution's kernel can apply.
        var bilinear = 1
        /// The index maps from the network's input to the frame.
        var columns: IndexMap?
        var rows: IndexMap?

        var isPlain: Bool { tensor != nil && norm == nil && skip == nil && upsampling == 1 && bilinear == 1 }
    }

    private let frame: (width: Int32, height: Int32)
    private let padding: Padding
    private let memory: Memory
    private var tensors = MemoryPlanner()
    /// Whether tensors keep their memory until the plan is run again.
    private let retains: Bool
    /// The plan of the same model that weights are shared with.
    private let owner: (steps: [Step], bias: UnsafePointer<Float>?)?

    /// - Parameters:
    ///   - weights: one for each layer; without values if `memory` is cost-only or `owner` has the weights.
    ///   - width, height: size of the frames in pixels, 1...65536.
    /// - Throws: an error if the output would not have the frame's size, a layer exceeds ``PlanLimits``, or an
    ///   allocation fails.
    init(
        _ description: ModelDescription, weights: [LayerWeights], width: Int, height: Int, memory: Memory,
        retains: Bool = false, sharingWeightsOf owner: NetworkPlan? = nil
    ) throws(ModelError) {
        let horizontal = try Extent(frame: width, description: description)
        let vertical = try Extent(frame: height, description: description)
        frame = (Int32(width), Int32(height))
        padding = description.padding
        self.memory = memory
        self.retains = retains
        self.owner = owner.map { ($0.steps, $0.image.bias) }
        var value = Value(
            tensor: nil, channels: description.kind.inputChannels, width: horizontal.input.count,
            height: vertical.input.count, columns: horizontal.input, rows: vertical.input)
        let layers = description.architecture.layers
        let skipSources = description.architecture.skipSources
        if !retains, case .convolution(let side, let stride, let dilation, _)? = layers.first,
            Self.method(side: side, stride: stride, dilation: dilation) == BLOCKED_TILES
        {
            // The windows of neighbouring tiles overlap, so that planes would be read several times.
            value = try copy(value)
        }
        var kept: [Int: Value] = [:]
        for (index, layer) in layers.enumerated() {
            do {
                if case .sum(let source) = layer {
                    try addSkip(kept[source], to: &value)
                } else {
                    value = try add(layer, weights[index], reading: value, isLast: index == layers.count - 1)
                }
                if skipSources.contains(index) {
                    value = try materialize(value)
                    kept[index] = value
                    // A tensor's gradient can be added to one sum only, and a residual block adds its input too.
                    if layers.indices.contains(index + 1), case .residual = layers[index + 1] {
                        value = try copy(value)
                    }
                }
            } catch {
                throw ModelError("\(description.architecture.name(of: index)) \(error.description)")
            }
        }
        try PlanLimits.check(multiplications: multiplications, width: width, height: height)
        try connect(value, outputScale: description.outputScale, width: width, height: height)
    }

    private mutating func add(
        _ layer: Architecture.Layer, _ weights: LayerWeights, reading input: Value, isLast: Bool
    ) throws(ModelError) -> Value {
        switch (layer, weights) {
        case (.convolution(_, let stride, let dilation, _), .convolution(let weights)):
            return try convolve(
                input, weights, stride: stride, dilation: dilation, padding: padding.ofConvolutions, isLast: isLast)
        case (.fractionalConvolution, .convolution(let weights)):
            return try convolve(
                materialize(input),
                SubpixelKernel(fractionalOutputs: weights.outputs, inputs: weights.inputs, isDense: isLast), weights,
                stride: 1, dilation: 1, padding: .zero)
        case (.residual(_, let dilation), .residual(let first, let second)):
            return try residual(input, first, second, dilation: dilation)
        case (.upsampling(let factor), _):
            var output = input
            output.upsampling *= factor
            guard output.upsampling <= PlanLimits.upsampling else {
                throw ModelError(
                    "enlarges \(output.upsampling) times at once; at most \(PlanLimits.upsampling) times are supported")
            }
            return output
        case (.bilinearUpsampling(let factor), _):
            guard padding == .replicate, input.tensor != nil, input.upsampling == 1, input.bilinear == 1 else {
                throw ModelError("upsamples bilinearly, which needs a convolution before it and the padding replicate")
            }
            var output = input
            output.bilinear = factor
            return output
        default:
            return input
        }
    }

    /// Adds the output of an earlier layer to that of a convolution, in place of ReLU.
    private func addSkip(_ skip: Value?, to value: inout Value) throws(ModelError) {
        guard let skip, let tensor = skip.tensor, value.norm != nil, value.skip == nil, value.channels == skip.channels,
            value.width == skip.width, value.height == skip.height
        else { throw ModelError("adds an output of another shape") }
        value.rectify = false
        value.skip = (tensor, skip.width, skip.height)
    }

    private mutating func residual(
        _ input: Value, _ first: ConvolutionWeights, _ second: ConvolutionWeights, dilation: Int
    ) throws(ModelError) -> Value {
        guard input.bilinear == 1 else { throw Self.bilinearError }
        // The skip connection needs the block's materialized input. The first convolution stores it if its kernel can.
        let canKeep = dilation == 1 && input.tensor != nil && input.upsampling == 1
        let input = canKeep ? input : try materialize(input)
        var materialized = input.tensor
        if !input.isPlain {
            materialized = tensors.add(size: Self.size(input), writtenBy: steps.count)
        }
        let middle = try convolve(
            input, first, stride: 1, dilation: dilation, padding: padding.ofResiduals, isLast: false,
            materialized: input.isPlain ? nil : materialized)
        var output = try convolve(
            middle, second, stride: 1, dilation: dilation, padding: padding.ofResiduals, isLast: false)
        output.rectify = false
        if let materialized { output.skip = (materialized, input.width, input.height) }
        return output
    }

    private mutating func convolve(
        _ input: Value, _ weights: ConvolutionWeights, stride: Int, dilation: Int, padding: PaddingMode?, isLast: Bool,
        materialized: Int? = nil
    ) throws(ModelError) -> Value {
        if input.bilinear > 1 {
            guard stride == 1, dilation == 1, materialized == nil else { throw Self.bilinearError }
            var source = input
            source.bilinear = 1
            return try convolve(
                source,
                SubpixelKernel(
                    outputs: weights.outputs, inputs: weights.inputs, kernel: weights.kernel,
                    bilinearlyUpsampledBy: input.bilinear, isDense: isLast), weights, stride: stride,
                dilation: dilation, padding: padding)
        }
        // Upsampling can only be folded into the kernel with zero or replicate padding: after reflection, or without
        // padding, the upsampled input is not the upsampled image of a padded smaller one.
        let folds = stride == 1 && dilation == 1 && (padding == .zero || padding == .replicate)
        let factor = folds && input.tensor != nil ? input.upsampling : 1
        var input = input
        input.upsampling /= factor
        return try convolve(
            input,
            SubpixelKernel(
                outputs: weights.outputs, inputs: weights.inputs, kernel: weights.kernel, upsampledBy: factor,
                isDense: isLast), weights, stride: stride, dilation: dilation, padding: padding,
            materialized: materialized)
    }

    private mutating func convolve(
        _ input: Value, _ subpixel: SubpixelKernel, _ weights: ConvolutionWeights, stride: Int, dilation: Int,
        padding: PaddingMode?, materialized: Int? = nil
    ) throws(ModelError) -> Value {
        let reach = dilation * (subpixel.side - 1)
        let margin = padding == nil ? 0 : reach / 2
        let padded = Self.paddingTables(input, by: padding ?? .zero, margin: margin)
        let width = (padded.columns.count - reach - 1) / stride + 1
        let height = (padded.rows.count - reach - 1) / stride + 1
        try PlanLimits.check(
            subpixel, input: ((subpixel.inputs + 15) / 16, padded.columns.count, padded.rows.count),
            output: (subpixel.blocks, width, height))
        multiplications += Double(subpixel.weightCount) * Double(width) * Double(height)

        var kernel = blocked_kernel()
        kernel.method = Self.method(side: subpixel.side, stride: stride, dilation: dilation)
        kernel.kernel = Int32(subpixel.side)
        kernel.stride = Int32(stride)
        kernel.dilation = Int32(dilation)
        kernel.inputs = Int32(subpixel.inputs)
        kernel.output_blocks = Int32(subpixel.blocks)
        let reordered = try reordered(weights, subpixel, kernel)

        // The last layer's phases stay separate channels; blocked_finish_image interleaves them.
        let isLast = weights.norm == nil
        let upscale = isLast ? 1 : subpixel.upscale
        var target = blocked_target()
        target.width = Int32(width)
        target.height = Int32(height)
        target.blocks = Int32(subpixel.blocks)
        target.upscale = Int32(upscale)
        var norm: StepNorm?
        if let parameters = weights.norm {
            let chunks = Int(blocked_chunk_count(&kernel, &target))
            norm = try stepNorm(parameters, channels: subpixel.phaseOutputs, chunks: chunks)
            target.moments = try memory.floats(chunks * subpixel.blocks * 16 * 2)
            target.counts = try memory.zeros(chunks, of: Int32.self)
        } else {
            image.values = nil
            image.width = target.width
            image.height = target.height
            image.outputs = Int32(weights.outputs)
            image.upscale = Int32(subpixel.upscale)
            if let shared = owner?.bias {
                image.bias = shared
            } else {
                image.bias = UnsafePointer(try memory.floats(weights.bias, count: weights.outputs))
            }
        }
        scratchSize = max(scratchSize, blocked_scratch_size(&kernel, &target))
        var output = Value(
            tensor: nil, channels: weights.outputs, width: width * upscale, height: height * upscale, norm: norm,
            rectify: norm != nil)
        output.tensor = tensors.add(size: subpixel.blocks * 16 * width * height, writtenBy: steps.count)
        try add(
            .convolution(kernel: kernel, weights: reordered, norm: norm), subpixel, reading: input, padded: padded,
            target: target, output: output.tensor ?? 0, materialized: materialized)
        return output
    }

    /// The weights of the next step in the kernel's order: the owner's, or a copy.
    private func reordered(
        _ weights: ConvolutionWeights, _ subpixel: SubpixelKernel, _ kernel: blocked_kernel
    ) throws(ModelError) -> UnsafeMutablePointer<Float> {
        if case .convolution(_, let shared, _) = owner?.steps[steps.count].work { return shared }
        var kernel = kernel
        let reordered = try memory.floats(blocked_weights_size(&kernel))
        memory.record(subpixel.weightCount)
        if !memory.isCostOnly {
            blocked_reorder_weights(&kernel, subpixel.phaseWeights(of: weights.weight), reordered)
        }
        return reordered
    }

    /// The norm of the next step, with the owner's parameters or a copy.
    private func stepNorm(
        _ parameters: (scale: [Float], shift: [Float]), channels: Int, chunks: Int
    ) throws(ModelError) -> StepNorm {
        let gamma: UnsafeMutablePointer<Float>
        let beta: UnsafeMutablePointer<Float>
        if case .convolution(_, _, let shared?) = owner?.steps[steps.count].work {
            (gamma, beta) = (shared.gamma, shared.beta)
        } else {
            gamma = try memory.floats(parameters.scale, count: channels)
            beta = try memory.floats(parameters.shift, count: channels)
        }
        return StepNorm(
            gamma: gamma, beta: beta, scale: try memory.floats(channels), shift: try memory.floats(channels),
            chunks: chunks)
    }

    private static let bilinearError = ModelError("follows bilinear upsampling and is no convolution of stride 1")

    /// Adds a copy step that applies the value's pending operations, unless there are none.
    private mutating func materialize(_ value: Value) throws(ModelError) -> Value {
        value.isPlain ? value : try copy(value)
    }

    /// Adds a copy step that applies the value's pending operations.
    private mutating func copy(_ value: Value) throws(ModelError) -> Value {
        guard value.bilinear == 1 else { throw Self.bilinearError }
        let padded = Self.paddingTables(value, by: .zero, margin: 0)
        try PlanLimits.check(((value.channels + 15) / 16, padded.columns.count, padded.rows.count))
        var output = Value(
            tensor: nil, channels: value.channels, width: padded.columns.count, height: padded.rows.count)
        output.tensor = tensors.add(size: Self.size(output), writtenBy: steps.count)
        try add(
            .copy, nil, reading: value, padded: padded, target: blocked_target(), output: output.tensor ?? 0,
            materialized: nil)
        return output
    }

    private mutating func add(
        _ work: Step.Work, _ subpixel: SubpixelKernel?, reading input: Value,
        padded: (columns: IndexMap, rows: IndexMap), target: blocked_target, output: Int, materialized: Int?
    ) throws(ModelError) {
        var source = blocked_source()
        source.channels = Int32(input.channels)
        source.width = Int32(input.width)
        source.height = Int32(input.height)
        source.scale = input.norm.map { UnsafePointer($0.scale) }
        source.shift = input.norm.map { UnsafePointer($0.shift) }
        source.rectify = input.rectify ? 1 : 0
        source.skip_width = Int32(input.skip?.width ?? 0)
        source.skip_height = Int32(input.skip?.height ?? 0)
        if input.tensor == nil {
            // The tables of the network's input are indices into the frame.
            (source.width, source.height) = (frame.width, frame.height)
        }
        source.columns = UnsafePointer(try memory.table(padded.columns))
        source.column_count = Int32(padded.columns.count)
        source.rows = UnsafePointer(try memory.table(padded.rows))
        source.row_count = Int32(padded.rows.count)
        for tensor in [input.tensor, input.skip?.tensor, materialized] {
            if let tensor { tensors.read(tensor, by: steps.count) }
        }
        if retains { for tensor in [materialized, output] { if let tensor { tensors.read(tensor, by: .max) } } }
        steps.append(
            Step(
                work: work, source: source, target: target, readsInput: input.tensor == nil, subpixel: subpixel,
                tensorIDs: (input.tensor, input.skip?.tensor, materialized, output)))
    }

    /// Assigns memory to all tensors.
    private mutating func connect(
        _ output: Value, outputScale: Float, width: Int, height: Int
    ) throws(ModelError) {
        let arena = try memory.floats(tensors.place())
        for index in steps.indices {
            let tensorIDs = steps[index].tensorIDs
            func address(_ tensor: Int?) -> UnsafeMutablePointer<Float>? {
                tensor.map { arena + tensors.offset(of: $0) }
            }
            steps[index].source.values = UnsafePointer(address(tensorIDs.source))
            steps[index].source.skip = UnsafePointer(address(tensorIDs.skip))
            steps[index].source.materialized = address(tensorIDs.materialized)
            steps[index].target.values = address(tensorIDs.target)
        }
        image.values = output.tensor.map { arena + tensors.offset(of: $0) }
        image.output_scale = outputScale
        image.image_width = Int32(width)
        image.image_height = Int32(height)
    }

    private static func size(_ value: Value) -> Int {
        (value.channels + 15) / 16 * 16 * value.width * value.height
    }

    /// The index maps of a convolution's input: padding, upsampling and, for the network's input, the maps to the
    /// frame.
    private static func paddingTables(
        _ value: Value, by mode: PaddingMode, margin: Int
    ) -> (columns: IndexMap, rows: IndexMap) {
        func map(_ length: Int, _ inner: IndexMap?) -> IndexMap {
            let length = inner?.count ?? length
            return mode.map(length: length * value.upsampling, before: margin, after: margin).map { index in
                guard index >= 0 else { return -1 }
                let source = index / Int32(value.upsampling)
                return inner?[Int(source)] ?? source
            }
        }
        return (map(value.width, value.columns), map(value.height, value.rows))
    }

    static func method(side: Int, stride: Int, dilation: Int) -> blocked_method {
        switch (side, stride, dilation) {
        case (3, 1...2, 1), (5, 1, 1): BLOCKED_TILES
        case (9, 1, 1): BLOCKED_DECOMPOSED
        default: BLOCKED_DIRECT
        }
    }
}
