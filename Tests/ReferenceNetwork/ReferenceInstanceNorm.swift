import NeuralNet

/// Instance normalisation (paper A.5, equation 20): a channel x with mean m and variance v becomes
/// a (x - m) / sqrt(v + e) + b, with the channel's scale a and shift b.
package struct ReferenceInstanceNorm: ReferenceLayer {
    /// One for each channel.
    package private(set) var scale: [Double]
    package private(set) var shift: [Double]

    /// - Precondition: as many scales as shifts.
    package init(scale: [Double], shift: [Double]) {
        precondition(scale.count == shift.count)
        self.scale = scale
        self.shift = shift
    }

    /// The scales, then the shifts.
    package var parameters: [[Double]] {
        get { [scale, shift] }
        set { (scale, shift) = (newValue[0], newValue[1]) }
    }

    package func forward(_ input: ReferenceTensor) -> ReferenceTensor {
        var output = standardized(input).tensor
        for channel in scale.indices {
            for index in output.range(ofChannel: channel) {
                output.values[index] = output.values[index] * scale[channel] + shift[channel]
            }
        }
        return output
    }

    /// dL/dx = a / d (dL/dy - mean(dL/dy) - z mean(z dL/dy)), with the standardised input z and the standard deviation
    /// d. The means arise because m and v depend on every x.
    package func backward(_ gradient: ReferenceTensor, input: ReferenceTensor) -> ReferenceTensor {
        let (standard, deviations) = standardized(input)
        var result = gradient
        for channel in scale.indices {
            let range = gradient.range(ofChannel: channel)
            let mean = range.reduce(0) { $0 + gradient.values[$1] } / Double(range.count)
            let along = range.reduce(0) { $0 + gradient.values[$1] * standard.values[$1] } / Double(range.count)
            for index in range {
                result.values[index] =
                    scale[channel] / deviations[channel]
                    * (gradient.values[index] - mean - standard.values[index] * along)
            }
        }
        return result
    }

    package func parameterGradients(_ gradient: ReferenceTensor, input: ReferenceTensor) -> [[Double]] {
        let standard = standardized(input).tensor
        let products = gradient.combined(with: standard) { $0 * $1 }
        return [products, gradient].map { tensor in
            scale.indices.map { tensor.values[tensor.range(ofChannel: $0)].reduce(0, +) }
        }
    }

    /// (x - m) / sqrt(v + e), and sqrt(v + e) for each channel.
    private func standardized(_ input: ReferenceTensor) -> (tensor: ReferenceTensor, deviations: [Double]) {
        var tensor = input
        let deviations = scale.indices.map { channel in
            let range = input.range(ofChannel: channel)
            let mean = input.values[range].reduce(0, +) / Double(range.count)
            let variance =
                input.values[range].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(range.count)
            let deviation = (variance + Double(instanceNormEpsilon)).squareRoot()
            for index in range { tensor.values[index] = (input.values[index] - mean) / deviation }
            return deviation
        }
        return (tensor, deviations)
    }
}
