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
