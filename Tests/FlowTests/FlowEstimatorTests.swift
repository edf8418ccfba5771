import Flow
import Imaging
import TestSupport
import Testing

@Suite struct FlowEstimatorTests {
    static let sizes = [
        (1, 1), (1, 2), (3, 5), (17, 1), (1, 40), (7, 7), (8, 8), (9, 65), (31, 33), (66, 35), (121, 250), (8191, 3),
        (1025, 33),
    ]

    private func noise(_ width: Int, _ height: Int, seed: UInt64) -> Plane<UInt8> {
        var generator = SeededGenerator(seed: seed)
        return Plane(
            width: width, height: height,
            values: (0..<width * height).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    private func flow(
        _ current: Plane<UInt8>, _ earlier: Plane<UInt8>, preset: FlowPreset, threads: Int = 0,
        startingFrom previous: FlowPair? = nil
    ) -> FlowPair {
        let estimator = FlowEstimator(preset: preset, threads: threads)
        return estimator.estimate(
            from: estimator.prepare(current), to: estimator.prepare(earlier), startingFrom: previous)
    }

    @Test(arguments: FlowPreset.allCases, sizes)
    func anySizeGivesAFiniteFlow(preset: FlowPreset, size: (Int, Int)) {
        let (width, height) = size
        let pair = flow(noise(width, height, seed: 1), noise(width, height, seed: 2), preset: preset)
        for field in [pair.backward, pair.forward] {
            #expect(field.width == width && field.height == height)
            #expect(field.u.count == width * height && field.v.count == width * height)
            #expect((field.u + field.v).allSatisfy { abs($0) < Float(4 * max(width, height) + 64) })
        }
    }

    @Test(arguments: FlowPreset.allCases, [(1, 1), (3, 5), (200, 120)])
    func aFlatImageStandsStill(preset: FlowPreset, size: (Int, Int)) {
        let still = [Float](repeating: 0, count: size.0 * size.1)
        for (now, before) in [(128, 128), (0, 255)] as [(UInt8, UInt8)] {
            let pair = flow(
                Plane(width: size.0, height: size.1, repeating: now),
                Plane(width: size.0, height: size.1, repeating: before), preset: preset)
            for field in [pair.backward, pair.forward] { #expect(field.u == still && field.v == still) }
        }
    }

    @Test(arguments: FlowPreset.allCases) func theSameFrameHasZeroFlow(preset: FlowPreset) {
        let frame = MovingTexture().frame(width: 150, height: 90)
        let pair = flow(frame, frame, preset: preset)
        #expect((pair.backward.u + pair.forward.v).allSatisfy { abs($0) < 1e-3 })
    }

    @Test(arguments: FlowPreset.allCases) func threadsAndInstructionsDoNotChangeTheResult(preset: FlowPreset) {
        let texture = MovingTexture(seed: 5)
        let frames = (0..<3).map { time in
            texture.frame(width: 323, height: 241) { ($0 + 2.5 * Double(time), $1 - Double(time)) }
        }
        func sequence(threads: Int) -> [FlowPair] {
            let estimator = FlowEstimator(preset: preset, threads: threads)
            let pyramids = frames.map { estimator.prepare($0) }
            let first = estimator.estimate(from: pyramids[1], to: pyramids[0])
            return [first, estimator.estimate(from: pyramids[2], to: pyramids[1], startingFrom: first)]
        }
        let expected = sequence(threads: 1)
        for threads in [1, 2, 3, 5, 16] { #expect(sequence(threads: threads) == expected) }
        for result in withEachVariant({ sequence(threads: 4) }) { #expect(result == expected) }
    }

    @Test func aNewSizeResetsTheState() {
        let estimator = FlowEstimator(preset: .fast)
        let texture = MovingTexture()
        func pair(_ width: Int, _ height: Int) -> FlowPair {
            let current = texture.frame(width: width, height: height) { ($0 + 2, $1) }
            return estimator.estimate(
                from: estimator.prepare(current), to: estimator.prepare(texture.frame(width: width, height: height)))
        }
        let first = pair(160, 120)
        _ = pair(97, 61)
        #expect(pair(160, 120) == first)
    }

    @Test func framesOfDifferentSizesHaveNoFlow() {
        let estimator = FlowEstimator(preset: .fast)
        let pair = estimator.estimate(
            from: estimator.prepare(noise(40, 30, seed: 1)), to: estimator.prepare(noise(30, 40, seed: 2)))
        #expect(pair.backward == FlowField(width: 40, height: 30))
        #expect(pair.forward == FlowField(width: 30, height: 40))
    }

    /// Signs of the prediction: the backward flow is kept, the forward flow is negated.
    @Test func constantMotionIsPredicted() {
        let texture = MovingTexture(seed: 8)
        let frames = (0..<3).map { time in
            texture.frame(width: 256, height: 192) { ($0 + 6.3 * Double(time), $1 - 2.2 * Double(time)) }
        }
        let estimator = FlowEstimator(preset: .fast)
        let pyramids = frames.map { estimator.prepare($0) }
        let first = estimator.estimate(from: pyramids[1], to: pyramids[0])
        let second = estimator.estimate(from: pyramids[2], to: pyramids[1], startingFrom: first)
        let middle = 96 * 256 + 128
        #expect(abs(second.backward.u[middle] - 6.3) < 0.15 && abs(second.backward.v[middle] + 2.2) < 0.15)
        #expect(abs(second.forward.u[middle] + 6.3) < 0.15 && abs(second.forward.v[middle] - 2.2) < 0.15)
    }
}
