import Imaging
import Testing
import Training

@Suite struct TrainingSequenceTests {
    @Test func aSingleImageNeedsNoMotion() {
        let sequence = TrainingSequence(frames: [Image(width: 4, height: 3)])
        #expect(sequence.frames.count == 1 && sequence.motions.isEmpty)
    }
}
