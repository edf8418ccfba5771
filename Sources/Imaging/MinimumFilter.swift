import CKernels

extension Plane where Value == Float {
    /// The least value in a square window of `size` pixels a side around each pixel; pixels outside do not count. An
    /// even size counts as the next odd one; 1 or less changes nothing.
    ///
    /// On a certainty it spreads what is uncertain by `size / 2` pixels.
    public func minimumFiltered(size: Int, threads: Int = 0) -> Plane<Float> {
        // A window that reaches beyond every edge covers everything.
        let radius = Swift.min(size / 2, Swift.max(width, height))
        if radius < 1 || values.isEmpty { return self }
        let (width, height) = (width, height)
        let alongRows = Plane(width: width, height: height) { target in
            values.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress, let target = target.baseAddress else { return }
                parallelRows(height, threads: threads) { rows in
                    withUnsafeTemporaryAllocation(of: Float.self, capacity: width + 2 * radius) { line in
                        kernel_minimum_along_rows(
                            source, Int32(width), Int32(radius), line.baseAddress, target, Int32(rows.lowerBound),
                            Int32(rows.upperBound))
                    }
                }
            }
        }
        return Plane(width: width, height: height) { target in
            alongRows.values.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress, let target = target.baseAddress else { return }
                parallelRows(height, threads: threads) { rows in
                    kernel_minimum_along_columns(
                        source, Int32(width), Int32(height), Int32(radius), target, Int32(rows.lowerBound),
                        Int32(rows.upperBound))
                }
            }
        }
    }
}
