import NeuralNet

extension LossNetworkWeights {
    /// A loss network with uniformly distributed weights, of a variance that keeps the scale of activations from layer
    /// to layer (He et al. 2015), and small biases; reproducible for a seed.
    ///
    /// Random features carry style and content too, so that losses on them behave like those on trained ones. Tests
    /// that use only the first blocks on a small image are fast.
    public static func random(_ kind: LossNetworkKind = .vgg16, seed: UInt64 = 1) throws -> LossNetworkWeights {
        var generator = SeededGenerator(seed: seed)
        /// Uniform in -limit..<limit.
        func values(_ count: Int, limit: Float) -> [Float] {
            (0..<count).map { _ in (Float(generator.next() >> 40) * 0x1p-23 - 1) * limit }
        }
        var inputs = 3
        let convolutions = kind.layers.map { layer in
            let outputs = LossNetworkKind.channelsPerBlock[layer.block - 1]
            defer { inputs = outputs }
            return Convolution(
                outputs: outputs, inputs: inputs,
                weight: values(outputs * inputs * 9, limit: (6 / Float(9 * inputs)).squareRoot()),
                bias: values(outputs, limit: 1))
        }
        return try LossNetworkWeights(kind: kind, convolutions: convolutions, checksum: "random \(seed)")
    }
}
