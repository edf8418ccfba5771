import Flow
import Imaging
import TestSupport
import Testing
import Training

@Suite struct FaceBorderSequencesTests {
    private let photographs = [SequenceSamples.photograph(), SequenceSamples.photograph(seed: 2)]

    private func source(_ mix: String = "sphere:1", seed: UInt64 = 3, threads: Int = 1) throws -> FaceBorderSequences {
        FaceBorderSequences(
            photographs: photographs, mix: try SequenceMix(parsing: mix), seed: seed, threads: threads)
    }

    @Test func theNeighborPredictsOnlyTheBorder() throws {
        for sequence in try source().batch(step: 1, count: 24, frames: 2, size: 96) {
            #expect(sequence.frames.count == 2 && sequence.motions.count == 1)
            #expect(sequence.difference(after: 0).typical < 2.5)
            let certainty = sequence.motions[0].certainty.values
            let known = Double(certainty.count { $0 > 0 }) / Double(certainty.count)
            #expect(known > 0.05 && known < 0.7, "\(known) is known")
        }
    }

    /// What a face shows beyond its centre is on the neighbour's side of the edge at a steeper angle: the flow is not a
    /// translation.
    @Test func bordersAreTransformedInPerspective() throws {
        for sequence in try source().batch(step: 2, count: 12, frames: 2, size: 64) {
            let motion = sequence.motions[0]
            let certain = motion.certainty.values.indices.filter { motion.certainty.values[$0] > 0 }
            let lengths = certain.map { motion.flow.u[$0] * motion.flow.u[$0] + motion.flow.v[$0] * motion.flow.v[$0] }
            let (least, most) = (try #require(lengths.min()).squareRoot(), try #require(lengths.max()).squareRoot())
            #expect(most - least > 1)
        }
    }

    @Test func everySideOfAFaceOccurs() throws {
        var sides: Set<String> = []
        for sequence in try source().batch(step: 3, count: 32, frames: 2, size: 48) {
            let certainty = sequence.motions[0].certainty
            func sum(_ x: Range<Int>, _ y: Range<Int>) -> Float {
                y.reduce(0) { sum, y in x.reduce(sum) { $0 + certainty[$1, y] } }
            }
            let sums = [
                "left": sum(0..<8, 0..<48), "right": sum(40..<48, 0..<48), "top": sum(0..<48, 0..<8),
                "bottom": sum(0..<48, 40..<48),
            ]
            sides.insert(try #require(sums.max { $0.value < $1.value }).key)
        }
        #expect(sides.count == 4)
    }

    @Test func earlierFramesShowAStillNeighbor() throws {
        for sequence in try source().batch(step: 4, count: 4, frames: 4, size: 40) {
            #expect(sequence.frames[0] == sequence.frames[1] && sequence.frames[1] == sequence.frames[2])
            #expect(sequence.frames[2] != sequence.frames[3])
            for motion in sequence.motions.prefix(2) {
                #expect(motion.flow == FlowField(width: 40, height: 40))
                #expect(motion.certainty.values.allSatisfy { $0 == 1 })
            }
        }
        #expect(try source().batch(step: 4, count: 2, frames: 1, size: 40).allSatisfy { $0.motions.isEmpty })
    }

    @Test func theSameArgumentsGiveTheSameSamples() throws {
        func frames(_ source: FaceBorderSequences, step: Int) -> [Image] {
            source.batch(step: step, count: 4, frames: 3, size: 33).flatMap(\.frames)
        }
        let mix = "sphere:1,noise:1,blocks:1"
        let samples = frames(try source(mix), step: 5)
        #expect(frames(try source(mix, threads: 3), step: 5) == samples)
        #expect(frames(try source(mix), step: 6) != samples)
        #expect(frames(try source(mix, seed: 4), step: 5) != samples)
    }

    @Test func smallPhotographsAndCropsWork() throws {
        let tiny = FaceBorderSequences(photographs: [Photograph(Image(width: 5, height: 3))], seed: 1)
        for size in [1, 2, 7, 16] {
            for sequence in tiny.batch(step: 0, count: 8, frames: 2, size: size) {
                #expect(sequence.frames.allSatisfy { $0.width == size && $0.samples.allSatisfy(\.isFinite) })
            }
        }
    }
}
