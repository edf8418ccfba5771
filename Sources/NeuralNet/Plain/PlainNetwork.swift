import CKernels
import Glibc
import Imaging

let instanceNormEpsilon: Float = 1e-5

/// A network computed as its definition says, layer by layer and slowly: what `Network` is tested against.
package struct PlainNetwork {
    private let model: Model
    private let width: Int
    private let height: Int
    private let threads: Int
    private let horizontal: Extent
    private let vertical: Extent

    /// - Throws: an error if the architecture does not give a picture of its frame's size.
    package init(model: Model, width: Int, height: Int, threads: Int = 0) throws(ModelError) {
        self.model = model
        self.width = width
        self.height = height
        self.threads = threads
        horizontal = try Extent(frame: width, description: model.description)
        vertical = try Extent(frame: height, description: model.description)
    }

    /// See `Network.run(frame:prior:certainty:coherence:)`.
    package func run(
        frame: Image, prior: Image? = nil, certainty: Plane<Float>? = nil, coherence: Float = 0
    ) -> Image {
        let last = model.weights.count - 1
        var picture = input(frame, prior, certainty)
        for (index, layer) in model.description.architecture.layers.enumerated() {
            switch (layer, model.weights[index]) {
            case (.convolution(_, let stride, let dilation, _), .convolution(let weights)):
                picture = convolution(
                    picture, weights, stride: stride, dilation: dilation,
                    padding: model.description.padding.ofConvolutions)
                normalize(&picture, weights, rectify: index != last)
            case (.fractionalConvolution, .convolution(let weights)):
                picture = fractionalConvolution(picture, weights)
                normalize(&picture, weights, rectify: index != last)
            case (.residual(_, let dilation), .residual(let first, let second)):
                let padding = model.description.padding.ofResiduals
                var inner = convolution(picture, first, stride: 1, dilation: dilation, padding: padding)
                normalize(&inner, first, rectify: true)
                inner = convolution(inner, second, stride: 1, dilation: dilation, padding: padding)
                normalize(&inner, second, rectify: false)
                picture = sum(inner, cropping: picture)
            case (.upsampling(let factor), _):
                picture = gather(
                    picture, columns: repeating(picture.width, factor), rows: repeating(picture.height, factor))
            default: break
            }
        }
        return finish(picture, prior, certainty, coherence)
    }

    private func input(_ frame: Image, _ prior: Image?, _ certainty: Plane<Float>?) -> Image {
        var samples = frame.samples
        if model.description.kind == .video {
            if let prior, let certainty {
                samples += prior.samples + certainty.values
            } else {
                samples += [Float](repeating: 0, count: 4 * frame.pixelCount)
            }
        }
        let all = Image(
            width: width, height: height, channels: model.description.kind.inputChannels, samples: samples)
        return gather(all, columns: horizontal.input, rows: vertical.input)
    }

    private func finish(_ picture: Image, _ prior: Image?, _ certainty: Plane<Float>?, _ coherence: Float) -> Image {
        var result = Image(width: width, height: height)
        for y in 0..<height {
            for x in 0..<width {
                func output(_ channel: Int) -> Float {
                    picture.samples[(channel * picture.height + y) * picture.width + x]
                }
                var gate: Float = 0
                if model.description.isGated, prior != nil, let certainty {
                    gate = certainty[x, y] / (1 + expf(-(output(3) + coherence)))
                }
                for channel in 0..<3 {
                    let index = (channel * height + y) * width + x
                    let painted = tanhf(output(channel)) * model.description.outputScale
                    result.samples[index] = painted * (1 - gate) + gate * (prior?.samples[index] ?? 0)
                }
            }
        }
        return result
    }

    private func convolution(
        _ input: Image, _ weights: ConvolutionWeights, stride: Int, dilation: Int, padding: Extension?
    ) -> Image {
        let margin = padding == nil ? 0 : dilation * (weights.kernel - 1) / 2
        let outside = padding ?? .zero
        return convolution(
            input, weights, weights.weight, stride: stride, dilation: dilation,
            columns: outside.map(length: input.width, before: margin, after: margin),
            rows: outside.map(length: input.height, before: margin, after: margin))
    }

    /// A convolution, its kernel turned by half a turn, over the input with a zero put after each of its elements.
    private func fractionalConvolution(_ input: Image, _ weights: ConvolutionWeights) -> Image {
        func spread(_ length: Int) -> IndexMap {
            (-1...2 * length).map { 0..<2 * length ~= $0 && $0 % 2 == 0 ? Int32($0 / 2) : -1 }
        }
        let turned = weights.weight.indices.map { weights.weight[$0 / 9 * 9 + 8 - $0 % 9] }
        return convolution(
            input, weights, turned, stride: 1, dilation: 1, columns: spread(input.width), rows: spread(input.height))
    }

    private func convolution(
        _ input: Image, _ weights: ConvolutionWeights, _ weight: [Float], stride: Int, dilation: Int,
        columns: IndexMap, rows: IndexMap
    ) -> Image {
        let reach = dilation * (weights.kernel - 1)
        var output = Image(
            width: (columns.count - reach - 1) / stride + 1, height: (rows.count - reach - 1) / stride + 1,
            channels: weights.outputs)
        rows.withUnsafeBufferPointer { rows in
            columns.withUnsafeBufferPointer { columns in
                var shape = plain_convolution_shape(
                    inputs: Int32(weights.inputs), outputs: Int32(weights.outputs), kernel: Int32(weights.kernel),
                    stride: Int32(stride), dilation: Int32(dilation), input_height: Int32(input.height),
                    input_width: Int32(input.width), output_height: Int32(output.height),
                    output_width: Int32(output.width), rows: rows.baseAddress, columns: columns.baseAddress)
                output.samples.withUnsafeMutableBufferPointer {
                    plain_convolution(
                        &shape, input.samples, weight, weights.bias, $0.baseAddress, Int32(threads))
                }
            }
        }
        return output
    }

    private func normalize(_ picture: inout Image, _ weights: ConvolutionWeights, rectify: Bool) {
        guard let norm = weights.norm else { return }
        let channels = picture.channels
        let pixels = picture.pixelCount
        picture.samples.withUnsafeMutableBufferPointer {
            plain_instance_norm(
                $0.baseAddress, Int32(channels), Int32(pixels), norm.scale, norm.shift, instanceNormEpsilon,
                rectify ? 1 : 0, Int32(threads))
        }
    }

    private func sum(_ inner: Image, cropping outer: Image) -> Image {
        var result = inner
        let left = (outer.width - inner.width) / 2
        let top = (outer.height - inner.height) / 2
        for channel in 0..<inner.channels {
            for y in 0..<inner.height {
                let target = (channel * inner.height + y) * inner.width
                let source = (channel * outer.height + y + top) * outer.width + left
                for x in 0..<inner.width { result.samples[target + x] += outer.samples[source + x] }
            }
        }
        return result
    }

    private func repeating(_ length: Int, _ factor: Int) -> IndexMap {
        (0..<length * factor).map { Int32($0 / factor) }
    }

    private func gather(_ input: Image, columns: IndexMap, rows: IndexMap) -> Image {
        var output = Image(width: columns.count, height: rows.count, channels: input.channels)
        for channel in 0..<input.channels {
            for y in 0..<rows.count {
                let target = (channel * rows.count + y) * columns.count
                let source = (channel * input.height + Int(rows[y])) * input.width
                for x in 0..<columns.count { output.samples[target + x] = input.samples[source + Int(columns[x])] }
            }
        }
        return output
    }
}
