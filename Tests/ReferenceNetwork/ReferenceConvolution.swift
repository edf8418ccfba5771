/// A convolution without padding: y[n][i][j] = b[n] + the sum of w[n][c][k][l] x[c][i s + k d][j s + l d] over channels
/// c, kernel rows k and kernel columns l, with stride s and dilation d. Use `ReferencePadding` before it for padding.
package struct ReferenceConvolution: ReferenceLayer {
    package let outputs: Int
    package let inputs: Int
    package let kernel: Int
    package let stride: Int
    package let dilation: Int
    /// [outputs][inputs][kernel][kernel].
    package private(set) var weight: [Double]
    /// One for each output.
    package private(set) var bias: [Double]

    /// - Precondition: the numbers of weights and biases match the shape.
    package init(
        outputs: Int, inputs: Int, kernel: Int, stride: Int = 1, dilation: Int = 1, weight: [Double], bias: [Double]
    ) {
        precondition(weight.count == outputs * inputs * kernel * kernel && bias.count == outputs)
        self.outputs = outputs
        self.inputs = inputs
        self.kernel = kernel
        self.stride = stride
        self.dilation = dilation
        self.weight = weight
        self.bias = bias
    }

    /// The weights, then the biases.
    package var parameters: [[Double]] {
        get { [weight, bias] }
        set { (weight, bias) = (newValue[0], newValue[1]) }
    }

    package func forward(_ input: ReferenceTensor) -> ReferenceTensor {
        let reach = dilation * (kernel - 1)
        let width = (input.width - reach - 1) / stride + 1
        return input.values.withUnsafeBufferPointer { values in
            ReferenceTensor(channels: outputs, height: (input.height - reach - 1) / stride + 1, width: width) {
                output, plane in
                plane.update(repeating: bias[output])
                forEachMeeting(of: output, rows: plane.count / width, with: 0..<inputs, of: input) { index, y, start in
                    let factor = weight[index]
                    for x in 0..<width { plane[y * width + x] += factor * values[start + x * stride] }
                }
            }
        }
    }

    /// The transposed convolution: dL/dx[c] is the sum of w[n][c][k][l] dL/dy[n] over all uses of x[c].
    package func backward(_ gradient: ReferenceTensor, input: ReferenceTensor) -> ReferenceTensor {
        let width = gradient.width
        return gradient.values.withUnsafeBufferPointer { values in
            ReferenceTensor(channels: inputs, height: input.height, width: input.width) { channel, plane in
                for output in 0..<outputs {
                    let rows = gradient.height
                    forEachMeeting(of: output, rows: rows, with: channel..<channel + 1, of: input) { index, y, start in
                        let factor = weight[index]
                        let source = (output * rows + y) * width
                        let target = start - channel * plane.count
                        for x in 0..<width { plane[target + x * stride] += factor * values[source + x] }
                    }
                }
            }
        }
    }

    /// dL/dw[n][c][k][l] is the sum of dL/dy[n] times the x[c] that the weight multiplies; dL/db[n] is the sum of
    /// dL/dy[n].
    package func parameterGradients(_ gradient: ReferenceTensor, input: ReferenceTensor) -> [[Double]] {
        let (rows, width) = (gradient.height, gradient.width)
        let weights = gradient.values.withUnsafeBufferPointer { gradient in
            input.values.withUnsafeBufferPointer { values in
                ReferenceTensor(channels: outputs, height: inputs, width: kernel * kernel) { output, plane in
                    forEachMeeting(of: output, rows: rows, with: 0..<inputs, of: input) { index, y, start in
                        let line = (output * rows + y) * width
                        var sum = 0.0
                        for x in 0..<width { sum += gradient[line + x] * values[start + x * stride] }
                        plane[index - output * plane.count] += sum
                    }
                }
            }
        }
        let biases = (0..<outputs).map { output in
            gradient.values[output * rows * width..<(output + 1) * rows * width].reduce(0, +)
        }
        return [weights.values, biases]
    }

    /// Calls `body` for each row of an output and each weight of some input channels. Its arguments are the index of
    /// the weight in `weight`, the row, and the index in `input` of the value that the weight multiplies for the row's
    /// first element.
    private func forEachMeeting(
        of output: Int, rows: Int, with channels: Range<Int>, of input: ReferenceTensor,
        _ body: (_ weight: Int, _ y: Int, _ start: Int) -> Void
    ) {
        for y in 0..<rows {
            for channel in channels {
                for tap in 0..<kernel * kernel {
                    let (k, l) = tap.quotientAndRemainder(dividingBy: kernel)
                    body(
                        (output * inputs + channel) * kernel * kernel + tap, y,
                        (channel * input.height + y * stride + k * dilation) * input.width + l * dilation)
                }
            }
        }
    }
}
