import Imaging

extension Image {
    /// Equations 13 and 14: the neighbour's result has the weight `share * c`, this image has the weight `(1 - share) +
    /// share * (1 - c)`. The weights add up to 1, so no division is needed.
    ///
    /// - Parameters:
    ///   - share: delta, 0...1.
    ///   - neighbor: the neighbour's result warped to this frame, with c.
    /// - Precondition: both are of one size.
    package func blended(with neighbor: TemporalTarget, share: Float, threads: Int) -> Image {
        var result = self
        let width = width
        let pixels = pixelCount
        result.forEachLine(threads: threads) { channel, y, line in
            for x in 0..<width {
                let weight = share * neighbor.certainty.values[y * width + x]
                // Uncertain samples may be non-finite.
                guard weight > 0 else { continue }
                line[x] += weight * (neighbor.image.samples[channel * pixels + y * width + x] - line[x])
            }
        }
        return result
    }
}
