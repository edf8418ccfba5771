import Imaging

let instanceNormEpsilon: Float = 1e-5

/// A network computed as its definition says, layer by layer, in double precision and slowly: what `Network` is tested against.
package struct PlainNetwork {
    private let description: ModelDescription
    private let width: Int
    private let height: Int
    private let input: PlainExtension
    private let layers: PlainSequence

    /// - Throws: an error if the architecture does not give a picture of its frame's size.
    package init(model: Model, width: Int, height: Int) throws(ModelError) {
        description = model.description
        self.width = width
        self.height = height
        input = PlainExtension(
            rows: try Extent(frame: height, description: model.description).input,
            columns: try Extent(frame: width, description: model.description).input)
        layers = model.plainLayers()
    }

    /// See `Network.run(frame:prior:certainty:coherence:)`.
    package func run(
        frame: Image, prior: Image? = nil, certainty: Plane<Float>? = nil, coherence: Float = 0
    ) -> Image {
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
        let picture = layers.forward(input.forward(PlainTensor(all)))
        let visible = PlainExtension(rows: (0..<height).map(Int32.init), columns: (0..<width).map(Int32.init))
            .forward(picture)
        let scale = Double(description.outputScale)
        if description.isGated, let prior, let certainty {
            let gate = PlainGate(
                scale: scale, coherence: Double(coherence), prior: PlainTensor(prior), certainty: PlainTensor(certainty)
            )
            return gate.forward(visible).image
        }
        let colors = PlainTensor(
            channels: 3, height: height, width: width, values: Array(visible.values.prefix(3 * visible.pixelCount)))
        return PlainTanh(scale: scale).forward(colors).image
    }
}

extension Model {
    /// The layers of the network, without what is done to its input and output.
    package func plainLayers() -> PlainSequence {
        let last = weights.count - 1
        var result: [any PlainLayer] = []
        for (index, layer) in description.architecture.layers.enumerated() {
            switch (layer, weights[index]) {
            case (.convolution(_, let stride, let dilation, _), .convolution(let weights)):
                result += weights.plainLayers(
                    stride: stride, dilation: dilation, padding: description.padding.ofConvolutions)
            case (.fractionalConvolution, .convolution(let weights)):
                result.append(
                    PlainFractionalConvolution(
                        outputs: weights.outputs, inputs: weights.inputs, weight: weights.weight.map(Double.init),
                        bias: weights.bias.map(Double.init)))
                result += weights.plainNorm()
            case (.residual(_, let dilation), .residual(let first, let second)):
                let padding = description.padding.ofResiduals
                result.append(
                    PlainResidual(
                        PlainSequence(
                            first.plainLayers(stride: 1, dilation: dilation, padding: padding) + [PlainRectifier()]
                                + second.plainLayers(stride: 1, dilation: dilation, padding: padding))))
            case (.upsampling(let factor), _):
                result.append(PlainUpsampling(factor: factor))
            default: break
            }
            if case .convolution = weights[index], index != last { result.append(PlainRectifier()) }
        }
        return PlainSequence(result)
    }
}

extension ConvolutionWeights {
    /// The convolution, padded where `padding` says how, and its normalisation.
    fileprivate func plainLayers(stride: Int, dilation: Int, padding: Extension?) -> [any PlainLayer] {
        let convolution = PlainConvolution(
            outputs: outputs, inputs: inputs, kernel: kernel, stride: stride, dilation: dilation,
            weight: weight.map(Double.init), bias: bias.map(Double.init))
        let margin = padding.map { PlainPadding($0, margin: dilation * (kernel - 1) / 2) }
        return (margin.map { [$0] } ?? []) + [convolution] + plainNorm()
    }

    fileprivate func plainNorm() -> [any PlainLayer] {
        guard let norm else { return [] }
        return [PlainInstanceNorm(scale: norm.scale.map(Double.init), shift: norm.shift.map(Double.init))]
    }
}
