/// A planar image of floating-point samples: one plane per channel, without padding.
///
/// Channels and range depend on the use. There are two conventions: *picture space* is red, green and blue in 0...255;
/// *network space* is blue, green and red minus the mean of the images that the loss network was trained on.
public struct Image: Sendable, Equatable {
    /// Width in pixels.
    public let width: Int
    /// Height in pixels.
    public let height: Int
    /// Number of planes.
    public let channels: Int
    /// `channels * height * width` samples.
    public var samples: [Float]
    /// Number of images stacked in it, one below the other: a batch. Operations treat each image by itself.
    package var batchSize = 1

    /// An image with all samples set to `value`.
    public init(width: Int, height: Int, channels: Int = 3, repeating value: Float = 0) {
        self.width = width
        self.height = height
        self.channels = channels
        samples = Array(repeating: value, count: width * height * channels)
    }

    /// - Precondition: `samples` holds `channels * height * width` values.
    public init(width: Int, height: Int, channels: Int = 3, samples: [Float]) {
        precondition(samples.count == width * height * channels, "an image needs channels * height * width samples")
        self.width = width
        self.height = height
        self.channels = channels
        self.samples = samples
    }

    /// Number of pixels, `width * height`.
    public var pixelCount: Int { width * height }
}
