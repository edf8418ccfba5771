/// A convolution of stride 1/2, also called transposed: a 3x3 kernel, turned by half a turn, over the input with a zero
/// after each of its rows and columns and zeros around it. It doubles width and height.
package struct PlainFractionalConvolution: PlainLayer {
    /// The kernel as it is applied.
    private var turned: PlainConvolution

    /// - Parameters:
    ///   - weight: [outputs][inputs][3][3].
    ///   - bias: one for each output.
    package init(outputs: Int, inputs: Int, weight: [Double], bias: [Double]) {
        turned = PlainConvolution(
            outputs: outputs, inputs: inputs, kernel: 3, weight: Self.turned(weight), bias: bias)
    }

    /// The weights, then the biases.
    package var parameters: [[Double]] {
        get { [Self.turned(turned.parameters[0]), turned.parameters[1]] }
        set { turned.parameters = [Self.turned(newValue[0]), newValue[1]] }
    }

    package func forward(_ input: PlainTensor) -> PlainTensor {
        turned.forward(Spread().forward(input))
    }

    package func backward(_ gradient: PlainTensor, input: PlainTensor) -> PlainTensor {
        Spread().backward(turned.backward(gradient, input: Spread().forward(input)), input: input)
    }

    package func parameterGradients(_ gradient: PlainTensor, input: PlainTensor) -> [[Double]] {
        let gradients = turned.parameterGradients(gradient, input: Spread().forward(input))
        return [Self.turned(gradients[0]), gradients[1]]
    }

    /// Each kernel of nine, the last of them first.
    private static func turned(_ weight: [Double]) -> [Double] {
        weight.indices.map { weight[$0 / 9 * 9 + 8 - $0 % 9] }
    }

    private struct Spread: PlainRearrangement {
        func map(rows length: Int) -> IndexMap {
            (-1...2 * length).map { 0..<2 * length ~= $0 && $0 % 2 == 0 ? Int32($0 / 2) : -1 }
        }
        func map(columns length: Int) -> IndexMap { map(rows: length) }
    }
}
