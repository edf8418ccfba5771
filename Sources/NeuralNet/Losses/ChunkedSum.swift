import Imaging

/// The sum of what `body` gives for ranges that cover `0..<count`, added in their order; the ranges are cut by `count` alone, so that
/// the sum does not depend on the number of threads.
func sumOverChunks(_ count: Int, each size: Int = 8192, threads: Int, _ body: (Range<Int>) -> Double) -> Double {
    let chunks = (count + size - 1) / size
    var sums = [Double](repeating: 0, count: chunks)
    sums.withUnsafeMutableBufferPointer { sums in
        parallel(chunks, threads: threads) { chunk in
            sums[chunk] = body(chunk * size..<min((chunk + 1) * size, count))
        }
    }
    return sums.reduce(0, +)
}
