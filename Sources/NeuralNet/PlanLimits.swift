/// Upper limits of a plan. The kernels count rows, tiles and blocks in 32 bits, and a small model file can describe a
/// network of any size.
enum PlanLimits {
    /// Width and height of a layer: four times those of the largest frame.
    static let side = 1 << 18
    /// Factor of the upsampling folded into one kernel, along one axis.
    static let upsampling = 64
    /// Vectors of 16 values in a tensor.
    static let vectors = Int(Int32.max)
    /// Weights of one convolution, with upsampling folded in.
    static let weights = 1 << 35
    /// Multiplications per pixel of a frame. The paper's network takes 200,000 and VGG-16 three times as many. At this
    /// limit a frame of a million pixels takes about a minute on a large processor.
    static let multiplicationsPerPixel = 16_000_000.0
    /// Smaller frames count as this many pixels, because their padding may be larger than they are.
    static let leastPixels = 256.0 * 256

    /// - Parameters:
    ///   - input, output: size of a convolution's input and output, in blocks of 16 channels and pixels.
    /// - Throws: an error if the convolution is too large for the kernels.
    static func check(
        _ subpixel: SubpixelKernel, input: (blocks: Int, width: Int, height: Int),
        output: (blocks: Int, width: Int, height: Int)
    ) throws(ModelError) {
        guard subpixel.weightCount <= weights else {
            throw ModelError("has \(subpixel.weightCount) weights; at most \(weights) are supported")
        }
        for tensor in [input, output] { try check(tensor) }
    }

    /// - Throws: an error if a tensor is too large for the kernels.
    static func check(_ tensor: (blocks: Int, width: Int, height: Int)) throws(ModelError) {
        // The product cannot overflow because the sides are checked first.
        guard tensor.width <= 2 * side, tensor.height <= 2 * side,
            tensor.blocks * tensor.width * tensor.height <= vectors
        else {
            throw ModelError(
                "has \(tensor.blocks * 16) channels of \(tensor.width)x\(tensor.height) values, which is too large")
        }
    }

    /// - Throws: an error if a frame takes too many multiplications.
    static func check(multiplications: Double, width: Int, height: Int) throws(ModelError) {
        let pixels = Double(width) * Double(height)
        guard multiplications > multiplicationsPerPixel * max(pixels, leastPixels) else { return }
        func millions(_ count: Double) -> String { count < 1e15 ? "\(Int((count / 1e6).rounded()))" : "billions of" }
        throw ModelError(
            "the architecture takes \(millions(multiplications / pixels)) million multiplications for each pixel at "
                + "\(width)x\(height); at most \(millions(multiplicationsPerPixel)) million are supported")
    }
}

extension Architecture {
    /// The name of a layer in error texts.
    func name(of layer: Int) -> String {
        let words = description.split(separator: ",", omittingEmptySubsequences: false)
        return words.indices.contains(layer) ? "layer \(layer), \"\(words[layer])\"," : "layer \(layer)"
    }
}
