import Imaging

extension Image {
    /// The image at `1 / factor` of its size, each pixel the mean of `factor` x `factor`. Remaining rows and columns are
    /// left out, as pooling does.
    func reduced(by factor: Int) -> Image {
        guard factor > 1 else { return self }
        var result = Image(width: width / factor, height: height / factor, channels: channels)
        let share = 1 / Float(factor * factor)
        samples.withUnsafeBufferPointer { source in
            result.samples.withUnsafeMutableBufferPointer { target in
                forEachSample(width: width, height: height, channels: channels, factor: factor) { sample, reduced in
                    target[reduced] += share * source[sample]
                }
            }
        }
        return result
    }

    /// Adds the gradient with respect to this image, given that with respect to the reduced image.
    mutating func addGradient(ofReduced gradient: Image, by factor: Int) {
        let (width, height, channels) = (width, height, channels)
        let share = 1 / Float(factor * factor)
        samples.withUnsafeMutableBufferPointer { target in
            gradient.samples.withUnsafeBufferPointer { source in
                forEachSample(width: width, height: height, channels: channels, factor: factor) { sample, reduced in
                    target[sample] += share * source[reduced]
                }
            }
        }
    }
}

/// Calls `body` with the index of each sample of an image and of the sample of the reduced image that it belongs to.
private func forEachSample(
    width: Int, height: Int, channels: Int, factor: Int, _ body: (_ sample: Int, _ reduced: Int) -> Void
) {
    let (columns, rows) = (width / factor, height / factor)
    for channel in 0..<channels {
        for y in 0..<rows * factor {
            let first = (channel * height + y) * width
            let reduced = (channel * rows + y / factor) * columns
            for x in 0..<columns * factor { body(first + x, reduced + x / factor) }
        }
    }
}
