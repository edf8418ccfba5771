import CGStreamer
import Flow
import GStreamerKit
import Synchronization

/// `coherentstylize`: the whole chain in one element, `opticalflow ! occlusioncheck ! queue ! flowwarp ! stylize`.
///
///     gst-launch-1.0 filesrc location=clip.mp4 ! decodebin ! videoconvert ! coherentstylize model=scream ! videoconvert ! \
///         autovideosink
///
/// Each child is named after its factory; properties that are not proxied are set as child properties,
/// `flowwarp::fill=noise`.
final class CoherentStylize: BinElement, @unchecked Sendable {
    static let quality = Property<Quality>(
        "quality", nick: "Quality",
        blurb: "Sets those of preset, flow-pixels and every that are not set themselves: speed against quality",
        default: .auto, flags: .mutablePlaying)

    override class var proxies: [ProxiedProperty] { shown }
    private static let shown = [
        ProxiedProperty(Stylize.model, of: "stylize"),
        ProxiedProperty(Stylize.imageModel, of: "stylize"),
        ProxiedProperty(Stylize.styleMix, of: "stylize"),
        ProxiedProperty(Stylize.fade, of: "stylize"),
        ProxiedProperty(Stylize.strength, of: "stylize"),
        ProxiedProperty(Stylize.coherence, of: "stylize"),
        ProxiedProperty(Stylize.preserveColor, of: "stylize"),
        ProxiedProperty(Stylize.scale, of: "stylize"),
        ProxiedProperty(Stylize.brush, of: "stylize"),
        ProxiedProperty(Stylize.upsampling, of: "stylize"),
        ProxiedProperty(Stylize.every, of: "stylize"),
        ProxiedProperty(Stylize.medianFilter, of: "stylize"),
        ProxiedProperty(Stylize.threads, of: "stylize"),
        ProxiedProperty(Stylize.metas, of: "stylize"),
        ProxiedProperty(OpticalFlow.preset, of: "opticalflow"),
        ProxiedProperty(OpticalFlow.scale, of: "opticalflow", as: "flow-scale"),
        ProxiedProperty(OpticalFlow.pixels, of: "opticalflow", as: "flow-pixels"),
        ProxiedProperty(OpticalFlow.sceneCut, of: "opticalflow"),
        ProxiedProperty(OcclusionCheck.minimumFilter, of: "occlusioncheck"),
        ProxiedProperty(FlowWarp.interpolation, of: "flowwarp"),
        ProxiedProperty(FlowWarp.anchorFrames, of: "flowwarp"),
    ]

    override class var description: ElementDescription { elementDescription }
    private static let elementDescription = ElementDescription(
        name: "coherentstylize", typeName: "PentimentoCoherentStylize", longName: "Coherent style transfer",
        classification: "Filter/Effect/Video",
        about:
            "Stylizes video with temporal coherence: optical flow, occlusion check, warp and style network in one element",
        author: elementAuthor, formats: .all, properties: [quality] + shown)

    override func constructed() {
        super.constructed()
        // The queue lets the flow of the next frame be computed while one is stylized. It blocks and never drops:
        // frames may only be dropped before the flow is computed.
        build(["opticalflow", "occlusioncheck", "queue", "flowwarp", "stylize"])
        configure("queue", "max-size-buffers", "2")
        configure("queue", "max-size-bytes", "0")
        configure("queue", "max-size-time", "0")
    }

    /// Names of the properties that were set, other than ``quality``.
    private let chosen = Mutex<Set<String>>([])

    override func set(_ name: String, to value: PropertyValue) {
        super.set(name, to: value)
        guard name == Self.quality.name else {
            chosen.withLock { _ = $0.insert(name) }
            return
        }
        let chosen = chosen.withLock { $0 }
        let settings = snapshot()[Self.quality].settings
        for proxy in Self.shown {
            let name = proxy.specification.name
            guard !chosen.contains(name), let text = settings[name] else { continue }
            configure(proxy.child, proxy.property, text)
        }
    }
}

/// Speed against quality, as settings of properties of `coherentstylize`.
enum Quality: String, PropertyChoice {
    case auto
    case live
    case balanced
    case best

    static let typeName = "PentimentoQuality"

    var blurb: String {
        switch self {
        case .auto: "As live, but every frame is painted while there is time, if the source is live; else balanced"
        case .live: "The network paints every second frame; fast flow of few pixels"
        case .balanced: "The network paints every frame; fast flow"
        case .best: "The network paints every frame; more accurate flow"
        }
    }

    /// Values of properties, by name.
    var settings: [String: String] {
        switch self {
        case .auto: ["every": "0", "preset": "fast", "flow-pixels": "0"]
        case .live: ["every": "2", "preset": "fast", "flow-pixels": "\(FlowHistory.livePixels)"]
        case .balanced: ["every": "1", "preset": "fast", "flow-pixels": "\(FlowHistory.pixels)"]
        case .best: ["every": "1", "preset": "medium", "flow-pixels": "\(FlowHistory.pixels)"]
        }
    }
}
