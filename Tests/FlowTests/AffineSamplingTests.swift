import Flow
import Imaging
import TestSupport
import Testing

@Suite struct AffineSamplingTests {
    private let noise: Image = {
        var generator = SeededGenerator(seed: 3)
        return Image(
            width: 23, height: 17, channels: 4,
            samples: (0..<23 * 17 * 4).map { _ in Float.random(in: -100...100, using: &generator) })
    }()

    /// Rotation, zoom and translation that reach beyond every edge.
    private let map = AffineMap(xx: 1.1, xy: 0.4, x: -5.3, yx: -0.35, yy: 1.2, y: 2.6)

    @Test(arguments: 1...4) func anAffineMapEqualsTheSameFlow(channels: Int) {
        let image = Image(
            width: 23, height: 17, channels: channels, samples: Array(noise.samples[..<(23 * 17 * channels)]))
        var flow = FlowField(width: 23, height: 17)
        for y in 0..<17 {
            for x in 0..<23 {
                let (sourceX, sourceY) = map(Double(x), Double(y))
                flow.u[y * 23 + x] = Float(sourceX - Double(x))
                flow.v[y * 23 + x] = Float(sourceY - Double(y))
            }
        }
        let warped = image.warped(by: flow, interpolation: .bicubic)
        for sampled in withEachVariant({ Texture(image).sampled(at: map, width: 23, height: 17) }) {
            #expect(largestDifference(sampled.samples, warped.samples) < 0.01)
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 16, 31]) func everyVariantGivesTheSameBits(width: Int) {
        let sampled = withEachVariant { Texture(noise).sampled(at: map, width: width, height: 5) }
        for other in sampled { #expect(other == sampled[0]) }
    }

    @Test func integerPositionsAreExact() {
        var map = AffineMap.identity
        (map.x, map.y) = (4, 3)
        let sampled = Texture(noise).sampled(at: map, width: 9, height: 8)
        for channel in 0..<4 {
            for y in 0..<8 {
                for x in 0..<9 {
                    let expected = noise.samples[(channel * 17 + y + 3) * 23 + x + 4]
                    #expect(sampled.samples[(channel * 8 + y) * 9 + x] == expected)
                }
            }
        }
    }

    @Test func aMapAndItsInverseGiveTheIdentity() {
        let back = map.inverse.after(map)
        let (x, y) = back(12.5, -7)
        #expect(abs(x - 12.5) < 1e-12 && abs(y + 7) < 1e-12)
        let twice = map.after(map)
        let once = map(3, 4)
        #expect(twice(3, 4) == map(once.x, once.y) || abs(twice(3, 4).x - map(once.x, once.y).x) < 1e-12)
    }
}
