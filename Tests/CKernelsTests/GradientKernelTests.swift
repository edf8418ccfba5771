import CKernels
import TestSupport
import Testing

/// The gradient with respect to a convolution's weights against its definition, at the edges of its memory and with
/// each variant. NeuralNetTests test the rest of the backward pass with whole networks.
@Suite struct GradientKernelTests {
    struct Shape: Sendable {
        var blocks = 1
        var inputs = 16
        let kernel: Int
        var stride = 1
        var dilation = 1
        let width: Int
        let height: Int
    }

    @Test(
        arguments: [
            Shape(inputs: 7, kernel: 9, width: 19, height: 5), Shape(inputs: 1, kernel: 1, width: 1, height: 1),
            Shape(blocks: 2, inputs: 33, kernel: 3, width: 44, height: 9),
            Shape(blocks: 3, inputs: 24, kernel: 3, stride: 2, width: 5, height: 7),
            Shape(blocks: 5, inputs: 20, kernel: 3, dilation: 3, width: 3, height: 2),
            Shape(blocks: 1, inputs: 40, kernel: 5, width: 300, height: 3),
            Shape(blocks: 4, inputs: 64, kernel: 3, width: 12, height: 33),
            Shape(blocks: 3, inputs: 37, kernel: 3, width: 61, height: 47),
        ], [false, true])
    func weights(shape: Shape, inTiles: Bool) {
        let reach = shape.dilation * (shape.kernel - 1) + 1
        let (rows, columns) = ((shape.height - 1) * shape.stride + reach, (shape.width - 1) * shape.stride + reach)
        let filled = (shape.inputs + 15) / 16
        let taps = shape.kernel * shape.kernel
        let gradient = numbers(shape.blocks * shape.width * shape.height * 16, seed: 1)
        var input = numbers(filled * rows * columns * 16, seed: 2)
        for index in input.indices where index / (rows * columns * 16) * 16 + index % 16 >= shape.inputs {
            input[index] = 0
        }
        let results = withEachVariant {
            var result = [Float](repeating: 9, count: shape.blocks * 16 * filled * 16 * taps)
            gradient.withUnsafeBufferPointer { gradient in
                input.withUnsafeBufferPointer { input in
                    result.withUnsafeMutableBufferPointer { result in
                        var call = gradient_weights()
                        call.gradient = gradient.baseAddress
                        call.output_blocks = Int32(shape.blocks)
                        (call.height, call.width) = (Int32(shape.height), Int32(shape.width))
                        call.input = input.baseAddress
                        call.inputs = Int32(shape.inputs)
                        (call.input_height, call.input_width) = (Int32(rows), Int32(columns))
                        call.kernel = Int32(shape.kernel)
                        (call.stride, call.dilation) = (Int32(shape.stride), Int32(shape.dilation))
                        call.result = result.baseAddress
                        let size = gradient_weights_work(&call)
                        if inTiles, size > 0 { call.work = blocked_allocate(size) }
                        gradient_of_weights(&call, 2)
                        if let work = call.work { blocked_free(work, size) }
                    }
                }
            }
            return result
        }
        let positions = [(0, 0, 0), (shape.blocks - 1, shape.inputs - 1, taps - 1), (0, shape.inputs / 2, taps / 2)]
        for (block, channel, tap) in positions {
            for lane in 0..<16 {
                var sum = 0.0
                for y in 0..<shape.height {
                    for x in 0..<shape.width {
                        let row = y * shape.stride + tap / shape.kernel * shape.dilation
                        let column = x * shape.stride + tap % shape.kernel * shape.dilation
                        let own = gradient[((block * shape.height + y) * shape.width + x) * 16 + lane]
                        let other = input[((channel / 16 * rows + row) * columns + column) * 16 + channel % 16]
                        sum += Double(own) * Double(other)
                    }
                }
                let index = ((block * filled * 16 + channel) * taps + tap) * 16 + lane
                for result in results { #expect(abs(Double(result[index]) - sum) < 2e-3) }
            }
        }
    }

    @Test func sums() {
        let values = numbers(2 * 35 * 16, seed: 3)
        var sums = [Float](repeating: 7, count: 32)
        gradient_sum(values, 2, 35, &sums, 2)
        for channel in 0..<32 {
            let expected = (0..<35).reduce(0.0) { $0 + Double(values[(channel / 16 * 35 + $1) * 16 + channel % 16]) }
            #expect(abs(Double(sums[channel]) - expected) < 1e-5)
        }
    }

    private func numbers(_ count: Int, seed: UInt64) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float.random(in: -1...1, using: &generator) }
    }
}
