import Imaging

extension Image {
    /// Equations 13 and 14: `share * c` of a neighbour's result where it is certain, and of this image the rest,
    /// `(1 - share) + share * (1 - c)`. The weights add up to 1, so there is nothing to divide by.
    ///
    /// - Parameters:
    ///   - share: delta, 0...1.
    ///   - neighbor: warped to this image, and c.
    /// - Precondition: both are of one size.
    package func blended(with neighbor: TemporalTarget, share: Float, threads: Int) -> Image {
        var result = self
        let width = width
        let pixels = pixelCount
        result.forEachLine(threads: threads) { channel, y, line in
            for x in 0..<width {
                let weight = share * neighbor.certainty.values[y * width + x]
                // What is not certain may be anything, even no number.
                guard weight > 0 else { continue }
                line[x] += weight * (neighbor.image.samples[channel * pixels + y * width + x] - line[x])
            }
        }
        return result
    }
}
