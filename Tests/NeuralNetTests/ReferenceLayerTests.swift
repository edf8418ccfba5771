import NeuralNet
import ReferenceNetwork
import Testing

/// The gradients of the reference layers against finite differences, and their results against values computed by hand.
@Suite struct ReferenceLayerTests {
    static func convolution(
        _ inputs: Int, to outputs: Int, kernel: Int, stride: Int = 1, dilation: Int = 1
    ) -> ReferenceConvolution {
        ReferenceConvolution(
            outputs: outputs, inputs: inputs, kernel: kernel, stride: stride, dilation: dilation,
            weight: noise(outputs * inputs * kernel * kernel, seed: 5), bias: noise(outputs, seed: 6))
    }

    static func norm(_ channels: Int) -> ReferenceInstanceNorm {
        ReferenceInstanceNorm(scale: noise(channels, seed: 7), shift: noise(channels, seed: 8))
    }

    static let tolerance = 1e-7

    @Test(arguments: [
        (1, 1, 1), (2, 1, 1), (3, 1, 1), (3, 2, 1), (3, 1, 2), (3, 2, 2), (4, 3, 1), (5, 2, 1), (5, 1, 2),
    ])
    func convolutions(kernel: Int, stride: Int, dilation: Int) {
        let layer = Self.convolution(3, to: 2, kernel: kernel, stride: stride, dilation: dilation)
        #expect(layer.largestGradientError(at: noise(channels: 3, height: 9, width: 11)) < Self.tolerance)
    }

    @Test(arguments: [PaddingMode.zero, .reflect, .replicate], [1, 2, 6])
    func paddedConvolutions(mode: PaddingMode, margin: Int) {
        let layer = ReferenceSequence([
            ReferencePadding(mode, margin: margin), Self.convolution(2, to: 3, kernel: 3, stride: 2),
        ])
        for (height, width) in [(5, 8), (3, 1), (1, 4)] {
            #expect(layer.largestGradientError(at: noise(channels: 2, height: height, width: width)) < Self.tolerance)
        }
    }

    @Test func fractionalConvolutions() {
        let layer = ReferenceFractionalConvolution(
            outputs: 2, inputs: 3, weight: noise(54, seed: 5), bias: noise(2, seed: 6))
        #expect(layer.largestGradientError(at: noise(channels: 3, height: 4, width: 5)) < Self.tolerance)
        let output = layer.forward(noise(channels: 3, height: 4, width: 5))
        #expect(output.height == 8 && output.width == 10)
    }

    @Test func instanceNorm() {
        let layer = Self.norm(3)
        #expect(layer.largestGradientError(at: noise(channels: 3, height: 4, width: 5)) < Self.tolerance)
        let output = layer.forward(noise(channels: 3, height: 40, width: 50))
        let mean = output.values[..<2000].reduce(0, +) / 2000
        let variance = output.values[..<2000].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2000
        #expect(abs(mean - layer.shift[0]) < 1e-12)
        #expect(abs(variance.squareRoot() - abs(layer.scale[0])) < 1e-4, "epsilon makes it a little smaller")
    }

    @Test func activations() {
        let input = noise(channels: 2, height: 5, width: 4)
        #expect(ReferenceRectifier().largestGradientError(at: input) < Self.tolerance)
        #expect(ReferenceTanh(scale: 150).largestGradientError(at: input) < Self.tolerance)
        let zero = ReferenceTensor(channels: 1, height: 1, width: 1)
        #expect(
            ReferenceRectifier().backward(ReferenceTensor(channels: 1, height: 1, width: 1, values: [1]), input: zero)
                == zero)
    }

    @Test(arguments: [(2, 2), (5, 7), (6, 3), (2, 9)]) func pooling(height: Int, width: Int) {
        let input = noise(channels: 2, height: height, width: width)
        for layer in [ReferenceMaxPooling(), ReferenceAveragePooling()] as [any ReferenceLayer] {
            #expect(layer.largestGradientError(at: input) < Self.tolerance)
            let output = layer.forward(input)
            #expect(output.height == height / 2 && output.width == width / 2)
        }
    }

    @Test func firstOfEqualValuesHasTheGradient() {
        let input = ReferenceTensor(channels: 1, height: 2, width: 3, values: [1, 4, 9, 4, 2, 9])
        let gradient = ReferenceTensor(channels: 1, height: 1, width: 1, values: [3])
        #expect(ReferenceMaxPooling().forward(input).values == [4])
        #expect(ReferenceMaxPooling().backward(gradient, input: input).values == [0, 3, 0, 0, 0, 0])
        #expect(ReferenceAveragePooling().forward(input).values == [2.75])
    }

    @Test func rearrangements() {
        let input = noise(channels: 2, height: 5, width: 6)
        #expect(ReferenceUpsampling(factor: 3).largestGradientError(at: input) < Self.tolerance)
        #expect(ReferenceCrop(height: 2, width: 3).largestGradientError(at: input) < Self.tolerance)
        let numbers = ReferenceTensor(channels: 1, height: 2, width: 3, values: [1, 2, 3, 4, 5, 6])
        #expect(ReferenceCrop(height: 1, width: 2).forward(numbers).values == [1, 2])
        #expect(
            ReferenceUpsampling(factor: 2).forward(ReferenceCrop(height: 1, width: 2).forward(numbers)).values == [
                1, 1, 2, 2, 1, 1, 2, 2,
            ])
        #expect(ReferencePadding(.reflect, margin: 1).forward(numbers).values[..<5] == [5, 4, 5, 6, 5])
    }

    @Test(arguments: [true, false]) func residualBlocks(isPadded: Bool) {
        let padding: [any ReferenceLayer] = isPadded ? [ReferencePadding(.reflect, margin: 1)] : []
        let inner = ReferenceSequence(
            padding + [Self.convolution(3, to: 3, kernel: 3), Self.norm(3), ReferenceRectifier()]
                + padding + [Self.convolution(3, to: 3, kernel: 3), Self.norm(3)])
        let layer = ReferenceResidual(inner)
        #expect(layer.parameters.count == 8)
        #expect(layer.largestGradientError(at: noise(channels: 3, height: 7, width: 8)) < 1e-6)
    }

    @Test func theGate() {
        let certainty = ReferenceTensor(channels: 1, height: 2, width: 3, values: [0, 1, 0.5, 0.25, 1, 0.75])
        let layer = ReferenceGate(
            scale: 150, coherence: 0.5, prior: noise(channels: 3, height: 2, width: 3, seed: 3), certainty: certainty)
        #expect(layer.largestGradientError(at: noise(channels: 4, height: 2, width: 3)) < Self.tolerance)
    }

    /// The input 1 2 0 / 0 1 3 / 2 0 1 with the kernel 1 -1 / 2 0.5, stride 1 and bias 10.
    @Test func aConvolutionByHand() {
        let layer = ReferenceConvolution(outputs: 1, inputs: 1, kernel: 2, weight: [1, -1, 2, 0.5], bias: [10])
        let input = ReferenceTensor(channels: 1, height: 3, width: 3, values: [1, 2, 0, 0, 1, 3, 2, 0, 1])
        #expect(layer.forward(input).values == [9.5, 15.5, 13, 8.5])
        let gradient = ReferenceTensor(channels: 1, height: 2, width: 2, values: [1, 0, 0, 0])
        #expect(layer.backward(gradient, input: input).values == [1, -1, 0, 2, 0.5, 0, 0, 0, 0])
        #expect(layer.parameterGradients(gradient, input: input) == [[1, 2, 0, 1], [1]])
    }

    /// A whole network with the paper's kinds of layers.
    @Test func aNetwork() {
        let layer = ReferenceSequence([
            ReferencePadding(.zero, margin: 1), Self.convolution(3, to: 4, kernel: 3, stride: 2), Self.norm(4),
            ReferenceRectifier(),
            ReferenceResidual(ReferenceSequence([Self.convolution(4, to: 4, kernel: 3), Self.norm(4)])),
            ReferenceUpsampling(factor: 2), Self.convolution(4, to: 3, kernel: 3), ReferenceTanh(scale: 150),
        ])
        #expect(layer.parameters.count == 10)
        #expect(layer.largestGradientError(at: noise(channels: 3, height: 12, width: 10)) < 1e-6)
    }
}
