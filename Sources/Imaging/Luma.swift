extension Image {
    /// Luma of an image in picture space. Samples are rounded to 8 bits first, so that the result equals
    /// ``PackedPixels/luma(threads:)``.
    /// - Precondition: three channels.
    public func luma(threads: Int = 0) -> Plane<UInt8> {
        let stride = width * 3
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(stride * height, 1)) { bytes in
            guard let base = bytes.baseAddress else { return Plane(width: width, height: height, repeating: 0) }
            let pixels = PackedPixels(
                base: UnsafeMutableRawPointer(base), stride: stride, width: width, height: height, layout: .rgb)
            pixels.store(picture: self, threads: threads)
            return pixels.luma(threads: threads)
        }
    }
}

extension Image {
    /// Luma of an image in network space, rounded and clamped to 8 bits.
    /// - Precondition: three channels.
    package func networkLuma(threads: Int = 0) -> Plane<UInt8> {
        precondition(channels == 3, "luma needs three channels")
        let count = pixelCount
        let mean = 0.299 * NetworkSpace.mean.red + 0.587 * NetworkSpace.mean.green + 0.114 * NetworkSpace.mean.blue
        var luma = Plane<UInt8>(width: width, height: height, repeating: 0)
        luma.values.withUnsafeMutableBufferPointer { target in
            nonisolated(unsafe) let target = target
            samples.withUnsafeBufferPointer { source in
                nonisolated(unsafe) let source = source
                parallelRows(height, threads: threads) { rows in
                    for index in rows.lowerBound * width..<rows.upperBound * width {
                        let value =
                            0.114 * source[index] + 0.587 * source[count + index] + 0.299 * source[2 * count + index]
                        // Not `rounded()`, which would be a call.
                        target[index] = UInt8(truncatingIfNeeded: Int32(min(max(value + mean, 0), 255) + 0.5))
                    }
                }
            }
        }
        return luma
    }
}
