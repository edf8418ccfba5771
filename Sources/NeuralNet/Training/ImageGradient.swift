import CKernels
import Imaging

extension BackwardPass {
    /// The backward pass of tanh and gate: from the gradient with respect to the output image to that with respect to
    /// the last convolution's output.
    ///
    /// - Parameters:
    ///   - image: after the forward pass; its values are scale * tanh(x) of colours and 1 / (1 + exp(-x)) of the
    ///     gate.
    ///   - gradient: three planes.
    ///   - result: in the layout of the image's values.
    static func enterImage(
        _ image: blocked_image, gradient: UnsafePointer<Float>, prior: UnsafePointer<Float>?,
        certainty: UnsafePointer<Float>?, result: UnsafeMutablePointer<Float>, threads: Int
    ) {
        guard let values = image.values else { return }
        let (upscale, outputs) = (Int(image.upscale), Int(image.outputs))
        let (height, width) = (Int(image.height), Int(image.width))
        let (visibleHeight, visibleWidth) = (Int(image.image_height), Int(image.image_width))
        let pixels = visibleHeight * visibleWidth
        let blocks = (upscale * upscale * outputs + 15) / 16
        let scale = image.output_scale
        parallel(height, threads: threads) { row in
            for block in 0..<blocks {
                (result + (block * height + row) * width * 16).update(repeating: 0, count: width * 16)
            }
            for y in row * upscale..<max(row * upscale, min((row + 1) * upscale, visibleHeight)) {
                for x in 0..<visibleWidth {
                    let first = (y % upscale * upscale + x % upscale) * outputs
                    func offset(_ output: Int) -> Int {
                        let channel = first + output
                        return ((channel / 16 * height + row) * width + x / upscale) * 16 + channel % 16
                    }
                    let pixel = y * visibleWidth + x
                    var gate: Float = 0
                    if outputs == 4, let prior, let certainty {
                        let gateSigmoid = values[offset(3)]
                        gate = certainty[pixel] * gateSigmoid
                        var gateGradient: Float = 0
                        for color in 0..<3 {
                            let index = color * pixels + pixel
                            gateGradient += gradient[index] * (prior[index] - values[offset(color)])
                        }
                        result[offset(3)] = gateGradient * gate * (1 - gateSigmoid)
                    }
                    for color in 0..<3 {
                        let activation = values[offset(color)]
                        result[offset(color)] =
                            gradient[color * pixels + pixel] * (1 - gate) * (scale - activation * activation / scale)
                    }
                }
            }
        }
    }
}
