/// The weights of a loss network's convolutions, and its input normalisation.
public struct LossNetworkWeights: Sendable {
    /// The weights of one 3x3 convolution.
    public struct Convolution: Sendable {
        /// Number of output channels.
        public let outputs: Int
        /// Number of input channels.
        public let inputs: Int
        /// [outputs][inputs][3][3].
        public let weight: [Float]
        /// One for each output.
        public let bias: [Float]

        /// Not checked here but by the initialiser of ``LossNetworkWeights``.
        public init(outputs: Int, inputs: Int, weight: [Float], bias: [Float]) {
            self.outputs = outputs
            self.inputs = inputs
            self.weight = weight
            self.bias = bias
        }
    }

    /// Decides the number and the shapes of the convolutions.
    public let kind: LossNetworkKind
    /// One for each layer of the kind, in network order. The input channels of the first are blue, green, red.
    public let convolutions: [Convolution]
    /// The input of the first convolution for a value x of network space is `x * inputScale + inputShift`, for blue,
    /// green, red; then it is padded with zeros. 1 and 0 for networks trained on network space, such as the original.
    public let inputScale: [Float]
    /// For blue, green, red; see ``inputScale``.
    public let inputShift: [Float]
    /// Identifies the weights.
    public let checksum: String

    /// - Throws: an error if the convolutions are not the kind's, or a value is not finite.
    public init(
        kind: LossNetworkKind, convolutions: [Convolution], inputScale: [Float] = [1, 1, 1],
        inputShift: [Float] = [0, 0, 0], checksum: String = ""
    ) throws(ModelError) {
        var inputs = 3
        guard convolutions.count == kind.layers.count else {
            throw ModelError("\(kind) has \(kind.layers.count) convolutions, not \(convolutions.count)")
        }
        for (layer, convolution) in zip(kind.layers, convolutions) {
            let outputs = LossNetworkKind.channelsPerBlock[layer.block - 1]
            guard convolution.outputs == outputs, convolution.inputs == inputs,
                convolution.weight.count == outputs * inputs * 9, convolution.bias.count == outputs
            else {
                throw ModelError(
                    "the convolution before \(layer) has \(inputs) inputs, \(outputs) outputs and 3x3 kernels in \(kind); "
                        + "these weights are of another network")
            }
            guard convolution.weight.allSatisfy(\.isFinite), convolution.bias.allSatisfy(\.isFinite) else {
                throw ModelError("the weights before \(layer) hold NaN or infinite values; the file is damaged")
            }
            inputs = outputs
        }
        guard inputScale.count == 3, inputShift.count == 3, (inputScale + inputShift).allSatisfy(\.isFinite) else {
            throw ModelError("the loss network's input needs a scale and a shift for each of three channels")
        }
        self.kind = kind
        self.convolutions = convolutions
        self.inputScale = inputScale
        self.inputShift = inputShift
        self.checksum = checksum
    }
}
