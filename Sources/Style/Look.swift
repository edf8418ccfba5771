import Imaging

/// How the network's output becomes the picture that is shown. None of it is fed back to the network.
public struct Look: Sendable, Equatable {
    /// 0...1: how much of the style shows; the rest is the frame.
    public var strength: Float
    /// Luma of the stylized picture, chroma of the frame.
    public var preservesColor: Bool
    /// 1 (none), 3 or 5: side of the median filter on the network's output.
    public var medianSize: Int

    public init(strength: Float = 1, preservesColor: Bool = false, medianSize: Int = 1) {
        self.strength = strength
        self.preservesColor = preservesColor
        self.medianSize = medianSize
    }

    /// Paints the network's `output` over the frame that it was made from.
    ///
    /// - Parameters:
    ///   - output: in network space, at any resolution.
    ///   - pixels: the frame, which takes the picture, rounded and clamped; its alpha stays. Untouched at strength 0.
    ///   - parts: how many pictures of their own lie one below the other in it.
    func paint(_ output: Image, over pixels: PackedPixels, parts: Int = 1, threads: Int) {
        if strength <= 0 { return }
        var picture = medianSize > 1 ? output.medianFiltered(size: medianSize, threads: threads) : output
        picture = picture.resized(width: pixels.width, height: pixels.height, parts: parts, threads: threads)
        if preservesColor || strength < 1 {
            let frame = pixels.networkImage(threads: threads)
            if preservesColor { picture = picture.withColor(of: frame, order: .bgr, threads: threads) }
            if strength < 1 { picture = frame.mixed(with: picture, amount: strength, threads: threads) }
        }
        pixels.store(picture, threads: threads)
    }
}
