import Glibc

/// The output of a gated network, from its last layer's four channels x: (1 - g) s tanh(x[c]) + g p[c] for each colour
/// c, with the prior p, the gate g = certainty / (1 + exp(-(x[3] + coherence))) and the output scale s.
package struct ReferenceGate: ReferenceLayer {
    package let scale: Double
    package let coherence: Double
    /// Three channels.
    package let prior: ReferenceTensor
    /// One channel, 0...1.
    package let certainty: ReferenceTensor

    package init(scale: Double, coherence: Double, prior: ReferenceTensor, certainty: ReferenceTensor) {
        self.scale = scale
        self.coherence = coherence
        self.prior = prior
        self.certainty = certainty
    }

    package func forward(_ input: ReferenceTensor) -> ReferenceTensor {
        var output = prior
        for pixel in 0..<prior.pixelCount {
            let gate = certainty.values[pixel] * gateSigmoid(input, pixel)
            for channel in 0..<3 {
                let index = channel * prior.pixelCount + pixel
                output.values[index] = scale * tanh(input.values[index]) * (1 - gate) + gate * prior.values[index]
            }
        }
        return output
    }

    package func backward(_ gradient: ReferenceTensor, input: ReferenceTensor) -> ReferenceTensor {
        var result = input
        for pixel in 0..<prior.pixelCount {
            let gateSigmoid = gateSigmoid(input, pixel)
            let gate = certainty.values[pixel] * gateSigmoid
            var gateGradient = 0.0
            for channel in 0..<3 {
                let index = channel * prior.pixelCount + pixel
                let activation = tanh(input.values[index])
                gateGradient += gradient.values[index] * (prior.values[index] - scale * activation)
                result.values[index] = gradient.values[index] * (1 - gate) * scale * (1 - activation * activation)
            }
            result.values[3 * prior.pixelCount + pixel] = gateGradient * gate * (1 - gateSigmoid)
        }
        return result
    }

    private func gateSigmoid(_ input: ReferenceTensor, _ pixel: Int) -> Double {
        1 / (1 + exp(-(input.values[3 * prior.pixelCount + pixel] + coherence)))
    }
}
