import NeuralNet

/// A fractionally strided (transposed) 3x3 convolution with stride 1/2: the flipped weights are applied to the input
/// with a zero inserted after each row and column, and zero padding. It doubles width and height.
package struct ReferenceFractionalConvolution: ReferenceLayer {
    /// The convolution with the flipped weights.
    private var convolution: ReferenceConvolution

    /// - Parameters:
    ///   - weight: [outputs][inputs][3][3].
    ///   - bias: one for each output.
    package init(outputs: Int, inputs: Int, weight: [Double], bias: [Double]) {
        convolution = ReferenceConvolution(
            outputs: outputs, inputs: inputs, kernel: 3, weight: Self.flipped(weight), bias: bias)
    }

    /// The weights, then the biases.
    package var parameters: [[Double]] {
        get { [Self.flipped(convolution.parameters[0]), convolution.parameters[1]] }
        set { convolution.parameters = [Self.flipped(newValue[0]), newValue[1]] }
    }

    package func forward(_ input: ReferenceTensor) -> ReferenceTensor {
        convolution.forward(Spread().forward(input))
    }

    package func backward(_ gradient: ReferenceTensor, input: ReferenceTensor) -> ReferenceTensor {
        Spread().backward(convolution.backward(gradient, input: Spread().forward(input)), input: input)
    }

    package func parameterGradients(_ gradient: ReferenceTensor, input: ReferenceTensor) -> [[Double]] {
        let gradients = convolution.parameterGradients(gradient, input: Spread().forward(input))
        return [Self.flipped(gradients[0]), gradients[1]]
    }

    /// The weights with each kernel flipped along both axes.
    private static func flipped(_ weight: [Double]) -> [Double] {
        weight.indices.map { weight[$0 / 9 * 9 + 8 - $0 % 9] }
    }

    private struct Spread: ReferenceRearrangement {
        func map(rows length: Int) -> IndexMap {
            (-1...2 * length).map { 0..<2 * length ~= $0 && $0 % 2 == 0 ? Int32($0 / 2) : -1 }
        }
        func map(columns length: Int) -> IndexMap { map(rows: length) }
    }
}
