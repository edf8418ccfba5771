import Flow
import Imaging
import TestSupport
import Testing
import Training

@Suite struct SyntheticSequencesTests {
    private func sequences(_ mix: String, photographs: [Photograph]? = nil, seed: UInt64 = 7) throws
        -> SyntheticSequences
    {
        let photographs = photographs ?? [SequenceSamples.photograph(), SequenceSamples.photograph(seed: 2)]
        return SyntheticSequences(photographs: photographs, mix: try SequenceMix(parsing: mix), seed: seed)
    }

    @Test(arguments: ["shift:1", "zoom:1", "rotation:1", "shift:1,zoom:1,rotation:1,occluders:1"])
    func eachFrameForetellsTheNextOneWhereItIsCertain(mix: String) throws {
        for frames in [2, 4, 9] {
            for sequence in try sequences(mix).batch(step: frames, count: 6, frames: frames, size: 96) {
                #expect(sequence.frames.count == frames && sequence.motions.count == frames - 1)
                for index in sequence.motions.indices {
                    let (typical, largest, certain) = sequence.difference(after: index)
                    #expect(typical < 1 && certain > 0.5, "\(mix), \(frames) frames: \(typical), \(certain) certain")
                    if !mix.contains("occluders") { #expect(largest < 12) }
                }
            }
        }
    }

    @Test func motionsMatchTheirNames() throws {
        /// How much farther apart two pixels are in the previous frame, along both axes, and their rotation.
        func spread(_ mix: String) throws -> [(x: Float, y: Float, turn: Float)] {
            try sequences(mix).batch(step: 0, count: 8, frames: 3, size: 64).map { sequence in
                let flow = sequence.motions[0].flow
                return (flow.u[40] - flow.u[0], flow.v[40 * 64] - flow.v[0], flow.v[40] - flow.v[0])
            }
        }
        let shifts = try spread("shift:1")
        for motion in shifts { #expect(abs(motion.x) + abs(motion.y) + abs(motion.turn) < 1e-4) }
        let zooms = try spread("zoom:1")
        for motion in zooms {
            #expect(abs(motion.x - motion.y) < 1e-4 && abs(motion.turn) < 1e-4 && abs(motion.x) < 40 * 0.031)
        }
        // Zoom in both directions.
        #expect(zooms.contains { $0.x > 0.1 } && zooms.contains { $0.x < -0.1 })
        let turns = try spread("rotation:1")
        for motion in turns { #expect(abs(motion.turn) <= 40 * 0.0437 && abs(motion.x - motion.y) < 1e-4) }
        #expect(turns.contains { $0.turn > 0.2 } && turns.contains { $0.turn < -0.2 })
    }

    @Test func aStillSceneHasNoMotion() throws {
        let source = try sequences("still:1,jitter:0.5")
        for sequence in source.batch(step: 4, count: 3, frames: 4, size: 50) {
            for frame in sequence.frames { #expect(frame == sequence.frames[0]) }
            for motion in sequence.motions {
                #expect(motion.flow == FlowField(width: 50, height: 50))
                #expect(motion.certainty == Plane(width: 50, height: 50, repeating: 1))
            }
        }
    }

    /// With layers of one colour each, the colours show what was visible; certainty must match exactly.
    @Test(arguments: ["still:1,occluders:1", "shift:1,occluders:1", "rotation:1,zoom:1,occluders:1"])
    func whatIsUncoveredIsUncertain(mix: String) throws {
        let source = try sequences(mix, photographs: SequenceSamples.flatPhotographs(125))
        let size = 72
        var (uncovered, overcautious, looked) = (0, 0, 0)
        for sequence in source.batch(step: 1, count: 8, frames: 3, size: size) {
            for (index, motion) in sequence.motions.enumerated() {
                let (earlier, later) = (sequence.frames[index], sequence.frames[index + 1])
                func color(_ image: Image, _ x: Int, _ y: Int) -> [Int] {
                    let pixel = min(max(y, 0), size - 1) * size + min(max(x, 0), size - 1)
                    return (0..<3).map { Int((image.samples[$0 * size * size + pixel] * 8).rounded()) }
                }
                /// Whether the pixel shows a single layer: photographs have these colours, blended pixels have others.
                func isPure(_ color: [Int]) -> Bool {
                    zip(color, [103.939, 116.779, 123.68]).allSatisfy { value, mean in
                        let level = (Double(value) / 8 + mean - 20) / 50
                        return abs(level - level.rounded()) < 0.005
                    }
                }
                for y in 0..<size {
                    for x in 0..<size {
                        let pixel = y * size + x
                        let (placeX, placeY) = (Float(x) + motion.flow.u[pixel], Float(y) + motion.flow.v[pixel])
                        let mine = color(later, x, y)
                        let (left, top) = (Int(placeX.rounded(.down)), Int(placeY.rounded(.down)))
                        // At the very border and next to integer positions, the result depends on rounding.
                        let nearWhole = abs(placeX - placeX.rounded()) < 1e-3 || abs(placeY - placeY.rounded()) < 1e-3
                        let isMoving = motion.flow.u[pixel] != 0 || motion.flow.v[pixel] != 0
                        if nearWhole && isMoving { continue }
                        let isInside = (0...Float(size - 1)).contains(placeX) && (0...Float(size - 1)).contains(placeY)
                        let isWhole = (-1...2).allSatisfy { dy in
                            (-1...2).allSatisfy { dx in color(earlier, left + dx, top + dy) == mine }
                        }
                        let expected: Float = isPure(mine) && isInside && isWhole ? 1 : 0
                        if motion.certainty.values[pixel] > expected {
                            Issue.record("(\(x), \(y)) of frame \(index + 1) is certain, but was not visible before")
                            return
                        }
                        looked += 1
                        if motion.certainty.values[pixel] < expected { overcautious += 1 }
                        if expected == 0 && isInside { uncovered += 1 }
                    }
                }
            }
        }
        // Some pixels were disoccluded. The few other uncertain ones are blends that look like one of the colours.
        #expect(uncovered > 1000 && overcautious * 200 < looked, "\(uncovered), \(overcautious) of \(looked)")
    }

    @Test func theExposureChangesAllPixelsAlike() throws {
        let batch = try sequences("still:1,brightness:1").batch(step: 2, count: 4, frames: 4, size: 40)
        var ratios: [Float] = []
        for sequence in batch {
            for frame in sequence.frames.dropFirst() {
                let (first, later) = (sequence.frames[0].pictureSpace().samples, frame.pictureSpace().samples)
                let factors = zip(first, later).filter { $0.0 > 20 && max($0.0, $0.1) < 254 }.map { $0.1 / $0.0 }
                let (least, greatest) = (factors.min() ?? 0, factors.max() ?? 0)
                #expect(greatest - least < 1e-4)
                ratios.append(greatest)
            }
        }
        #expect(ratios.contains { abs($0 - 1) > 0.02 } && ratios.allSatisfy { abs($0 - 1) < 0.35 })
    }

    @Test func noiseIsNewInEachFrame() throws {
        for sequence in try sequences("still:1,noise:1").batch(step: 3, count: 4, frames: 3, size: 64) {
            let pairs = zip(sequence.frames[0].samples, sequence.frames[2].samples)
            let deviation = (pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Float(3 * 64 * 64)).squareRoot()
            // Of two frames, each with a deviation of 1 to 3.
            #expect((1.3...4.4).contains(deviation))
            for frame in sequence.frames {
                #expect(frame.pictureSpace().samples.allSatisfy { $0 > -0.001 && $0 < 255.001 })
            }
        }
    }

    @Test func jitterMovesTheFlowAndNothingElse() throws {
        let exact = try sequences("shift:1").batch(step: 1, count: 30, frames: 3, size: 32)
        let jittered = try sequences("shift:1,jitter:0.15").batch(step: 1, count: 30, frames: 3, size: 32)
        var squares: [Float] = []
        for (first, second) in zip(exact, jittered) {
            #expect(first.frames == second.frames)
            for (mine, theirs) in zip(first.motions, second.motions) {
                #expect(mine.certainty == theirs.certainty)
                let offset = theirs.flow.u[5] - mine.flow.u[5]
                #expect(abs(theirs.flow.u[700] - mine.flow.u[700] - offset) < 1e-5)
                squares.append(offset * offset)
            }
        }
        let deviation = (squares.reduce(0, +) / Float(squares.count)).squareRoot()
        #expect(abs(deviation - 0.15) < 0.04)
    }

    @Test func blocksAreUncertain() throws {
        for sequence in try sequences("still:1,blocks:1").batch(step: 0, count: 8, frames: 3, size: 96) {
            for motion in sequence.motions {
                let uncertain = motion.certainty.values.reduce(0) { $0 + ($1 == 0 ? 1 : 0) }
                #expect(uncertain >= 64 && uncertain <= 3 * 24 * 24)
            }
        }
        let half = try sequences("still:1,blocks:0.5").batch(step: 0, count: 40, frames: 2, size: 32)
        let hit = half.filter { $0.motions[0].certainty.values.contains(0) }.count
        #expect((10...30).contains(hit))
    }

    @Test func theSameArgumentsGiveTheSameSamples() throws {
        let mix = "shift:1,zoom:1,rotation:1,brightness:0.5,noise:0.5,occluders:0.5,blocks:0.5,jitter:0.1"
        let photographs = [SequenceSamples.photograph(), SequenceSamples.photograph(seed: 2)]
        func source(seed: UInt64, threads: Int) throws -> SyntheticSequences {
            SyntheticSequences(
                photographs: photographs, mix: try SequenceMix(parsing: mix), seed: seed, threads: threads)
        }
        let batch = try source(seed: 1, threads: 1).batch(step: 5, count: 6, frames: 3, size: 40)
        let again = try source(seed: 1, threads: 4).batch(step: 5, count: 6, frames: 3, size: 40)
        let fewer = try source(seed: 1, threads: 1).batch(step: 5, count: 2, frames: 3, size: 40)
        for (first, second) in zip(batch, again) { #expect(first.isSame(as: second)) }
        for (first, second) in zip(batch, fewer) { #expect(first.isSame(as: second)) }
        for (index, first) in batch.enumerated() {
            for second in batch[(index + 1)...] { #expect(!first.isSame(as: second)) }
        }
        let otherSeed = try source(seed: 2, threads: 1).batch(step: 5, count: 6, frames: 3, size: 40)
        let otherStep = try source(seed: 1, threads: 1).batch(step: 6, count: 6, frames: 3, size: 40)
        for (first, second) in zip(batch, otherSeed) { #expect(!first.isSame(as: second)) }
        for (first, second) in zip(batch, otherStep) { #expect(!first.isSame(as: second)) }
    }

    @Test(arguments: [1, 2, 3, 5, 33]) func everySizeIsMade(size: Int) throws {
        let mix = "still:1,shift:1,zoom:1,rotation:1,brightness:0.5,noise:0.5,occluders:0.5,blocks:0.5,jitter:0.1"
        let odd = [SequenceSamples.photograph(width: 3, height: 200), SequenceSamples.photograph(width: 1, height: 1)]
        let source = try sequences(mix, photographs: odd)
        for frames in [1, 2, 12] {
            for sequence in source.batch(step: frames, count: 8, frames: frames, size: size) {
                #expect(sequence.frames.count == frames)
                for frame in sequence.frames {
                    #expect(frame.width == size && frame.height == size && frame.channels == 3)
                    #expect(frame.samples.allSatisfy { $0.isFinite })
                }
                for motion in sequence.motions {
                    #expect(motion.flow.width == size && motion.certainty.width == size)
                    #expect((motion.flow.u + motion.flow.v).allSatisfy { $0.isFinite })
                }
            }
        }
    }

    @Test func aSingleFrameIsAPieceOfThePhotograph() throws {
        // Brighter to the right, or to the left if mirrored; the same in all rows.
        let ramp = Image(width: 64, height: 64, samples: (0..<3 * 64 * 64).map { Float($0 % 64 * 3) })
        var rises: Set<Bool> = []
        for sequence in try sequences("shift:1", photographs: [Photograph(ramp)])
            .batch(step: 0, count: 24, frames: 1, size: 48)
        {
            #expect(sequence.motions.isEmpty)
            let frame = sequence.frames[0].pictureSpace()
            let row = frame.samples[..<48]
            #expect(
                (0..<3 * 48).allSatisfy {
                    largestDifference(Array(frame.samples[$0 * 48..<$0 * 48 + 48]), Array(row)) < 0.01
                })
            let steps = zip(row, row.dropFirst()).dropFirst(2).dropLast(2).map { $0.1 - $0.0 }
            let step = steps[0]
            rises.insert(step > 0)
            // The window covers between half and all of the photograph.
            #expect(steps.allSatisfy { abs($0 - step) < 1 } && (2...4.1).contains(abs(step)))
        }
        #expect(rises == [true, false])
    }
}

extension TrainingSequence {
    func isSame(as other: TrainingSequence) -> Bool {
        frames == other.frames && motions.count == other.motions.count
            && zip(motions, other.motions).allSatisfy { $0.flow == $1.flow && $0.certainty == $1.certainty }
    }
}
