import Imaging

/// Total variation as in the authors' program: half the sum of the squared differences of all pairs of horizontal or
/// vertical neighbours in each channel. It is a sum, not a mean, so it grows with the image's size.
public enum TotalVariation {
    /// The total variation of `image`; adds `weight` times its gradient to `gradient`. The gradient is the sum of the
    /// differences of a value to its up to four neighbours.
    ///
    /// - Parameter threads: the maximum number of threads; 0: one for each processor. Results do not depend on it.
    /// - Precondition: both have the same shape.
    public static func addGradient(
        _ weight: Double, at image: Image, to gradient: inout Image, threads: Int = 0
    ) -> Double {
        precondition(image.samples.count == gradient.samples.count)
        let (width, height) = (image.width, image.height)
        let factor = Float(weight)
        return gradient.samples.withUnsafeMutableBufferPointer { gradient in
            image.samples.withUnsafeBufferPointer { image in
                chunkedSum(over: image.count / width, each: 16, threads: threads) { rows in
                    var sum = 0.0
                    for row in rows {
                        let y = row % height
                        for x in 0..<width {
                            let index = row * width + x
                            var slope: Float = 0
                            if x > 0 { slope += image[index] - image[index - 1] }
                            if y > 0 { slope += image[index] - image[index - width] }
                            if x < width - 1 {
                                let difference = image[index] - image[index + 1]
                                slope += difference
                                sum += Double(difference * difference)
                            }
                            if y < height - 1 {
                                let difference = image[index] - image[index + width]
                                slope += difference
                                sum += Double(difference * difference)
                            }
                            gradient[index] += factor * slope
                        }
                    }
                    return sum
                }
            }
        } / 2
    }
}
