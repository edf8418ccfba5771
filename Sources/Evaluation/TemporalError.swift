import Flow
import Imaging

/// Temporal error of a stylized frame against a neighbouring one warped to it: mean squared difference of values in
/// 0...1.
public struct TemporalError: Sendable, Codable, Equatable {
    /// Mean over consistent pixels only, as in the paper (section 7.1). 0 if there are none.
    public var overConsistentPixels: Double
    /// Mean over all pixels, with inconsistent ones counted as zero, as in the authors' fast program.
    public var overAllPixels: Double
    /// Share of consistent pixels, 0...1.
    public var consistentPart: Double

    package init(overConsistentPixels: Double, overAllPixels: Double, consistentPart: Double) {
        self.overConsistentPixels = overConsistentPixels
        self.overAllPixels = overAllPixels
        self.consistentPart = consistentPart
    }
}

/// The temporal error of a frame against another one.
/// - Parameters:
///   - image: values 0...255, any number of channels; network space works too, since only differences count.
///   - other: the frame that is warped to it, of the same size.
///   - flow: from `image` to `other`. Ground truth leads to the next frame, other flow to the previous one.
///   - certainty: per-pixel weight, 0...1, of the same size.
/// - Precondition: all have the same size.
public func temporalError(
    of image: Image, against other: Image, flow: FlowField, certainty: Plane<Float>,
    interpolation: Interpolation = .bilinear, threads: Int = 0
) -> TemporalError {
    let warped = other.warped(by: flow, interpolation: interpolation, threads: threads)
    return temporalError(of: image, againstWarped: warped, certainty: certainty, threads: threads)
}

/// The temporal error of a frame against another one that is already warped to it.
/// - Precondition: all have the same size.
public func temporalError(
    of image: Image, againstWarped warped: Image, certainty: Plane<Float>, threads: Int = 0
) -> TemporalError {
    precondition(
        image.width == warped.width && image.height == warped.height && image.channels == warped.channels
            && image.width == certainty.width && image.height == certainty.height,
        "a temporal error needs images and a certainty of one size")
    let (width, height, channels) = (image.width, image.height, image.channels)
    // One sum per row, added in order: the result does not depend on the number of threads.
    let rows = RowSums(height: height, threads: threads) { y in
        var squares = 0.0
        var weights = 0.0
        for i in y * width..<(y + 1) * width { weights += Double(certainty.values[i]) }
        for channel in 0..<channels {
            let start = channel * width * height
            for i in y * width..<(y + 1) * width {
                let difference = image.samples[start + i] - warped.samples[start + i]
                squares += Double(certainty.values[i] * difference * difference)
            }
        }
        return (squares, weights)
    }
    let squares = rows.first / (255 * 255 * Double(max(channels, 1)))
    let pixels = Double(max(width * height, 1))
    return TemporalError(
        overConsistentPixels: rows.second > 0 ? squares / rows.second : 0, overAllPixels: squares / pixels,
        consistentPart: rows.second / pixels)
}

/// Two sums over the rows of an image.
struct RowSums {
    let first: Double
    let second: Double

    init(height: Int, threads: Int, row: (Int) -> (Double, Double)) {
        let sums = [SIMD2<Double>](unsafeUninitializedCapacity: height) { buffer, count in
            let sums = UnsafeMutableBufferPointer(rebasing: buffer[..<height])
            parallelRows(height, threads: threads) { rows in
                for y in rows {
                    let (first, second) = row(y)
                    sums[y] = [first, second]
                }
            }
            count = height
        }
        let total = sums.reduce(SIMD2<Double>.zero, +)
        first = total.x
        second = total.y
    }
}
