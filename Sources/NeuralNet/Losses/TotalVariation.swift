import Imaging

/// Total variation, as the authors' program smooths its pictures: half the sum of the squared differences of all pairs of
/// horizontal or vertical neighbours in each channel. A sum, not a mean: larger pictures have more of it.
public enum TotalVariation {
    /// The total variation of `image`; adds `weight` times its gradient, the sum over a value's up to four neighbours of what it is above them, to `gradient`.
    ///
    /// - Parameter threads: at most so many compute; 0: one for each processor. Results do not depend on it.
    /// - Precondition: both of one shape.
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

/// `TotalVariation` as its definition says.
package struct PlainTotalVariation: PlainLoss {
    package init() {}

    package func value(_ input: PlainTensor) -> Double {
        var sum = 0.0
        forEachPair(of: input) { one, other in
            let difference = input.values[one] - input.values[other]
            sum += difference * difference / 2
        }
        return sum
    }

    package func gradient(_ input: PlainTensor) -> PlainTensor {
        var result = PlainTensor(channels: input.channels, height: input.height, width: input.width)
        forEachPair(of: input) { one, other in
            let difference = input.values[one] - input.values[other]
            result.values[one] += difference
            result.values[other] -= difference
        }
        return result
    }

    /// Calls `body` with the places of each two neighbours.
    private func forEachPair(of tensor: PlainTensor, _ body: (Int, Int) -> Void) {
        for index in tensor.values.indices {
            if index % tensor.width + 1 < tensor.width { body(index, index + 1) }
            if index / tensor.width % tensor.height + 1 < tensor.height { body(index, index + tensor.width) }
        }
    }
}
