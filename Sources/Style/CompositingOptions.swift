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
    /// Where the frame is painted: multiplies ``strength`` at each pixel, by 0 (the input's pixel, exactly) for 0 to 1 for
    /// 255. Of any size, since it covers the whole frame; nil: everywhere.
    public var mask: Plane<UInt8>?

    /// The defaults show the network's output as it is, with the frame's edges if it is enlarged.
    public init(
        strength: Float = 1, preservesColor: Bool = false, medianSize: Int = 1, upsampling: Upsampling = .guided,
        mask: Plane<UInt8>? = nil
    ) {
        self.strength = strength
        self.preservesColor = preservesColor
        self.medianSize = medianSize
        self.upsampling = upsampling
        self.mask = mask
    }

    /// Composites the network's `output` over the input frame.
    ///
    /// - Parameters:
    ///   - output: in network space, at any resolution.
    ///   - input: what the network was given; nil: the frame at the output's resolution.
    ///   - painter: keeps memory from frame to frame.
    ///   - frame: the input frame, overwritten with the result, rounded and clamped; alpha is kept. Unchanged at
    ///     strength 0, and where the mask is 0.
    func paint(
        _ output: Image, of input: Image?, by painter: inout FramePainter, over frame: FramePixels, threads: Int
    ) {
        if strength <= 0 { return }
        let image = medianSize > 1 ? output.medianFiltered(size: medianSize, threads: threads) : output
        guard image.batchSize > 1 else {
            return paintOne(image, of: input, by: &painter, over: frame, where: mask, threads: threads)
        }
        let mask = mask?.resized(width: frame.width, height: frame.height, threads: threads)
        let images = zip(
            rows(ofBatch: image.batchSize, height: image.height), rows(ofBatch: image.batchSize, height: frame.height))
        for (low, high) in images {
            paintOne(
                image.block(rows: low, threads: threads), of: nil, by: &painter, over: frame.block(rows: high),
                where: mask?.block(rows: high), threads: threads)
        }
    }

    private func paintOne(
        _ image: Image, of input: Image?, by painter: inout FramePainter, over frame: FramePixels,
        where mask: Plane<UInt8>?, threads: Int
    ) {
        var guide: Image?
        if upsampling == .guided, image.width < frame.width, image.height < frame.height {
            guide = input ?? frame.networkImage(width: image.width, height: image.height, threads: threads)
        }
        painter.paint(
            image, from: guide, over: frame,
            covering: .init(strength: strength, preservesColor: preservesColor, mask: mask), threads: threads)
    }
}

/// Enlargement of a painting to the frame's size.
public enum Upsampling: String, CaseIterable, Sendable {
    /// Cubic, with the frame's detail along its edges.
    case guided
    /// Cubic interpolation alone.
    case cubic
}
