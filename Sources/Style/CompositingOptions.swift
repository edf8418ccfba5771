import Imaging

/// How the network's output is turned into the displayed frame. None of this is fed back to the network.
public struct CompositingOptions: Sendable, Equatable {
    /// Opacity of the stylized frame over the input frame, 0...1.
    public var strength: Float
    /// Take luma from the stylized frame and chroma from the input frame.
    public var preservesColor: Bool
    /// Window size of the median filter on the network's output: 1 (none), 3 or 5.
    public var medianSize: Int
    /// How an output that is smaller than the frame is enlarged.
    public var upsampling: Upsampling

    /// The defaults show the network's output as it is, with the frame's edges if it is enlarged.
    public init(
        strength: Float = 1, preservesColor: Bool = false, medianSize: Int = 1, upsampling: Upsampling = .guided
    ) {
        self.strength = strength
        self.preservesColor = preservesColor
        self.medianSize = medianSize
        self.upsampling = upsampling
    }

    /// Composites the network's `output` over the input frame.
    ///
    /// - Parameters:
    ///   - output: in network space, at any resolution.
    ///   - pixels: the input frame, overwritten with the result, rounded and clamped; alpha is kept. Unchanged at
    ///     strength 0.
    func paint(_ output: Image, over pixels: PackedPixels, threads: Int) {
        if strength <= 0 { return }
        var image = medianSize > 1 ? output.medianFiltered(size: medianSize, threads: threads) : output
        if upsampling == .guided, image.width < pixels.width, image.height < pixels.height {
            return paintGuided(image, over: pixels, threads: threads)
        }
        image = image.resized(width: pixels.width, height: pixels.height, threads: threads)
        if preservesColor || strength < 1 {
            let frame = pixels.networkImage(threads: threads)
            if preservesColor { image = image.withColor(of: frame, order: .bgr, threads: threads) }
            if strength < 1 { image = frame.mixed(with: image, amount: strength, threads: threads) }
        }
        pixels.store(image, threads: threads)
    }

    private func paintGuided(_ image: Image, over pixels: PackedPixels, threads: Int) {
        let parts = zip(
            rows(ofBatch: image.batchSize, height: image.height), rows(ofBatch: image.batchSize, height: pixels.height))
        for (low, high) in parts {
            let part = pixels.block(rows: high)
            GuidedPainting(image.batchSize > 1 ? image.block(rows: low) : image, of: part, threads: threads)
                .paint(over: part, strength: strength, preservesColor: preservesColor, threads: threads)
        }
    }
}

/// Enlargement of a painting to the frame's size.
public enum Upsampling: String, CaseIterable, Sendable {
    /// Cubic, with the frame's detail along its edges.
    case guided
    /// Cubic interpolation alone.
    case cubic
}
