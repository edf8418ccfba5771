/// Bilinear upsampling by an integer factor, as PyTorch's with `align_corners=False`; edge values are repeated beyond the
/// border.
package struct ReferenceBilinearUpsampling: ReferenceLayer {
    package let factor: Int

    package init(factor: Int) { self.factor = factor }

    package func forward(_ input: ReferenceTensor) -> ReferenceTensor {
        let (rows, columns) = (samples(input.height), samples(input.width))
        return ReferenceTensor(channels: input.channels, height: rows.count, width: columns.count) { channel, plane in
            for (y, row) in rows.enumerated() {
                for (x, column) in columns.enumerated() {
                    for (i, down) in row {
                        for (j, along) in column { plane[y * columns.count + x] += down * along * input[channel, i, j] }
                    }
                }
            }
        }
    }

    package func backward(_ gradient: ReferenceTensor, input: ReferenceTensor) -> ReferenceTensor {
        let (rows, columns) = (samples(input.height), samples(input.width))
        return ReferenceTensor(channels: input.channels, height: input.height, width: input.width) { channel, plane in
            for (y, row) in rows.enumerated() {
                for (x, column) in columns.enumerated() {
                    for (i, down) in row {
                        for (j, along) in column {
                            plane[i * input.width + j] += down * along * gradient[channel, y, x]
                        }
                    }
                }
            }
        }
    }

    package func parameterGradients(_ gradient: ReferenceTensor, input: ReferenceTensor) -> [[Double]] { [] }

    /// For each output index along an axis: the two input indices that are interpolated, with their weights.
    private func samples(_ length: Int) -> [[(index: Int, share: Double)]] {
        (0..<length * factor).map { index in
            let position = (Double(index) + 0.5) / Double(factor) - 0.5
            let first = Int(position.rounded(.down))
            let share = position - Double(first)
            return [(first, 1 - share), (first + 1, share)].map { (min(max($0.0, 0), length - 1), $0.1) }
        }
    }
}
