import Evaluation
import Flow
import Imaging
import MediaIO
import Style
import TestSupport
import Testing

/// Real frames through the whole chain; needs optional data, otherwise skipped.
@Suite(.serialized) struct CoherenceTests {
    let library = ModelLibrary(folders: [TestData.repository + "/Plugins/GstPentimento/Models"])

    /// The film's frames in network space, stylized in order.
    private func stylized(_ frames: [Image], coherently: Bool) throws -> [Image] {
        let stylizer = try CoherentStylizer(
            CoherentStylizer.Settings(style: StyleRequest(model: "scream")), library: library)
        return try frames.enumerated().map { index, frame in
            let canvas = TestFrame(frame)
            try canvas.stylize(with: stylizer, time: Double(index) / 24, isDiscontinuous: !coherently)
            return canvas.image
        }
    }

    private func film() throws -> [Image] {
        let folder = try TestData.real("data/sintel/alley_1_later")
        return try (16...21).map { try Image(contentsOf: "\(folder)/frame_00\($0).png") }
    }

    /// It is 0.213.
    @Test func theCoherentChainFlickersFarLessThanFramesOnTheirOwn() throws {
        let frames = try film()
        let coherent = try stylized(frames, coherently: true)
        let alone = try stylized(frames, coherently: false)
        #expect(coherent[0] == alone[0], "the first frame has no prior")

        let measuring = FlowEstimator(preset: .medium)
        let pyramids = frames.map { frame in measuring.prepare(TestFrame(frame).luma) }
        var errors = (coherent: 0.0, alone: 0.0)
        for index in 1..<frames.count {
            let flow = measuring.estimate(from: pyramids[index], to: pyramids[index - 1])
            let motion = Motion(flow: flow.backward, reverse: flow.forward)
            func error(_ images: [Image]) -> Double {
                temporalError(
                    of: images[index], against: images[index - 1], flow: motion.flow, certainty: motion.certainty,
                    interpolation: .bicubic
                ).overConsistentPixels
            }
            let pair = (coherent: error(coherent), alone: error(alone))
            print("frame \(16 + index): coherent \(pair.coherent), alone \(pair.alone): \(pair.coherent / pair.alone)")
            errors.coherent += pair.coherent
            errors.alone += pair.alone
        }
        print("coherent \(errors.coherent / 5), alone \(errors.alone / 5): \(errors.coherent / errors.alone)")
        #expect(errors.coherent / errors.alone <= 0.27)
    }

    /// The ratio to independently stylized frames is 0.93 after ten frames, 0.81 after a hundred.
    @Test func aHundredFramesLaterTheImageIsAsSharp() throws {
        let film = try film()
        let frames = film.map { $0.resized(width: 512, height: 218) }
        // 16 17 ... 21 20 ... 17 16 17 ...: the last of the 101 frames equals the first.
        let order = (0...100).map { step in step % 10 <= 5 ? step % 10 : 10 - step % 10 }
        let coherent = try stylized(order.map { frames[$0] }, coherently: true)
        let alone = try stylized(frames, coherently: false)
        func sharpnessRatio(_ step: Int) -> Double { sharpness(of: coherent[step]) / sharpness(of: alone[order[step]]) }
        for step in [1, 5, 10, 50, 100] { print("frame \(step): sharpness \(sharpnessRatio(step)) of its own") }
        for step in 96...100 {
            #expect(sharpnessRatio(step) > 0.78)
            // Mean and contrast of each channel are kept.
            let after = colors(coherent[step])
            let own = colors(alone[order[step]])
            for (after, own) in zip(after, own) {
                #expect(abs(after.mean - own.mean) < 6 && abs(after.deviation / own.deviation - 1) < 0.1)
            }
        }
    }

    private func colors(_ image: Image) -> [(mean: Float, deviation: Float)] {
        (0..<3).map { channel in
            let values = Array(image.samples[(channel * image.pixelCount)..<((channel + 1) * image.pixelCount)])
            let mean = mean(values)
            return (mean, StyleTests.mean(values.map { ($0 - mean) * ($0 - mean) }).squareRoot())
        }
    }
}
