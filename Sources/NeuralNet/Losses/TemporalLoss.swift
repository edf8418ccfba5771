import Imaging

/// The penalty of a difference between the image and the prior.
public enum TemporalPenalty: String, CaseIterable, Sendable {
    /// Squared (paper, equation 8).
    case squared
    /// Absolute (paper A.4, which also doubles the loss's weight; that factor is not included here).
    case absolute
}

/// The temporal consistency loss (paper, equation 8): the mean over all 3 H W values of c (x - w)^2 or c |x - w|, for an
/// image x, the prior w (an earlier stylized frame warped to x) and the certainty c of each pixel.
public struct TemporalLoss: Sendable {
    private let target: Image
    private let certainty: Plane<Float>
    private let penalty: TemporalPenalty

    /// - Parameters:
    ///   - target: w, in the same colour space as the image. All values must be finite, also where the certainty is 0.
    ///   - certainty: c, 0...1, or c_long (equation 12).
    /// - Precondition: both have the same size.
    public init(target: Image, certainty: Plane<Float>, penalty: TemporalPenalty = .squared) {
        precondition(target.width == certainty.width && target.height == certainty.height, "one certainty per pixel")
        self.target = target
        self.certainty = certainty
        self.penalty = penalty
    }

    /// The loss of `image`; adds `weight` times its gradient to `gradient`: weight * 2 c (x - w) / (3 H W), or
    /// weight * c sign(x - w) / (3 H W) with sign(0) = 0.
    ///
    /// - Parameter threads: the maximum number of threads; 0: one for each processor. Results do not depend on it.
    /// - Precondition: all have the same shape.
    public func addGradient(_ weight: Double, at image: Image, to gradient: inout Image, threads: Int = 0) -> Double {
        precondition(image.samples.count == target.samples.count && gradient.samples.count == target.samples.count)
        let count = image.samples.count
        let pixels = image.pixelCount
        let factor = Float(weight / Double(count)) * (penalty == .squared ? 2 : 1)
        let isSquared = penalty == .squared
        let sum = gradient.samples.withUnsafeMutableBufferPointer { gradient in
            image.samples.withUnsafeBufferPointer { image in
                target.samples.withUnsafeBufferPointer { target in
                    certainty.values.withUnsafeBufferPointer { certainty in
                        chunkedSum(over: pixels, threads: threads) { chunk in
                            var sum = 0.0
                            for channel in 0..<count / pixels {
                                for pixel in chunk {
                                    let index = channel * pixels + pixel
                                    let difference = image[index] - target[index]
                                    let slope =
                                        isSquared ? difference : difference > 0 ? 1 : difference < 0 ? -1 : 0
                                    gradient[index] += factor * certainty[pixel] * slope
                                    sum += Double(certainty[pixel] * slope * difference)
                                }
                            }
                            return sum
                        }
                    }
                }
            }
        }
        return sum / Double(count)
    }
}
