/// What no plan goes beyond. Kernels count rows, tiles and blocks in 32 bits; and a file of a few kilobytes, or a string, can ask
/// for any size.
enum PlanLimits {
    /// Of a layer's width and height: four times those of the largest frame.
    static let side = 1 << 18
    /// Of upsampling that is folded into a kernel, along one axis.
    static let upsampling = 64
    /// Vectors of 16 values in a tensor.
    static let vectors = Int(Int32.max)
    /// Weights of one convolution, as the kernels have them.
    static let weights = 1 << 35
    /// Multiplications for each pixel of a frame. The network of the original work takes two hundred thousand, VGG-16 three times
    /// as many. Eighty times the former takes about a minute for a frame of a million pixels on a large processor.
    static let multiplicationsPerPixel = 16_000_000.0
    /// Frames count as if they had at least so many pixels: the borders by which small ones are extended may be larger than they are.
    static let leastPixels = 256.0 * 256

    /// - Parameters:
    ///   - input, output: blocks of 16 channels, width and height of what a convolution sees and gives.
    /// - Throws: an error if a convolution is too large for the kernels.
    static func check(
        _ spread: SpreadKernel, input: (blocks: Int, width: Int, height: Int),
        output: (blocks: Int, width: Int, height: Int)
    ) throws(ModelError) {
        guard spread.weightCount <= weights else {
            throw ModelError("has \(spread.weightCount) weights; at most \(weights) are supported")
        }
        for tensor in [input, output] { try check(tensor) }
    }

    /// - Throws: an error if a tensor is too large for the kernels.
    static func check(_ tensor: (blocks: Int, width: Int, height: Int)) throws(ModelError) {
        // Sides are limited before, so that this cannot overflow.
        guard tensor.width <= 2 * side, tensor.height <= 2 * side,
            tensor.blocks * tensor.width * tensor.height <= vectors
        else {
            throw ModelError(
                "has \(tensor.blocks * 16) channels of \(tensor.width)x\(tensor.height) values, which is too large")
        }
    }

    /// - Throws: an error if a frame takes far too long.
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
    /// A layer as an error names it.
    func name(of layer: Int) -> String {
        let words = description.split(separator: ",", omittingEmptySubsequences: false)
        return words.indices.contains(layer) ? "layer \(layer), \"\(words[layer])\"," : "layer \(layer)"
    }
}
