import Imaging
import NeuralNet
import Style
import TestSupport
import Testing
import Training

@Suite struct ValidationTests {
    private let model = TrainingCase.gatedModel(logit: 0)

    private func report(_ model: Model, _ validation: Validation) throws -> ValidationReport {
        let sample = TrainingCase()
        return try validation.report(
            of: model, settings: sample.settings, styles: [StyleImage(image: TrainingCase.painting)],
            lossNetwork: TrainingCase.lossNetwork, step: 7)
    }

    private var clip: TrainingSequence { DriftingTexture().batch(step: 0, count: 1, frames: 12, size: 24)[0] }

    @Test func clipsAreMeasuredUpToTheirLength() throws {
        let report = try report(model, Validation(photographs: [TrainingCase.painting], clips: [clip]))
        #expect(report.step == 7 && report.photographs != nil)
        #expect(report.recursion.map(\.frames) == [1, 10])
        for entry in report.recursion {
            #expect(entry.losses.content > 0 && entry.losses.style > 0 && entry.perFrameTemporalError > 0)
        }
    }

    /// A gate that copies the prior gives a still output; a closed gate stylizes each frame by itself.
    @Test func aCopyingGateIsSteadyAndAClosedOneIsNot() throws {
        let copying = try report(TrainingCase.gatedModel(logit: 8), Validation(clips: [clip]))
        #expect(copying.recursion[1].temporalRatio < 0.05)
        let shut = try report(TrainingCase.gatedModel(logit: -30), Validation(clips: [clip]))
        #expect(abs(shut.recursion[1].temporalRatio - 1) < 0.01)
        #expect(abs(shut.recursion[1].styleRatio - 1) < 0.01 && abs(shut.recursion[1].contentRatio - 1) < 0.01)
    }

    @Test func framesPlayForwardAndBackward() throws {
        let texture = MovingTexture(seed: 3)
        let images = (0..<3).map { frame in
            let plane = texture.frame(width: 64, height: 48) { x, y in (x + 2 * Double(frame), y) }
            let values = plane.values.map(Float.init)
            return Image(width: 64, height: 48, samples: values + values + values)
        }
        let sequence = TrainingSequence(pingPong: images, count: 7)
        let frames = images.map { $0.networkSpace() }
        #expect(sequence.frames == [0, 1, 2, 1, 0, 1, 2].map { frames[$0] })
        let middle = 24 * 64 + 32
        // A position 2 pixels farther left in the next frame is 2 pixels to the right in the previous one.
        for (motion, expected) in zip(sequence.motions, [2, 2, -2, -2, 2, 2] as [Float]) {
            #expect(abs(motion.flow.u[middle] - expected) < 0.2 && abs(motion.flow.v[middle]) < 0.2)
            #expect(motion.certainty.values[middle] == 1)
        }
        #expect(TrainingSequence(pingPong: [images[0]], count: 3).frames.count == 3)
    }
}
