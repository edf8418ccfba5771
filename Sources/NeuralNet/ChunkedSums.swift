import Imaging

/// Elements of a chunk. Constant, so that results do not depend on the number of threads. Below 10,000, from which
/// OpenBLAS would start threads of its own. Small enough that one vector's chunk stays in the first-level cache while
/// the same chunk of many other vectors is read.
private let chunkLength = 8192

/// Runs `body` on chunks of `0..<count`. The chunks do not depend on `threads`.
func parallelChunks(_ count: Int, each size: Int = chunkLength, threads: Int, _ body: (Range<Int>) -> Void) {
    parallel((count + size - 1) / size, threads: threads) { chunk in
        body(chunk * size..<min((chunk + 1) * size, count))
    }
}

/// Computes `terms` sums over `0..<count` in one pass. `body` writes a chunk's partial sum of each. The partial sums
/// are added in double precision and in the chunks' order, so that the result does not depend on the number of threads.
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

/// The sum over `0..<count`; `body` returns the partial sum of a chunk.
func chunkedSum(over count: Int, each size: Int = chunkLength, threads: Int, _ body: (Range<Int>) -> Double) -> Double {
    chunkedSums(1, over: count, each: size, threads: threads) { range, sum in sum[0] = body(range) }[0]
}
