/// The ranges of each convolution's parameters in the vector.
struct ParameterRanges {
    struct Convolution {
        var weight: Range<Int>
        var bias: Range<Int>
        /// Of the normalisation; nil in the last layer.
        var scale: Range<Int>?
        var shift: Range<Int>?
    }

    private(set) var convolutions: [Convolution] = []
    /// The divisor of each parameter between the vector and the network.
    let reductions: [Float]

    init(_ parameters: NetworkParameters) {
        for tensor in parameters.tensors {
            switch tensor.name.split(separator: ".").last {
            case "weight": convolutions.append(Convolution(weight: tensor.range, bias: 0..<0))
            case "bias": convolutions[convolutions.count - 1].bias = tensor.range
            case "scale": convolutions[convolutions.count - 1].scale = tensor.range
            default: convolutions[convolutions.count - 1].shift = tensor.range
            }
        }
        reductions = parameters.tensors.flatMap { tensor in
            tensor.range.map { parameters.reduction(of: $0, in: tensor) }
        }
    }
}
