import CKernels

extension Plane where Value == Float {
    /// Minimum filter with a square window of `size` pixels; pixels outside are ignored. An even size counts as the
    /// next odd one; 1 or less changes nothing.
    ///
    /// On a certainty plane it widens uncertain areas by `size / 2` pixels.
    public consuming func minimumFiltered(size: Int, threads: Int = 0) -> Plane<Float> {
        // A window that reaches beyond every edge covers the whole plane.
        let radius = Swift.min(size / 2, Swift.max(width, height))
        var result = self
        if radius >= 1 { result.filterMinimum(radius: radius, threads: threads) }
        return result
    }

    private mutating func filterMinimum(radius: Int, threads: Int) {
        let width = width
        let images = rows(ofBatch: batchSize, height: height)
        let largest = images.map(\.count).max() ?? 0
        values.withUnsafeMutableBufferPointer { values in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: largest * width) { alongRows in
                guard let values = values.baseAddress, let alongRows = alongRows.baseAddress else { return }
                for image in images {
                    let first = values + image.lowerBound * width
                    parallelRows(image.count, threads: threads) { rows in
                        withUnsafeTemporaryAllocation(of: Float.self, capacity: width + 2 * radius) { line in
                            kernel_minimum_along_rows(
                                first, Int32(width), Int32(radius), line.baseAddress, alongRows,
                                Int32(rows.lowerBound), Int32(rows.upperBound))
                        }
                    }
                    parallelRows(image.count, threads: threads) { rows in
                        kernel_minimum_along_columns(
                            alongRows, Int32(width), Int32(image.count), Int32(radius), first,
                            Int32(rows.lowerBound), Int32(rows.upperBound))
                    }
                }
            }
        }
    }
}
