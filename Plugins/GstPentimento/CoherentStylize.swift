import CGStreamer
import Flow
import GStreamerKit

/// `coherentstylize`: the whole chain in one element, `opticalflow ! occlusioncheck ! queue ! flowwarp ! stylize`.
///
///     gst-launch-1.0 filesrc location=clip.mp4 ! decodebin ! videoconvert ! coherentstylize model=scream ! videoconvert ! \
///         autovideosink
///
/// Each child is named after its factory; properties that are not proxied are set as child properties,
/// `flowwarp::fill=noise`.
final class CoherentStylize: BinElement, @unchecked Sendable {
    static let quality = Quality.property(parts: "preset, flow-pixels, every and brush")

    override class var proxies: [ProxiedProperty] { shown }
    private static let shown = [
        ProxiedProperty(Stylize.model, of: "stylize"),
        ProxiedProperty(Stylize.imageModel, of: "stylize"),
        ProxiedProperty(Stylize.styleMix, of: "stylize"),
        ProxiedProperty(Stylize.fade, of: "stylize"),
        ProxiedProperty(Stylize.strength, of: "stylize"),
        ProxiedProperty(Stylize.coherence, of: "stylize"),
        ProxiedProperty(Stylize.keepStill, of: "stylize"),
        ProxiedProperty(Stylize.preserveColor, of: "stylize"),
        ProxiedProperty(Stylize.scale, of: "stylize"),
        ProxiedProperty(Stylize.brush, of: "stylize"),
        ProxiedProperty(Stylize.upsampling, of: "stylize"),
        ProxiedProperty(Stylize.every, of: "stylize"),
        ProxiedProperty(Stylize.lookahead, of: "stylize"),
        ProxiedProperty(Stylize.medianFilter, of: "stylize"),
        ProxiedProperty(MaskProperties.source, of: "stylize"),
        ProxiedProperty(MaskProperties.location, of: "stylize"),
        ProxiedProperty(MaskProperties.invert, of: "stylize"),
        ProxiedProperty(MaskProperties.feather, of: "stylize"),
        ProxiedProperty(Stylize.threads, of: "stylize"),
        ProxiedProperty(Stylize.metas, of: "stylize"),
        ProxiedProperty(OpticalFlow.preset, of: "opticalflow", default: .medium),
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
        configure("occlusioncheck", OcclusionCheck.forward.name, "false")
    }

    private let chosen = ChosenProperties()

    override func set(_ name: String, to value: PropertyValue) {
        super.set(name, to: value)
        guard name == Self.quality.name else { return chosen.insert(name) }
        let settings = chosen.remaining(of: snapshot()[Self.quality])
        for proxy in Self.shown {
            guard let text = settings[proxy.specification.name] else { continue }
            configure(proxy.child, proxy.property, text)
        }
    }
}
