import Imaging

/// Elements that one task takes. A fixed number, so that results do not depend on the number of threads; below the 10,000
/// from which OpenBLAS would divide the work among threads of its own; and small enough that a chunk of one vector stays in
/// the nearest cache while the same chunk of many others passes by.
private let chunkLength = 8192

/// Runs `body` on ranges that cover `0..<count`, cut by `count` alone.
func parallelChunks(_ count: Int, each size: Int = chunkLength, threads: Int, _ body: (Range<Int>) -> Void) {
    parallel((count + size - 1) / size, threads: threads) { chunk in
        body(chunk * size..<min((chunk + 1) * size, count))
    }
}

/// `terms` sums over `0..<count` in one pass: `body` writes what a range adds to each of them. The ranges' shares are summed in
/// double precision, in the order of the ranges, so that the sums do not depend on the number of threads.
func chunkedSums(
    _ terms: Int, over count: Int, each size: Int = chunkLength, threads: Int,
    _ body: (Range<Int>, UnsafeMutablePointer<Double>) -> Void
) -> [Double] {
    let chunks = (count + size - 1) / size
    var sums = [Double](repeating: 0, count: terms)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: chunks * terms) { shares in
        guard let base = shares.baseAddress else { return }
        base.initialize(repeating: 0, count: chunks * terms)
        parallelChunks(count, each: size, threads: threads) { range in
            body(range, base + range.lowerBound / size * terms)
        }
        for chunk in 0..<chunks {
            for term in 0..<terms { sums[term] += shares[chunk * terms + term] }
        }
    }
    return sums
}

/// The sum over `0..<count` of what `body` gives for ranges of it.
func chunkedSum(over count: Int, each size: Int = chunkLength, threads: Int, _ body: (Range<Int>) -> Double) -> Double {
    chunkedSums(1, over: count, each: size, threads: threads) { range, sum in sum[0] = body(range) }[0]
}
