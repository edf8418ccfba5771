import CGStreamer
import GStreamerKit
import Imaging
import Style
import Synchronization

/// `stylize`: stylizes frames with a feed-forward network (paper section 5).
///
/// Behind `opticalflow ! occlusioncheck ! flowwarp` each frame is temporally coherent with the one before; otherwise
/// each frame is stylized independently.
///
///     gst-launch-1.0 videotestsrc ! videoconvert ! stylize model=scream ! videoconvert ! autovideosink
///     gst-launch-1.0 filesrc location=clip.mp4 ! decodebin ! videoconvert ! opticalflow ! occlusioncheck ! queue ! \
///         flowwarp ! stylize model=scream ! videoconvert ! autovideosink
package final class Stylize: StylingElement, @unchecked Sendable {
    package static let model = Property<String>(
        "model", nick: "Model", blurb: "Name of a model (see pentimento models list) or path of a .safetensors file",
        default: "scream", flags: .mutablePlaying)
    static let imageModel = Property<String>(
        "image-model", nick: "Image model",
        blurb:
            "Model for frames without a prior: the first and those after a cut (paper eq. 15); empty: property "
            + "model is used, with an empty prior",
        default: "", flags: .mutablePlaying)
    package static let styleMix = Property<String>(
        "style-mix", nick: "Style mix",
        blurb:
            "Shares of the styles in a model of several styles, such as great-wave:0.7,scream:0.3; empty: the style "
            + "that the model's name ends in, or the first one",
        default: "", flags: .mutablePlaying)
    static let fade = Property<Double>(
        "fade", nick: "Fade", blurb: "Seconds that the cross-fade to another model takes while playing", range: 0...60,
        default: 0.5, flags: .mutablePlaying)
    package static let strength = Property<Double>(
        "strength", nick: "Strength", blurb: "Blend between input (0) and stylized frame (1)", range: 0...1,
        default: 1, flags: [.controllable, .mutablePlaying])
    package static let coherence = Property<Double>(
        "coherence", nick: "Coherence",
        blurb: "Bias on the logit of the gate, in gated models: above 0 steadier, below 0 livelier", range: -4...4,
        default: 0, flags: [.controllable, .mutablePlaying])
    package static let keepStill = Property<Bool>(
        "keep-still", nick: "Keep still",
        blurb:
            "Where neither motion nor color has changed since an area was painted, its painting stays as it is; not with a "
            + "coherence below 0",
        default: true, flags: [.controllable, .mutablePlaying])
    package static let preserveColor = Property<Bool>(
        "preserve-color", nick: "Preserve color", blurb: "Keep the input's colours; only the luma is stylized",
        default: false, flags: [.controllable, .mutablePlaying])
    package static let scale = Property<Double>(
        "scale", nick: "Scale",
        blurb:
            "Resolution at which the network runs, as a fraction of the frame's: lower is faster, with larger strokes",
        range: 0.1...1, default: 1, flags: .mutablePlaying)
    package static let brush = Property<Double>(
        "brush", nick: "Brush",
        blurb:
            "Size of the strokes relative to those of training, at any frame size: the network works on as many pixels "
            + "as 640x360 has at 1, on fewer above; 0: at the frame's resolution times scale",
        range: 0...4, default: 1, flags: .mutablePlaying)
    package static let upsampling = Property<Upsampling>(
        "upsampling", nick: "Upsampling",
        blurb: "Enlargement of a painting that has fewer pixels than the frame, because of brush or scale",
        default: .guided, flags: .mutablePlaying)
    package static let every = Property<Int>(
        "every", nick: "Every",
        blurb:
            "2: the network paints every second frame, the others follow the flow; 1: every frame; 0: every frame, or every "
            + "second one where a live source is faster than the network",
        range: 0...2, default: 0, flags: .mutablePlaying)
    package static let lookahead = Property<Bool>(
        "lookahead", nick: "Lookahead",
        blurb:
            "Frames that are not painted, with every=2, wait for the next one: what appears in them looks as in that one, "
            + "with one frame more of delay",
        default: true, flags: .mutablePlaying)
    static let quality = Quality.property(parts: "every and brush")
    static let medianFilter = Property<Int>(
        "median-filter", nick: "Median filter",
        blurb: "Size of a median filter on the network's output: 1 (off), 3 or 5 pixels", range: 1...5, default: 1,
        flags: .mutablePlaying)
    package static let threads = Property<Int>(
        "threads", nick: "Threads", blurb: "Number of threads; 0: one per processor", range: 0...1024,
        default: 0, flags: .mutablePlaying)
    static let metas = Property<MetaPolicy>(
        "metas", nick: "Metas", blurb: "Whether outgoing frames keep the flow, certainty and prior metas",
        default: .auto,
        flags: .mutablePlaying)

    package override class var description: ElementDescription { elementDescription }
    private static let elementDescription = ElementDescription(
        name: "stylize", typeName: "PentimentoStylize", longName: "Style transfer",
        classification: "Filter/Effect/Video",
        about: "Stylizes frames with a network; temporally coherent behind opticalflow ! occlusioncheck ! flowwarp",
        author: elementAuthor, formats: .all,
        properties: table + MaskProperties.all)
    private static let table: [any PropertyDeclaration] = [
        model, imageModel, styleMix, fade, strength, coherence, keepStill, preserveColor, scale, brush, upsampling,
        every, lookahead, quality, medianFilter, threads, metas,
    ]
    private let masks = FrameMasks()
    private var stylizer: Stylizer?
    private var pace = PaintingPace()
    /// Of a frame in seconds, if the source is live and the frame rate is known.
    private var liveDuration: Double?
    /// Of a frame in nanoseconds, once one was held.
    private let heldDuration = Atomic<UInt64>(0)

    package override var holdingTime: UInt64 { heldDuration.load(ordering: .relaxed) }

    private let chosen = ChosenProperties()

    package override func set(_ name: String, to value: PropertyValue) {
        super.set(name, to: value)
        guard name == Self.quality.name else { return chosen.insert(name) }
        for (name, text) in chosen.remaining(of: snapshot()[Self.quality]) { configure(name, text) }
    }

    private func compositing(_ settings: PropertySnapshot) -> CompositingOptions {
        CompositingOptions(
            strength: Float(settings[Self.strength]), preservesColor: settings[Self.preserveColor],
            // Even sizes are rounded up to odd ones.
            medianSize: settings[Self.medianFilter] | 1, upsampling: settings[Self.upsampling])
    }

    private func request(_ settings: PropertySnapshot) -> StyleRequest {
        StyleRequest(
            model: settings[Self.model], imageModel: settings[Self.imageModel], mix: settings[Self.styleMix],
            scale: settings[Self.scale], brush: settings[Self.brush],
            threads: settings[Self.threads])
    }

    override func load(_ settings: PropertySnapshot) throws {
        try masks.start(settings)
        stylizer = try Stylizer(request(settings))
    }

    override func unload() {
        stylizer = nil
        masks.stop()
    }

    override func finish(held pixels: FramePixels) { stylizer?.finish(held: pixels) }

    override func plan(for format: VideoFormat) throws {
        try stylizer?.prepare(width: format.width, height: format.height)
        pace = PaintingPace()
        let rate = format.frameRate
        liveDuration = isLive && rate.numerator > 0 ? Double(rate.denominator) / Double(rate.numerator) : nil
        heldDuration.store(0, ordering: .relaxed)
    }

    /// Duration of a frame whose rate is not known, in seconds.
    private static let usualDuration = 0.04

    private func noteHeld() {
        guard holdingTime == 0 else { return }
        heldDuration.store(UInt64((liveDuration ?? Self.usualDuration) * 1e9), ordering: .relaxed)
        announceLatency()
    }

    override func reset() { stylizer?.reset() }

    override func priorRequirements(_ settings: PropertySnapshot) -> (width: Int, height: Int, fill: PriorFill) {
        let size = stylizer?.networkSize ?? (width: 0, height: 0)
        return (size.width, size.height, stylizer?.fill ?? .mean)
    }

    override var alternative: String { ", or use coherentstylize" }

    override func stylize(
        _ frame: StyleFrame, of buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat,
        settings: PropertySnapshot
    ) throws -> StyleResult? {
        let start = ContinuousClock.now
        var compositing = compositing(settings)
        compositing.mask = masks.mask(
            for: frame.pixels, of: buffer, settings, threads: settings[Self.threads], element: self)
        let result = try stylizer?.stylize(
            frame, request: request(settings), compositing: compositing,
            coherence: Float(settings[Self.coherence]), keepsStill: settings[Self.keepStill],
            every: settings[Self.every] == 0 ? pace.every : settings[Self.every], holds: settings[Self.lookahead],
            fade: settings[Self.fade])
        if result?.isHeld ?? false { noteHeld() }
        if result?.isPainted ?? false {
            pace.record(seconds: (ContinuousClock.now - start) / .seconds(1), duration: liveDuration)
        }
        return result
    }
}

extension Upsampling: PropertyChoice {
    /// Type of `upsampling`.
    public static let typeName = "PentimentoUpsampling"
    /// What the result looks like.
    public var blurb: String {
        switch self {
        case .guided: "Cubic, with the frame's detail along its edges"
        case .cubic: "Cubic interpolation alone: softer edges"
        }
    }
}
