import COpenBLAS

/// The inner product of two vectors.
func dot(_ one: [Float], _ other: [Float], threads: Int) -> Double {
    one.withUnsafeBufferPointer { one in
        other.withUnsafeBufferPointer { other in
            chunkedSum(over: one.count, threads: threads) { range in dot(one, other, range) }
        }
    }
}

/// `target = point + factor * direction`.
func move(_ target: inout [Float], from point: [Float], by factor: Float, along direction: [Float], threads: Int) {
    target.withUnsafeMutableBufferPointer { target in
        point.withUnsafeBufferPointer { point in
            direction.withUnsafeBufferPointer { direction in
                let target = target
                parallelChunks(target.count, threads: threads) { range in
                    for index in range { target[index] = point[index] + factor * direction[index] }
                }
            }
        }
    }
}

/// The inner product of a range of two vectors.
func dot(_ one: UnsafeBufferPointer<Float>, _ other: UnsafeBufferPointer<Float>, _ range: Range<Int>) -> Double {
    guard let one = one.baseAddress, let other = other.baseAddress else { return 0 }
    return Double(cblas_sdot(Int32(range.count), one + range.lowerBound, 1, other + range.lowerBound, 1))
}

/// Adds `factor * vector` to `target` in a range.
func add(
    _ factor: Double, times vector: UnsafeBufferPointer<Float>, to target: UnsafeMutableBufferPointer<Float>,
    _ range: Range<Int>
) {
    guard let vector = vector.baseAddress, let target = target.baseAddress else { return }
    cblas_saxpy(Int32(range.count), Float(factor), vector + range.lowerBound, 1, target + range.lowerBound, 1)
}
