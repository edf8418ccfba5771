import Flow
import Imaging
import Support

extension SequenceMix {
    /// Draws the exposure factor of each frame.
    func exposures(frames: Int, random: inout SplitMix) -> [Float] {
        guard random.chance(brightness) else { return Array(repeating: 1, count: frames) }
        let drift = random.next(within: 0.25)
        let flicker = random.chance(0.5) ? random.next(from: 0, to: 0.04) : 0
        return (0..<frames).map { frame in
            let time = frames > 1 ? Double(frame) / Double(frames - 1) - 0.5 : 0
            return Float((1 + drift * time) * (1 + flicker * random.next(within: 1)))
        }
    }
}

extension Image {
    /// Simulates a camera: applies exposure and sensor noise, and clips to black and white.
    ///
    /// - Parameters:
    ///   - exposure: factor for values of 0...255.
    ///   - noise: standard deviation, in values of 0...255.
    ///   - random: source of the noise.
    /// - Precondition: network space.
    mutating func expose(_ exposure: Float, noise: Float, random: inout SplitMix) {
        let means = [NetworkSpace.mean.blue, NetworkSpace.mean.green, NetworkSpace.mean.red]
        let count = pixelCount
        var drawn = random
        samples.withUnsafeMutableBufferPointer { samples in
            for (channel, mean) in means.enumerated() {
                let plane = channel * count..<(channel + 1) * count
                let lift = mean * (exposure - 1)
                if exposure != 1 { for index in plane { samples[index] = samples[index] * exposure + lift } }
                if noise > 0 { for index in plane { samples[index] += drawn.nextNormal() * noise } }
                for index in plane { samples[index] = min(max(samples[index], -mean), 255 - mean) }
            }
        }
        random = drawn
    }
}

extension Motion {
    /// Adds a constant error to the flow; the certainty is unchanged.
    func displaced(x: Float, y: Float) -> Motion {
        if x == 0 && y == 0 { return self }
        var flow = flow
        for index in flow.u.indices {
            flow.u[index] += x
            flow.v[index] += y
        }
        return Motion(flow: flow, certainty: certainty)
    }

    /// Marks three blocks of up to a quarter of the side as uncertain.
    func withUncertainBlocks(random: inout SplitMix) -> Motion {
        var certainty = certainty
        let side = min(certainty.width, certainty.height)
        for _ in 0..<3 {
            let width = min(side, 8 + random.next(below: max(1, side / 4 - 7)))
            let height = min(side, 8 + random.next(below: max(1, side / 4 - 7)))
            let left = random.next(below: certainty.width - width + 1)
            let top = random.next(below: certainty.height - height + 1)
            for y in top..<top + height {
                for x in left..<left + width { certainty[x, y] = 0 }
            }
        }
        return Motion(flow: flow, certainty: certainty)
    }
}
