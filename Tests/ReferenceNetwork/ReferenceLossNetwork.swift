import NeuralNet

/// The reference implementation of a loss network, which `LossNetwork` is tested against.
package struct ReferenceLossNetwork: Sendable {
    /// The layers in order, each with the operations from the previous one (or the image) to its ReLU.
    private let stages: [(layer: LossLayer, steps: ReferenceSequence)]
    private let inputScale: [Double]
    private let inputShift: [Double]

    package init(weights: LossNetworkWeights, pooling: Pooling) {
        stages = zip(weights.kind.layers, weights.convolutions).map { layer, convolution in
            var steps: [any ReferenceLayer] = []
            if layer.block > 1 && layer.convolution == 1 {
                steps.append(pooling == .max ? ReferenceMaxPooling() : ReferenceAveragePooling())
            }
            steps += [
                ReferencePadding(.zero, margin: 1),
                ReferenceConvolution(
                    outputs: convolution.outputs, inputs: convolution.inputs, kernel: 3,
                    weight: convolution.weight.map(Double.init), bias: convolution.bias.map(Double.init)),
            ]
            return (layer, ReferenceSequence(steps))
        }
        inputScale = weights.inputScale.map(Double.init)
        inputShift = weights.inputShift.map(Double.init)
    }

    /// The activations of every layer up to the deepest of `layers`, for an image in network space.
    package func features(of image: ReferenceTensor, upTo layers: [LossLayer]) -> [LossLayer: ReferenceTensor] {
        var features: [LossLayer: ReferenceTensor] = [:]
        var value = entered(image)
        for stage in stages where layers.contains(where: { $0 >= stage.layer }) {
            value = ReferenceRectifier().forward(stage.steps.forward(value))
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
        _ gradients: [LossLayer: ReferenceTensor], image: ReferenceTensor, features: [LossLayer: ReferenceTensor]? = nil
    ) -> ReferenceTensor {
        let features = features ?? self.features(of: image, upTo: Array(gradients.keys))
        var gradient = ReferenceTensor(channels: image.channels, height: image.height, width: image.width)
        var isBegun = false
        for (index, stage) in stages.enumerated().reversed() {
            guard let output = features[stage.layer] else { continue }
            if !isBegun {
                gradient = ReferenceTensor(channels: output.channels, height: output.height, width: output.width)
            }
            isBegun = true
            if let added = gradients[stage.layer] { gradient += added }
            // The output of ReLU is positive exactly where its input is.
            gradient = ReferenceRectifier().backward(gradient, input: output)
            let input = index == 0 ? entered(image) : features[stages[index - 1].layer] ?? output
            gradient = stage.steps.backward(gradient, input: input)
        }
        return scaled(gradient)
    }

    /// The input of the first convolution.
    private func entered(_ image: ReferenceTensor) -> ReferenceTensor {
        var result = scaled(image)
        for channel in inputShift.indices {
            for index in image.range(ofChannel: channel) { result.values[index] += inputShift[channel] }
        }
        return result
    }

    private func scaled(_ image: ReferenceTensor) -> ReferenceTensor {
        var result = image
        for channel in inputScale.indices {
            for index in image.range(ofChannel: channel) { result.values[index] *= inputScale[channel] }
        }
        return result
    }
}
