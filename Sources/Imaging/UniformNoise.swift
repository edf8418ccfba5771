import Support

extension Image {
    /// Adds `(1 - certainty) * noise`, in network space. The noise is uniform in 0...255, and the same for each image of
    /// a batch.
    ///
    /// - Parameters:
    ///   - certainty: of this image's size, 0...1.
    ///   - seed: the same seed gives the same noise, for any number of threads.
    package mutating func addNoise(where certainty: Plane<Float>, seed: UInt64, threads: Int) {
        let width = width
        let height = height / max(1, batchSize)
        let means = [NetworkSpace.mean.blue, NetworkSpace.mean.green, NetworkSpace.mean.red]
        forEachLine(threads: threads) { channel, y, line in
            certainty.values.withUnsafeBufferPointer { values in
                let certain = values[(y * width)..<((y + 1) * width)]
                guard channel < means.count else { return }
                var noise = SplitMix(seed: seed &+ UInt64(channel * height + y % height) &* 0xD1B5_4A32_D192_ED03)
                for x in 0..<width {
                    let filling = noise.nextUnit() * 255 - means[channel]
                    line[x] += (1 - certain[certain.startIndex + x]) * filling
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
