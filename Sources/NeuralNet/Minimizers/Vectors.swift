import COpenBLAS
import Imaging

/// Elements that one task takes. A fixed number, so that results do not depend on the number of threads; below the 10,000
/// from which OpenBLAS would divide the work among threads of its own; and small enough that a chunk of one vector stays in
/// the nearest cache while the same chunk of many others passes by.
private let chunkLength = 8192

/// Runs `body` on ranges that cover `0..<count`.
func parallelChunks(_ count: Int, threads: Int, _ body: (Range<Int>) -> Void) {
    parallel((count + chunkLength - 1) / chunkLength, threads: threads) { chunk in
        body(chunk * chunkLength..<min((chunk + 1) * chunkLength, count))
    }
}

/// `terms` sums over `0..<count` in one pass: `body` writes what a range adds to each of them. The ranges' shares are summed in
/// double precision, in the order of the ranges.
func chunkedSums(
    _ terms: Int, over count: Int, threads: Int, _ body: (Range<Int>, UnsafeMutablePointer<Double>) -> Void
) -> [Double] {
    let chunks = (count + chunkLength - 1) / chunkLength
    var sums = [Double](repeating: 0, count: terms)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: chunks * terms) { shares in
        guard let base = shares.baseAddress else { return }
        base.initialize(repeating: 0, count: chunks * terms)
        parallelChunks(count, threads: threads) { range in
            body(range, base + range.lowerBound / chunkLength * terms)
        }
        for chunk in 0..<chunks {
            for term in 0..<terms { sums[term] += shares[chunk * terms + term] }
        }
    }
    return sums
}

/// The inner product of two vectors.
func dot(_ one: [Float], _ other: [Float], threads: Int) -> Double {
    one.withUnsafeBufferPointer { one in
        other.withUnsafeBufferPointer { other in
            chunkedSums(1, over: one.count, threads: threads) { range, sum in sum[0] = dot(one, other, range) }[0]
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

/// A range's share of an inner product.
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
