import ModelFiles

/// The weights of one convolution and of the instance normalisation that follows it.
package struct ConvolutionWeights: Sendable {
    package let outputs: Int
    package let inputs: Int
    package let kernel: Int
    /// [outputs][inputs][kernel][kernel].
    package let weight: [Float]
    package let bias: [Float]
    /// Scale and shift of the instance normalisation; nil in the last layer.
    package let norm: (scale: [Float], shift: [Float])?
}

/// The weights of one layer of an architecture.
package enum LayerWeights: Sendable {
    case convolution(ConvolutionWeights)
    case residual(ConvolutionWeights, ConvolutionWeights)
    case none

    /// In the order of the model file.
    var convolutions: [ConvolutionWeights] {
        switch self {
        case .convolution(let only): [only]
        case .residual(let first, let second): [first, second]
        case .none: []
        }
    }
}

/// The name and shape of every tensor that a model of this description must have.
func tensorShapes(of description: ModelDescription) throws(ModelError) -> [(name: String, shape: [Int])] {
    var shapes: [(name: String, shape: [Int])] = []
    var channels = description.kind.inputChannels
    let layers = description.architecture.layers
    var outputs: [Int] = []
    func add(_ convolution: String, _ norm: String?, outputs: Int, kernel: Int) {
        shapes.append(("\(convolution).weight", [outputs, channels, kernel, kernel]))
        shapes.append(("\(convolution).bias", [outputs]))
        if let norm {
            shapes.append(("\(norm).scale", [outputs]))
            shapes.append(("\(norm).shift", [outputs]))
        }
    }
    for (index, layer) in layers.enumerated() {
        let norm = index == layers.count - 1 ? nil : "\(index).norm"
        switch layer {
        case .convolution(let kernel, _, _, let outputs):
            add("\(index).conv", norm, outputs: outputs, kernel: kernel)
            channels = outputs
        case .fractionalConvolution(let outputs):
            add("\(index).conv", norm, outputs: outputs, kernel: 3)
            channels = outputs
        case .residual(let count, _):
            guard count == channels else {
                throw ModelError(
                    "layer \(index), a residual block of \(count) channels, has an input of \(channels) channels")
            }
            for part in 1...2 { add("\(index).conv\(part)", "\(index).norm\(part)", outputs: count, kernel: 3) }
        case .sum(let source):
            guard outputs[source] == channels else {
                throw ModelError(
                    "layer \(index) adds \(outputs[source]) channels, the output of layer \(source), to \(channels)")
            }
        case .upsampling, .bilinearUpsampling:
            break
        }
        outputs.append(channels)
    }
    return shapes
}

/// Weights with shapes but no values: enough to compute a plan's memory.
func emptyWeights(of description: ModelDescription) throws(ModelError) -> [LayerWeights] {
    let layers = description.architecture.layers
    var channels = description.kind.inputChannels
    // Throws if the description is inconsistent.
    _ = try tensorShapes(of: description)
    return layers.enumerated().map { index, layer in
        func empty(_ outputs: Int, _ kernel: Int, isLast: Bool) -> ConvolutionWeights {
            defer { channels = outputs }
            return ConvolutionWeights(
                outputs: outputs, inputs: channels, kernel: kernel, weight: [], bias: [], norm: isLast ? nil : ([], []))
        }
        let isLast = index == layers.count - 1
        switch layer {
        case .convolution(let kernel, _, _, let outputs):
            return .convolution(empty(outputs, kernel, isLast: isLast))
        case .fractionalConvolution(let outputs): return .convolution(empty(outputs, 3, isLast: isLast))
        case .residual(let count, _):
            return .residual(empty(count, 3, isLast: false), empty(count, 3, isLast: false))
        case .upsampling, .bilinearUpsampling, .sum: return .none
        }
    }
}

/// Assigns a file's tensors to the layers.
///
/// - Throws: an error that names the tensor that is missing, has the wrong shape, or belongs to no layer.
func layerWeights(
    of description: ModelDescription, in tensors: [String: SafeTensors.Tensor]
) throws(ModelError) -> [LayerWeights] {
    let shapes = try tensorShapes(of: description)
    for (name, shape) in shapes {
        guard let tensor = tensors[name] else { throw ModelError("tensor \"\(name)\" of shape \(shape) is missing") }
        guard tensor.shape == shape else {
            throw ModelError("tensor \"\(name)\" has shape \(tensor.shape); the architecture asks for \(shape)")
        }
    }
    let known = Set(shapes.map(\.name))
    if let stranger = tensors.keys.filter({ !known.contains($0) }).min() {
        throw ModelError("tensor \"\(stranger)\" belongs to no layer of the architecture")
    }

    func weights(_ convolution: String, _ norm: String) -> ConvolutionWeights? {
        guard let weight = tensors["\(convolution).weight"], let bias = tensors["\(convolution).bias"] else {
            return nil
        }
        var scaleAndShift: (scale: [Float], shift: [Float])?
        if let scale = tensors["\(norm).scale"], let shift = tensors["\(norm).shift"] {
            scaleAndShift = (scale.values, shift.values)
        }
        return ConvolutionWeights(
            outputs: weight.shape[0], inputs: weight.shape[1], kernel: weight.shape[2], weight: weight.values,
            bias: bias.values, norm: scaleAndShift)
    }
    return description.architecture.layers.indices.map { index in
        if let only = weights("\(index).conv", "\(index).norm") { return .convolution(only) }
        if let first = weights("\(index).conv1", "\(index).norm1"),
            let second = weights("\(index).conv2", "\(index).norm2")
        {
            return .residual(first, second)
        }
        return .none
    }
}
