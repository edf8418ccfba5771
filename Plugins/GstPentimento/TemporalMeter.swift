import CGStreamer
import Evaluation
import Flow
import GStreamerKit
import Imaging

/// `temporalmeter`: measures the temporal error of a video, that is how much it flickers along its motion (paper
/// section 7.1).
///
/// It needs the flow that `opticalflow` attached to the frames before they were stylized. It computes the certainty
/// itself, with the paper's constants and without the minimum filter of live pipelines, so that the error does not
/// depend on how the prior was made. After a discontinuity or lost frames nothing is measured.
///
/// Its read-only properties change with each measured frame, without a `notify` signal; the element message says so.
///
///     gst-launch-1.0 -m filesrc location=clip.mp4 ! decodebin ! videoconvert ! coherentstylize ! temporalmeter ! fakesink
final class TemporalMeter: TransformElement, @unchecked Sendable {
    static let postMessages = Property<Bool>(
        "post-messages", nick: "Post messages", blurb: "Post an element message \(messageName) for each measured frame",
        default: true, flags: .mutablePlaying)
    static let error = Property<Double>(
        "error", nick: "Error",
        blurb:
            "Last frame: mean squared difference (values 0 to 1) to the previous frame warped to it, over the pixels with "
            + "consistent flow",
        range: 0...1, default: 0, flags: .readOnly)
    static let errorOverAll = Property<Double>(
        "error-over-all", nick: "Error over all pixels",
        blurb: "Last frame: the same difference over all pixels, with inconsistent ones counted as zero", range: 0...1,
        default: 0, flags: .readOnly)
    static let meanError = Property<Double>(
        "mean-error", nick: "Mean error", blurb: "Mean of error over the frames measured since the start", range: 0...1,
        default: 0, flags: .readOnly)
    static let meanErrorOverAll = Property<Double>(
        "mean-error-over-all", nick: "Mean error over all pixels",
        blurb: "Mean of error-over-all over the frames measured since the start", range: 0...1, default: 0,
        flags: .readOnly)
    static let frames = Property<Int>(
        "frames", nick: "Frames", blurb: "Frames measured since the start", range: 0...Int(gint.max), default: 0,
        flags: .readOnly)

    private static let messageName = "pentimento-temporal-error"

    override class var description: ElementDescription { elementDescription }
    private static let elementDescription = ElementDescription(
        name: "temporalmeter", typeName: "PentimentoTemporalMeter", longName: "Temporal error meter",
        classification: "Filter/Analyzer/Video",
        about: "Measures the temporal error (flicker) of a video along its optical flow; frames pass unchanged",
        author: elementAuthor, formats: .all,
        properties: [postMessages, error, errorOverAll, meanError, meanErrorOverAll, frames])

    override class var isPassthrough: Bool { true }

    /// The previous frame, and its number as counted by `opticalflow`.
    private var previous: (image: Image, number: UInt64)?
    private var sums = (consistent: 0.0, all: 0.0)
    /// Frames measured since the start.
    private var count = 0
    private var hasWarned = false

    override func start() throws {
        previous = nil
        hasWarned = false
        sums = (0, 0)
        for property in [Self.error, Self.errorOverAll, Self.meanError, Self.meanErrorOverAll] {
            publish(0, as: property)
        }
        publish(0, as: Self.frames)
        count = 0
    }

    override func formatChanged(to format: VideoFormat) throws { previous = nil }

    override func sinkEvent(_ event: UnsafeMutablePointer<GstEvent>) -> EventHandling {
        if event.pointee.type == GST_EVENT_FLUSH_STOP { previous = nil }
        return .forward
    }

    override func sinkQuery(_ query: UnsafeMutablePointer<GstQuery>) -> Bool { MetaReaders.areAsked(for: query) }

    override func process(
        _ buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, settings: PropertySnapshot
    ) throws {
        guard let meta = FlowMeta.find(in: buffer, warn: warnOnce) else {
            if !hasWarned { warn("frames have no optical flow; put an opticalflow at the head of the chain") }
            hasWarned = true
            previous = nil
            return
        }
        let image = try format.withFrame(of: buffer, writing: false) { $0.pictureImage() }
        defer { previous = (image, meta.frame) }
        guard let flow = meta.flow, let previous, meta.frame == previous.number &+ 1 else { return }
        let motion = Motion(flow: flow.backward, reverse: flow.forward).resized(
            width: format.width, height: format.height)
        record(
            temporalError(of: image, against: previous.image, flow: motion.flow, certainty: motion.certainty),
            of: buffer, posts: settings[Self.postMessages])
    }

    private func record(_ error: TemporalError, of buffer: UnsafeMutablePointer<GstBuffer>, posts: Bool) {
        count += 1
        sums.consistent += error.overConsistentPixels
        sums.all += error.overAllPixels
        publish(error.overConsistentPixels, as: Self.error)
        publish(error.overAllPixels, as: Self.errorOverAll)
        publish(sums.consistent / Double(count), as: Self.meanError)
        publish(sums.all / Double(count), as: Self.meanErrorOverAll)
        publish(count, as: Self.frames)
        guard posts else { return }
        post(message: Self.messageName) { message in
            message.set("timestamp", UInt64(buffer.pointee.pts))
            message.set("frames", count)
            message.set("error", error.overConsistentPixels)
            message.set("error-over-all", error.overAllPixels)
            message.set("consistent-part", error.consistentPart)
            message.set("mean-error", sums.consistent / Double(count))
            message.set("mean-error-over-all", sums.all / Double(count))
        }
    }
}
