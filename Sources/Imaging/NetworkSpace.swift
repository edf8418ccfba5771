/// The order of an image's colour channels.
public enum ChannelOrder: Sendable {
    /// Picture space.
    case rgb
    /// Network space.
    case bgr

    var red: Int { self == .rgb ? 0 : 2 }
    var green: Int { 1 }
    var blue: Int { self == .rgb ? 2 : 0 }
}

/// The colour space of the networks: blue, green and red in 0...255, minus the mean of the images that the loss network
/// was trained on.
public enum NetworkSpace {
    /// Mean of the loss network's training images.
    public static let mean: (red: Float, green: Float, blue: Float) = (123.68, 116.779, 103.939)
}

extension Image {
    /// Converts from picture space to network space.
    /// - Precondition: three channels.
    public func networkSpace() -> Image {
        swappingOuterChannels(
            adding: (-NetworkSpace.mean.blue, -NetworkSpace.mean.green, -NetworkSpace.mean.red))
    }

    /// Converts from network space to picture space, without clamping.
    /// - Precondition: three channels.
    public func pictureSpace() -> Image {
        swappingOuterChannels(adding: NetworkSpace.mean)
    }

    /// A result of a network or of the optimisation as it is shown: in picture space, within 0...255.
    package var shown: Image {
        var image = pictureSpace()
        for index in image.samples.indices { image.samples[index] = max(0, min(255, image.samples[index])) }
        return image
    }

    private func swappingOuterChannels(adding offset: (Float, Float, Float)) -> Image {
        precondition(channels == 3, "a colour space needs three channels")
        let count = pixelCount
        return Image(width: width, height: height) { result in
            for i in 0..<count {
                result[i] = samples[2 * count + i] + offset.0
                result[count + i] = samples[count + i] + offset.1
                result[2 * count + i] = samples[i] + offset.2
            }
        }
    }
}
