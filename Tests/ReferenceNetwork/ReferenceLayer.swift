/// The reference implementation of a layer, forward and backward, in double precision. The fast implementations are
/// tested against it.
///
/// For a loss L of the output y = layer(x), the gradients with respect to the input x and to the layer's parameters
/// follow from dL/dy by the chain rule.
package protocol ReferenceLayer: Sendable {
    /// The trainable parameters, in lists that each layer defines; empty for most layers.
    var parameters: [[Double]] { get set }

    /// The output for `input`.
    func forward(_ input: ReferenceTensor) -> ReferenceTensor

    /// dL/dx.
    /// - Parameters:
    ///   - gradient: dL/dy, of the output's shape.
    ///   - input: x, the input of `forward`.
    func backward(_ gradient: ReferenceTensor, input: ReferenceTensor) -> ReferenceTensor

    /// dL/dp for each of `parameters`.
    /// - Parameters:
    ///   - gradient: dL/dy, of the output's shape.
    ///   - input: x, the input of `forward`.
    func parameterGradients(_ gradient: ReferenceTensor, input: ReferenceTensor) -> [[Double]]
}

extension ReferenceLayer {
    package var parameters: [[Double]] {
        get { [] }
        set {}
    }

    package func parameterGradients(_ gradient: ReferenceTensor, input: ReferenceTensor) -> [[Double]] { [] }
}

/// A sequence of layers.
package struct ReferenceSequence: ReferenceLayer {
    package var layers: [any ReferenceLayer]

    package init(_ layers: [any ReferenceLayer]) { self.layers = layers }

    /// The parameters of all layers, in order.
    package var parameters: [[Double]] {
        get { layers.flatMap(\.parameters) }
        set {
            var rest = newValue[...]
            for index in layers.indices {
                let count = layers[index].parameters.count
                layers[index].parameters = Array(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
        }
    }

    package func forward(_ input: ReferenceTensor) -> ReferenceTensor {
        layers.reduce(input) { $1.forward($0) }
    }

    package func backward(_ gradient: ReferenceTensor, input: ReferenceTensor) -> ReferenceTensor {
        zip(layers, inputs(from: input)).reversed().reduce(gradient) { $1.0.backward($0, input: $1.1) }
    }

    package func parameterGradients(_ gradient: ReferenceTensor, input: ReferenceTensor) -> [[Double]] {
        var gradient = gradient
        var gradients: [[[Double]]] = []
        for (layer, input) in zip(layers, inputs(from: input)).reversed() {
            gradients.append(layer.parameterGradients(gradient, input: input))
            gradient = layer.backward(gradient, input: input)
        }
        return gradients.reversed().flatMap { $0 }
    }

    /// The input of each layer.
    private func inputs(from input: ReferenceTensor) -> [ReferenceTensor] {
        layers.dropLast().reduce(into: [input]) { inputs, layer in
            inputs.append(layer.forward(inputs[inputs.count - 1]))
        }
    }
}
