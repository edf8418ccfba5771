import Imaging
import NeuralNet

/// The reference implementation of a network, layer by layer in double precision, which `Network` is tested against.
package struct ReferenceNetwork {
    private let description: ModelDescription
    private let width: Int
    private let height: Int
    private let inputPadding: ReferenceGather
    private let layers: ReferenceSequence

    /// - Throws: an error if the output would not have the frame's size.
    package init(model: Model, width: Int, height: Int) throws(ModelError) {
        description = model.description
        self.width = width
        self.height = height
        inputPadding = ReferenceGather(
            rows: try Extent(frame: height, description: model.description).input,
            columns: try Extent(frame: width, description: model.description).input)
        layers = model.referenceLayers()
    }

    /// See `Network.run(frame:prior:certainty:coherence:)`.
    package func run(
        frame: Image, prior: Image? = nil, certainty: Plane<Float>? = nil, coherence: Float = 0
    ) -> Image {
        let values = layers.forward(input(frame, prior, certainty))
        return finish(prior, certainty, coherence: coherence).forward(visible.forward(values)).image
    }

    /// The gradient with respect to each of the model's tensors, in the order of its file. See
    /// `TrainingNetwork.backward(_:into:)`.
    package func parameterGradients(
        _ gradient: Image, frame: Image, prior: Image? = nil, certainty: Plane<Float>? = nil
    ) -> [[Double]] {
        let input = input(frame, prior, certainty)
        let values = layers.forward(input)
        let ofVisible = finish(prior, certainty, coherence: 0)
            .backward(ReferenceTensor(gradient), input: visible.forward(values))
        return layers.parameterGradients(visible.backward(ofVisible, input: values), input: input)
    }

    /// The input of the first layer.
    private func input(_ frame: Image, _ prior: Image?, _ certainty: Plane<Float>?) -> ReferenceTensor {
        var samples = frame.samples
        if description.kind == .video {
            if let prior, let certainty {
                samples += prior.samples + certainty.values
            } else {
                samples += [Float](repeating: 0, count: 4 * frame.pixelCount)
            }
        }
        let all = Image(
            width: width, height: height, channels: description.kind.inputChannels, samples: samples)
        return inputPadding.forward(ReferenceTensor(all))
    }

    private var visible: ReferenceGather {
        ReferenceGather(rows: (0..<height).map(Int32.init), columns: (0..<width).map(Int32.init))
    }

    /// The layer from the last convolution's values to the output image.
    private func finish(_ prior: Image?, _ certainty: Plane<Float>?, coherence: Float) -> any ReferenceLayer {
        let scale = Double(description.outputScale)
        guard description.isGated, let prior, let certainty else {
            return ReferenceSequence([ReferenceChannels(count: 3), ReferenceTanh(scale: scale)])
        }
        return ReferenceGate(
            scale: scale, coherence: Double(coherence), prior: ReferenceTensor(prior),
            certainty: ReferenceTensor(certainty))
    }
}

/// Selects the first channels.
private struct ReferenceChannels: ReferenceLayer {
    let count: Int

    func forward(_ input: ReferenceTensor) -> ReferenceTensor {
        ReferenceTensor(
            channels: count, height: input.height, width: input.width,
            values: Array(input.values.prefix(count * input.pixelCount)))
    }

    func backward(_ gradient: ReferenceTensor, input: ReferenceTensor) -> ReferenceTensor {
        var result = ReferenceTensor(channels: input.channels, height: input.height, width: input.width)
        result.values.replaceSubrange(0..<gradient.values.count, with: gradient.values)
        return result
    }
}

extension Model {
    /// The layers of the network, without the input's padding and the output's tanh and gate.
    package func referenceLayers() -> ReferenceSequence {
        let last = weights.count - 1
        var result: [any ReferenceLayer] = []
        /// For each layer of the architecture, the number of layers in `result` after it.
        var ends: [Int] = []
        for (index, layer) in description.architecture.layers.enumerated() {
            defer { ends.append(result.count) }
            switch (layer, weights[index]) {
            case (.convolution(_, let stride, let dilation, _), .convolution(let weights)):
                result += weights.referenceLayers(
                    stride: stride, dilation: dilation, padding: description.padding.ofConvolutions)
            case (.fractionalConvolution, .convolution(let weights)):
                result.append(
                    ReferenceFractionalConvolution(
                        outputs: weights.outputs, inputs: weights.inputs, weight: weights.weight.map(Double.init),
                        bias: weights.bias.map(Double.init)))
                result += weights.referenceNorm()
            case (.residual(_, let dilation), .residual(let first, let second)):
                let padding = description.padding.ofResiduals
                result.append(
                    ReferenceResidual(
                        ReferenceSequence(
                            first.referenceLayers(stride: 1, dilation: dilation, padding: padding) + [
                                ReferenceRectifier()
                            ]
                                + second.referenceLayers(stride: 1, dilation: dilation, padding: padding))))
            case (.upsampling(let factor), _):
                result.append(ReferenceUpsampling(factor: factor))
            case (.bilinearUpsampling(let factor), _):
                result.append(ReferenceBilinearUpsampling(factor: factor))
            case (.sum(let source), _):
                // Without the ReLU of the convolution before it.
                let inner = Array(result[ends[source]...].dropLast())
                result.removeSubrange(ends[source]...)
                result.append(ReferenceResidual(ReferenceSequence(inner)))
            default: break
            }
            if case .convolution = weights[index], index != last { result.append(ReferenceRectifier()) }
        }
        return ReferenceSequence(result)
    }
}

extension ConvolutionWeights {
    /// The convolution, padded if `padding` is not nil, and its normalisation.
    fileprivate func referenceLayers(stride: Int, dilation: Int, padding: PaddingMode?) -> [any ReferenceLayer] {
        let convolution = ReferenceConvolution(
            outputs: outputs, inputs: inputs, kernel: kernel, stride: stride, dilation: dilation,
            weight: weight.map(Double.init), bias: bias.map(Double.init))
        let margin = padding.map { ReferencePadding($0, margin: dilation * (kernel - 1) / 2) }
        return (margin.map { [$0] } ?? []) + [convolution] + referenceNorm()
    }

    fileprivate func referenceNorm() -> [any ReferenceLayer] {
        guard let norm else { return [] }
        return [ReferenceInstanceNorm(scale: norm.scale.map(Double.init), shift: norm.shift.map(Double.init))]
    }
}
