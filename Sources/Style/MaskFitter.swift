import Imaging

/// How a mask becomes the opacity of a painting.
public struct MaskOptions: Sendable, Equatable {
    /// Whether the painting is where the mask is not.
    public var isInverted: Bool
    /// Pixels of the frame over which edges are softened, to either side.
    public var feather: Int

    /// The defaults take masks as they are.
    public init(isInverted: Bool = false, feather: Int = 0) {
        self.isInverted = isInverted
        self.feather = feather
    }
}

/// Brings masks of any size to the size of frames. A mask that stays the same from frame to frame is worked on once.
public struct MaskFitter: Sendable {
    private struct Key: Equatable {
        let mask: Plane<UInt8>
        let options: MaskOptions
        let width: Int
        let height: Int
    }

    private var last: (key: Key, fitted: Plane<UInt8>)?

    public init() {}

    /// A mask for a frame of `width` x `height` pixels.
    public mutating func fitted(
        _ mask: Plane<UInt8>, options: MaskOptions = MaskOptions(), width: Int, height: Int, threads: Int = 0
    ) -> Plane<UInt8> {
        if mask.width == width, mask.height == height, options == MaskOptions() { return mask }
        // Two planes with the same memory are equal without a look at their values.
        let key = Key(mask: mask, options: options, width: width, height: height)
        if let last, last.key == key { return last.fitted }
        var fitted = mask.resized(width: width, height: height, threads: threads)
            .softened(radius: options.feather, threads: threads)
        if options.isInverted { fitted = fitted.inverted() }
        last = (key, fitted)
        return fitted
    }
}
