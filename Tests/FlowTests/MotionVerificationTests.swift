import Flow
import Imaging
import TestSupport
import Testing

/// The comparison of frames along the motion between them.
@Suite struct MotionVerificationTests {
    private static let (width, height) = (97, 70)
    /// An object of this size moves from x = 40 to x = 46 before a still background.
    private static let (object, from, to) = (16, 40, 46)

    /// A textured background, or a plain one, with a dark object at a column.
    private func frame(objectAt column: Int, isPlain: Bool = false, brighter: Int = 0) -> Plane<UInt8> {
        var generator = SeededGenerator(seed: 3)
        var plane = Plane<UInt8>(width: Self.width, height: Self.height, repeating: 0)
        for index in plane.values.indices {
            plane.values[index] = isPlain ? 150 : UInt8.random(in: 100...220, using: &generator)
        }
        for y in 24..<24 + Self.object { for x in column..<column + Self.object { plane[x, y] = 20 } }
        for index in plane.values.indices { plane.values[index] += UInt8(brighter) }
        return plane
    }

    /// The flow follows the object far around it, as estimated flow does, and is uncertain there.
    private var spread: Motion {
        var motion = Motion(
            flow: FlowField(width: Self.width, height: Self.height),
            certainty: Plane(width: Self.width, height: Self.height, repeating: 1))
        for y in 8..<56 {
            for x in 24..<80 {
                motion.flow.u[y * Self.width + x] = Float(Self.from - Self.to)
                motion.certainty[x, y] = 0
            }
        }
        return motion
    }

    @Test(arguments: [1, 3]) func theBackgroundAroundAnObjectIsStill(threads: Int) {
        let (now, last) = (frame(objectAt: Self.to), frame(objectAt: Self.from))
        let motion = MotionVerification.verified(spread, from: now, to: last, threads: threads)
        // Beside the halo's border, and far enough from the object and from what it uncovered.
        for (x, y) in [(26, 10), (78, 30), (30, 53), (70, 10)] {
            #expect(motion.certainty[x, y] == 1 && motion.flow.u[y * Self.width + x] == 0)
        }
        // Uncovered, and next to it.
        for (x, y) in [(41, 30), (44, 28), (37, 30)] { #expect(motion.certainty[x, y] == 0) }
    }

    @Test func whatDiffersIsUncertain() {
        let still = Motion(
            flow: FlowField(width: Self.width, height: Self.height),
            certainty: Plane(width: Self.width, height: Self.height, repeating: 1))
        let motion = MotionVerification.verified(
            still, from: frame(objectAt: Self.to), to: frame(objectAt: Self.from))
        // Uncovered, newly covered; the rest of the object and the background match.
        #expect(motion.certainty[42, 30] == 0 && motion.certainty[59, 30] == 0)
        #expect(motion.certainty[50, 30] == 1 && motion.certainty[10, 30] == 1)
    }

    @Test func aChangeOfLightIsNoDifference() {
        let still = Motion(
            flow: FlowField(width: Self.width, height: Self.height),
            certainty: Plane(width: Self.width, height: Self.height, repeating: 1))
        let motion = MotionVerification.verified(
            still, from: frame(objectAt: Self.to, brighter: 30), to: frame(objectAt: Self.to))
        #expect(motion.certainty.values.allSatisfy { $0 == 1 })
    }

    /// In a plain area several motions match.
    @Test func aPlainAreaBetweenMotionsStaysUncertain() {
        var motion = spread
        for index in motion.flow.u.indices where motion.certainty.values[index] == 1 {
            motion.flow.u[index] = index % Self.width < 48 ? 2 : -3
        }
        let plain = Plane<UInt8>(width: Self.width, height: Self.height, repeating: 90)
        let verified = MotionVerification.verified(motion, from: plain, to: plain)
        #expect(verified.certainty[50, 20] == 0)
    }

    @Test func otherSizesAndNotANumberDoNoHarm() {
        let small = Plane<UInt8>(width: 3, height: 2, repeating: 9)
        let motion = MotionVerification.verified(spread, from: small, to: small)
        #expect(motion.flow == spread.flow && motion.certainty == spread.certainty)
        for (width, height) in [(1, 1), (3, 5), (17, 1), (1, 33), (65, 39)] {
            let luma = Plane<UInt8>(width: width, height: height, repeating: 9)
            let flow = FlowField(
                width: width, height: height, u: Array(repeating: .nan, count: width * height),
                v: Array(repeating: 1e30, count: width * height))
            for certainty: Float in [0, 1] {
                let result = MotionVerification.verified(
                    Motion(flow: flow, certainty: Plane(width: width, height: height, repeating: certainty)),
                    from: luma, to: luma)
                #expect(result.certainty.values.count == width * height)
            }
        }
    }

    @Test func instructionsAndThreadsDoNotChangeTheResult() {
        let (now, last) = (frame(objectAt: Self.to), frame(objectAt: Self.from))
        let results = withEachVariant {
            [1, 2, 5].map { MotionVerification.verified(spread, from: now, to: last, threads: $0) }
        }.flatMap { $0 }
        for result in results {
            #expect(result.flow == results[0].flow && result.certainty == results[0].certainty)
        }
    }
}
