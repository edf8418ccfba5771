/// A picture of floating-point samples, one plane a channel, planes one after the other without padding.
///
/// Which channels they are and in what range is the user's to say. Two conventions are used here: *picture space*, red, green
/// and blue in 0...255, and *network space*, blue, green and red minus the mean of the images that the loss
/// network was trained on.
public struct Image: Sendable, Equatable {
    public let width: Int
    public let height: Int
    public let channels: Int
    /// `channels * height * width` samples.
    public var samples: [Float]

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

    public var pixelCount: Int { width * height }
}
