import CGStreamer
import GStreamerKit
import GstPentimento
import Imaging
import Style

/// A stylizer without a network: mixes each frame with its prior where that is certain, and darkens uncertain pixels.
/// Its result depends on all earlier frames, so that a lost or misplaced prior changes it.
final class TestStylizer: TransformElement, @unchecked Sendable {
    /// Every nth frame is reported as failed; 0 for none.
    static let skipEvery = Property<Int>(
        "skip-every", nick: "Skip", blurb: "Skips every nth frame", range: 0...1000, default: 0, flags: .mutablePlaying)
    static let delay = Property<Int>(
        "delay", nick: "Delay", blurb: "Milliseconds that a frame takes", range: 0...1000, default: 0,
        flags: .mutablePlaying)
    static let scale = Property<Double>(
        "scale", nick: "Scale", blurb: "Resolution of its results", range: 0.1...1, default: 1, flags: .mutableReady)
    static let priors = Property<Int>(
        "priors", nick: "Priors", blurb: "Frames that came with a prior", range: 0...1_000_000, default: 0,
        flags: .readOnly)

    override class var description: ElementDescription { elementDescription }
    private static let elementDescription = ElementDescription(
        name: "teststylizer", typeName: "PentimentoTestStylizer", longName: "Test stylizer",
        classification: "Filter/Effect/Video", about: "Speaks the feedback protocol", author: "Tests",
        properties: [skipEvery, delay, scale, priors])

    private lazy var feedback = FeedbackSender(self)
    private var count = 0

    override class var dropsLateFrames: Bool { true }

    override func constructed() {
        super.constructed()
        _ = feedback
    }

    override func formatChanged(to format: VideoFormat) throws {
        let size = size(of: format, snapshot())
        feedback.register(width: size.width, height: size.height, fill: .mean)
    }

    override func sinkQuery(_ query: UnsafeMutablePointer<GstQuery>) -> Bool { feedback.answer(query) }

    override func sinkEvent(_ event: UnsafeMutablePointer<GstEvent>) -> EventHandling {
        feedback.take(event)
        return .forward
    }

    override func willStop() { feedback.leave() }

    private func size(of format: VideoFormat, _ settings: PropertySnapshot) -> (width: Int, height: Int) {
        let scale = settings[Self.scale]
        return (max(Int(Double(format.width) * scale), 1), max(Int(Double(format.height) * scale), 1))
    }

    override func process(
        _ buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, settings: PropertySnapshot
    ) throws {
        count += 1
        if settings[Self.delay] > 0 { g_usleep(gulong(settings[Self.delay] * 1000)) }
        let prior = feedback.prior(of: buffer)
        if prior?.content != nil { publish(settings[Self.priors] + 1, as: Self.priors) }
        let every = settings[Self.skipEvery]
        if every > 0, count % every == 0 {
            if let prior { feedback.skip(prior) }
            return
        }
        let size = size(of: format, settings)
        let image = try format.withPixels(of: buffer, writing: true) { pixels in
            var image = pixels.networkImage().resized(width: size.width, height: size.height)
            mix(&image, with: prior?.content)
            pixels.store(image.resized(width: format.width, height: format.height))
            return image
        }
        if let prior { feedback.send(image, answering: prior) }
    }

    private func mix(_ image: inout Image, with prior: Prior?) {
        let count = image.pixelCount
        for index in image.samples.indices {
            if let prior, prior.image.samples.count == image.samples.count {
                let weight = 0.5 * prior.certainty.values[index % count]
                image.samples[index] += weight * (prior.image.samples[index] - image.samples[index])
            } else {
                image.samples[index] *= 0.5
            }
        }
    }
}
