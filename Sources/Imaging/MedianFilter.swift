import CKernels

extension Image {
    /// Median filter with a square window, for each channel. `size` is 3 or 5; other sizes return the image unchanged.
    /// The border is repeated. Samples must be finite.
    public func medianFiltered(size: Int, threads: Int = 0) -> Image {
        if (size != 3 && size != 5) || samples.isEmpty { return self }
        let (width, height, radius) = (width, height, size / 2)
        // Rows with padding, rounded up to whole vectors.
        let length = (width + 15) / 16 * 16 + size - 1
        return withSameShape { target in
            samples.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress, let target = target.baseAddress else { return }
                parallelRows(channels * height, threads: threads) { rows in
                    withUnsafeTemporaryAllocation(of: Float.self, capacity: length * (rows.count + size - 1)) { lines in
                        guard let lines = lines.baseAddress else { return }
                        // A range of rows may extend into the next channel.
                        var first = rows.lowerBound
                        while first < rows.upperBound {
                            let channel = first / height
                            let end = min(rows.upperBound, (channel + 1) * height)
                            for line in 0..<end - first + 2 * radius {
                                let y = min(max(first + line - radius, channel * height), (channel + 1) * height - 1)
                                extend(source + y * width, width, by: radius, into: lines + line * length, length)
                            }
                            for y in first..<end {
                                let window = (0..<size).map { UnsafePointer<Float>?(lines + (y - first + $0) * length) }
                                kernel_median(window, Int32(width), Int32(size), target + y * width)
                            }
                            first = end
                        }
                    }
                }
            }
        }
    }
}

/// Copies a row and pads it with its outermost samples: `radius` copies of the first, and the last up to `length`.
private func extend(
    _ row: UnsafePointer<Float>, _ width: Int, by radius: Int, into line: UnsafeMutablePointer<Float>, _ length: Int
) {
    line.initialize(repeating: row[0], count: radius)
    (line + radius).initialize(from: row, count: width)
    (line + radius + width).initialize(repeating: row[width - 1], count: length - radius - width)
}
