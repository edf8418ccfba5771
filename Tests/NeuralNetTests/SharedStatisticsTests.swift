import Imaging
import NeuralNet
import TestSupport
import Testing

/// Images that are normalised by pooled instance-norm statistics.
@Suite struct SharedStatisticsTests {
    private func image(width: Int, height: Int, _ value: (_ channel: Int, _ x: Int, _ y: Int) -> Float) -> Image {
        var image = Image(width: width, height: height)
        for channel in 0..<3 {
            for y in 0..<height {
                for x in 0..<width { image.samples[(channel * height + y) * width + x] = value(channel, x, y) }
            }
        }
        return image
    }

    private func model(_ architecture: String) throws -> Model {
        try NetworkParameters(
            random: ModelDescription(
                kind: .image, architecture: Architecture(parsing: architecture), padding: .reflect, isGated: false),
            seed: 3
        ).model()
    }

    /// With 1x1 kernels, two halves of an image with pooled statistics give the same result as the whole image.
    @Test func halvesWithPooledStatisticsMatchTheWhole() throws {
        let model = try model("c1s1-20,c1s1-3")
        func value(_ channel: Int, _ x: Int, _ y: Int) -> Float {
            Float((x * x + 3 * y + 7 * channel) % 61) * (x < 19 ? 1 : 3) - 40
        }
        let whole = try Network(model: model, width: 38, height: 23)
            .run(frame: image(width: 38, height: 23, value))
        let network = try Network(model: model, width: 19, height: 23)
        let left = image(width: 19, height: 23, value)
        let right = image(width: 19, height: 23) { value($0, $1 + 19, $2) }
        let alone = try network.run(frame: right)
        let painted = try network.run(frame: left, beside: [network.statistics])
        var (largest, alternative) = (Float(0), Float(0))
        for line in 0..<3 * 23 {
            for x in 0..<19 {
                largest = max(largest, abs(painted.samples[line * 19 + x] - whole.samples[line * 38 + x]))
                alternative = max(alternative, abs(alone.samples[line * 19 + x] - whole.samples[line * 38 + x + 19]))
            }
        }
        #expect(largest < 1e-4)
        #expect(alternative > 0.1)
    }

    @Test func poolingEqualStatisticsChangesNothing() throws {
        let network = try Network(model: model("c3s1-8,R8,c3s1-3"), width: 24, height: 17)
        let frame = image(width: 24, height: 17) { Float(($0 * 31 + $1 * 5 + $2 * 11) % 97) - 50 }
        let alone = try network.run(frame: frame)
        let statistics = network.statistics
        let again = try network.run(frame: frame, beside: [statistics, statistics])
        #expect(zip(alone.samples, again.samples).allSatisfy { abs($0 - $1) < 1e-2 })
        // Statistics of a network with other layers are ignored.
        let other = try Network(model: model("c3s1-40,c3s1-3"), width: 24, height: 17)
        _ = try other.run(frame: frame)
        let isSame = try network.run(frame: frame, beside: [other.statistics]) == alone
        #expect(isSame)
    }

    @Test func threadsDoNotChangeABit() throws {
        let frame = image(width: 40, height: 33) { Float(($0 * 31 + $1 * 5 + $2 * 11) % 97) - 50 }
        let results = try [1, 2, 3].map { threads in
            let network = try Network(model: model("c3s1-8,d16,R16,U2,c3s1-3"), width: 40, height: 33, threads: threads)
            _ = try network.run(frame: Image(width: 40, height: 33, samples: frame.samples.map { 0.5 * $0 + 20 }))
            return try network.run(frame: frame, beside: [network.statistics])
        }
        let areSame = results[0] == results[1] && results[0] == results[2]
        #expect(areSame)
    }
}
