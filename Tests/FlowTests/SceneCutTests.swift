import Flow
import Imaging
import TestSupport
import Testing

@Suite struct SceneCutTests {
    private func measure(_ current: Plane<UInt8>, _ earlier: Plane<UInt8>) -> Float {
        let estimator = FlowEstimator(preset: .fast)
        let (now, before) = (estimator.prepare(current), estimator.prepare(earlier))
        return SceneCutDetector().measure(from: now, to: before, flow: estimator.estimate(from: now, to: before))
    }

    private let texture = MovingTexture(seed: 3)
    private let size = (width: 320, height: 240)

    @Test func motionIsNoCut() {
        let earlier = texture.frame(width: size.width, height: size.height)
        let moved = texture.frame(width: size.width, height: size.height) { ($0 + 25, $1 - 12) }
        #expect(measure(moved, earlier) < 0.2)
        #expect(measure(earlier, earlier) == 0)
    }

    @Test func aDifferentImageIsACut() {
        let earlier = texture.frame(width: size.width, height: size.height)
        let other = MovingTexture(seed: 77).frame(width: size.width, height: size.height)
        #expect(measure(other, earlier) > SceneCutDetector.defaultThreshold)
        let estimator = FlowEstimator(preset: .fast)
        let (now, before) = (estimator.prepare(other), estimator.prepare(earlier))
        let pair = estimator.estimate(from: now, to: before)
        #expect(SceneCutDetector().isCut(from: now, to: before, flow: pair))
        #expect(!SceneCutDetector(threshold: 1).isCut(from: now, to: before, flow: pair))
    }

    @Test func flashesAndFadesAreNoCuts() {
        let earlier = texture.frame(width: size.width, height: size.height)
        var brighter = earlier
        brighter.values = brighter.values.map { UInt8(min(255, Int($0) + 40)) }
        #expect(measure(brighter, earlier) < 0.2)
        var darker = earlier
        darker.values = darker.values.map { UInt8(Int($0) * 8 / 10) }
        #expect(measure(darker, earlier) < 0.2)
    }

    @Test func textureAfterAUniformImageIsACut() {
        let black = Plane<UInt8>(width: size.width, height: size.height, repeating: 0)
        #expect(measure(texture.frame(width: size.width, height: size.height), black) > 0.9)
        #expect(measure(black, black) == 0)
    }

    @Test(arguments: [(1, 1), (7, 30), (8, 8), (8191, 3)]) func anySizeHasAMeasure(size: (Int, Int)) {
        let frame = texture.frame(width: size.0, height: size.1)
        #expect(measure(frame, frame) == 0)
    }
}
