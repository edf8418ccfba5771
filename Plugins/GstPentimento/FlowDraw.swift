import CGStreamer
import Flow
import GStreamerKit
import Imaging

/// `flowdraw`: draws the optical flow, the certainty or the prior over the frames.
///
///     gst-launch-1.0 filesrc location=clip.mp4 ! decodebin ! videoconvert ! opticalflow ! flowdraw ! \
///         videoconvert ! autovideosink
///     gst-launch-1.0 filesrc location=clip.mp4 ! decodebin ! videoconvert ! opticalflow ! occlusioncheck ! \
///         flowdraw draw=certainty opacity=0.5 ! videoconvert ! autovideosink
final class FlowDraw: TransformElement, @unchecked Sendable {
    enum Drawing: String, PropertyChoice {
        case flow, certainty, prior
        static let typeName = "PentimentoFlowDrawing"
        var blurb: String {
            switch self {
            case .flow: "Direction as hue, length as saturation, white where nothing moves (Middlebury colour wheel)"
            case .certainty: "White where the flow is certain, black where it is not"
            case .prior: "The prior: the previous stylized frame warped to this one"
            }
        }
    }

    static let draw = Property<Drawing>(
        "draw", nick: "Draw", blurb: "What to draw", default: .flow, flags: .mutablePlaying)
    static let reference = Property<Int>(
        "reference", nick: "Reference", blurb: "Distance in frames to the reference whose flow or certainty is drawn",
        range: 1...1000, default: 1, flags: .mutablePlaying)
    static let opacity = Property<Double>(
        "opacity", nick: "Opacity", blurb: "Opacity of the drawing over the frame", range: 0...1, default: 1,
        flags: [.controllable, .mutablePlaying])
    static let maximum = Property<Double>(
        "maximum", nick: "Maximum",
        blurb: "Flow length, in pixels of the frame, drawn at full saturation; 0: the longest, smoothed over time",
        range: 0...10_000, default: 0, flags: .mutablePlaying)

    override class var description: ElementDescription { elementDescription }
    private static let elementDescription = ElementDescription(
        name: "flowdraw", typeName: "PentimentoFlowDraw", longName: "Flow drawing",
        classification: "Filter/Effect/Video/Debug",
        about: "Draws the optical flow, its certainty or the prior over frames; frames without them pass unchanged",
        author: elementAuthor, formats: .all,
        properties: [draw, reference, opacity, maximum])

    private var scale = SmoothedFlowScale()

    override func start() throws { scale = SmoothedFlowScale() }

    override func sinkQuery(_ query: UnsafeMutablePointer<GstQuery>) -> Bool { MetaReaders.areAsked(for: query) }

    override func process(
        _ buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, settings: PropertySnapshot
    ) throws {
        let opacity = Float(settings[Self.opacity])
        guard opacity > 0, let drawing = drawing(of: buffer, format: format, settings) else { return }
        try format.withFrame(of: buffer, writing: true) { $0.store(drawing.networkSpace(), opacity: opacity) }
    }

    /// The drawing in picture space, at the frame's size; nil if the frame carries nothing to draw.
    private func drawing(
        of buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat, _ settings: PropertySnapshot
    ) -> Image? {
        switch settings[Self.draw] {
        case .flow:
            guard
                let flow = FlowMeta.find(in: buffer, distance: settings[Self.reference], warn: warnOnce)?.flow?
                    .backward
            else {
                return nil
            }
            let whole = flow.resized(width: format.width, height: format.height)
            let automatic = scale.next(for: whole)
            let maximum = Float(settings[Self.maximum])
            return flowColors(whole, maximum: maximum > 0 ? maximum : automatic)
        case .certainty:
            guard let meta = CertaintyMeta.find(in: buffer, distance: settings[Self.reference], warn: warnOnce)
            else { return nil }
            return Image(gray: meta.backward.minimumResized(width: format.width, height: format.height))
        case .prior:
            guard let prior = PriorMeta.find(in: buffer, warn: warnOnce)?.content else { return nil }
            return prior.image.resized(width: format.width, height: format.height).pictureSpace()
        }
    }
}

extension Image {
    /// A grey image in picture space from values 0 (black) to 1 (white).
    fileprivate init(gray plane: Plane<Float>) {
        let values = plane.values.map { $0 * 255 }
        self.init(width: plane.width, height: plane.height, samples: values + values + values)
    }
}
