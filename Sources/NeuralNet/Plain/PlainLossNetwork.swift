/// The reference implementation of a loss network, which `LossNetwork` is tested against.
package struct PlainLossNetwork: Sendable {
    /// The layers in order, each with the operations from the previous one (or the image) to its ReLU.
    private let stages: [(layer: LossLayer, steps: PlainSequence)]
    private let inputScale: [Double]
    private let inputShift: [Double]

    package init(weights: LossNetworkWeights, pooling: Pooling) {
        stages = zip(weights.kind.layers, weights.convolutions).map { layer, convolution in
            var steps: [any PlainLayer] = []
            if layer.block > 1 && layer.convolution == 1 {
                steps.append(pooling == .max ? PlainMaxPooling() : PlainAveragePooling())
            }
            steps += [
                PlainPadding(.zero, margin: 1),
                PlainConvolution(
                    outputs: convolution.outputs, inputs: convolution.inputs, kernel: 3,
                    weight: convolution.weight.map(Double.init), bias: convolution.bias.map(Double.init)),
            ]
            return (layer, PlainSequence(steps))
        }
        inputScale = weights.inputScale.map(Double.init)
        inputShift = weights.inputShift.map(Double.init)
    }

    /// The activations of every layer up to the deepest of `layers`, for an image in network space.
    package func features(of image: PlainTensor, upTo layers: [LossLayer]) -> [LossLayer: PlainTensor] {
        var features: [LossLayer: PlainTensor] = [:]
        var value = entered(image)
        for stage in stages where layers.contains(where: { $0 >= stage.layer }) {
            value = PlainRectifier().forward(stage.steps.forward(value))
            features[stage.layer] = value
        }
        return features
    }

    /// dL/dx for an image x and a loss L that has `gradients` with respect to the activations of some layers.
    ///
    /// - Parameter features: activations of all layers up to the deepest, which only decide which inputs of ReLU and
    ///   maximum pooling get a gradient. Nil: those of `features(of:upTo:)`. Others avoid differences caused by
    ///   rounding.
    package func backward(
        _ gradients: [LossLayer: PlainTensor], image: PlainTensor, features: [LossLayer: PlainTensor]? = nil
    ) -> PlainTensor {
        let features = features ?? self.features(of: image, upTo: Array(gradients.keys))
        var gradient = PlainTensor(channels: image.channels, height: image.height, width: image.width)
        var isBegun = false
        for (index, stage) in stages.enumerated().reversed() {
            guard let output = features[stage.layer] else { continue }
            if !isBegun {
                gradient = PlainTensor(channels: output.channels, height: output.height, width: output.width)
            }
            isBegun = true
            if let added = gradients[stage.layer] { gradient += added }
            // The output of ReLU is positive exactly where its input is.
            gradient = PlainRectifier().backward(gradient, input: output)
            let input = index == 0 ? entered(image) : features[stages[index - 1].layer] ?? output
            gradient = stage.steps.backward(gradient, input: input)
        }
        return scaled(gradient)
    }

    /// The input of the first convolution.
    private func entered(_ image: PlainTensor) -> PlainTensor {
        var result = scaled(image)
        for channel in inputShift.indices {
            for index in image.range(ofChannel: channel) { result.values[index] += inputShift[channel] }
        }
        return result
    }

    private func scaled(_ image: PlainTensor) -> PlainTensor {
        var result = image
        for channel in inputScale.indices {
            for index in image.range(ofChannel: channel) { result.values[index] *= inputScale[channel] }
        }
        return result
    }
}
