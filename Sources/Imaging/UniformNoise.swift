import Support

extension Image {
    /// Multiplies by the certainty and adds `(1 - certainty) * fill`, in network space. The fill is the mean colour, 0,
    /// or uniform noise in 0...255, the same for each image of a batch.
    ///
    /// - Parameters:
    ///   - certainty: of this image's size, 0...1.
    ///   - noise: seed of the noise, which does not depend on the number of threads; nil: the mean colour.
    package mutating func fill(where certainty: Plane<Float>, noise: UInt64?, threads: Int) {
        let width = width
        let height = height / max(1, batchSize)
        let means = [NetworkSpace.mean.blue, NetworkSpace.mean.green, NetworkSpace.mean.red]
        certainty.values.withUnsafeBufferPointer { values in
            forEachLine(threads: threads) { channel, y, line in
                let certain = UnsafeBufferPointer(rebasing: values[(y * width)..<((y + 1) * width)])
                let seed = noise.map { $0 &+ UInt64(channel * height + y % height) &* 0xD1B5_4A32_D192_ED03 }
                // Most pixels are certain.
                for x in 0..<width where certain[x] < 1 {
                    line[x] *= certain[x]
                    guard let seed, channel < means.count else { continue }
                    var noise = SplitMix(seed: seed, skipping: x)
                    line[x] += (1 - certain[x]) * (noise.nextUnit() * 255 - means[channel])
                }
            }
        }
    }

    /// Runs `body` on every row of every channel, in parallel.
    package mutating func forEachLine(
        threads: Int, _ body: (_ channel: Int, _ y: Int, _ line: UnsafeMutableBufferPointer<Float>) -> Void
    ) {
        let width = width
        let height = height
        let lines = channels * height
        samples.withUnsafeMutableBufferPointer { samples in
            let all = samples
            parallel((lines + linesPerTask - 1) / linesPerTask, threads: threads) { task in
                for line in (task * linesPerTask)..<min((task + 1) * linesPerTask, lines) {
                    let row = UnsafeMutableBufferPointer(rebasing: all[(line * width)..<((line + 1) * width)])
                    body(line / height, line % height, row)
                }
            }
        }
    }
}

private let linesPerTask = 32
