import CGStreamer
import GStreamerKit
import Imaging
import Sphere
import Style

/// `spherestylize`: repaints the faces that `cubemapsplit` makes one after the other, each so that it fits to its finished
/// neighbours (paper section 6); behind `opticalflow ! occlusioncheck ! flowwarp` to the frame before, too.
///
///     gst-launch-1.0 filesrc location=sphere.mp4 ! decodebin ! videoconvert ! cubemapsplit face-size=640 overlap=64 ! \
///         opticalflow ! occlusioncheck ! flowwarp ! spherestylize model=scream ! cubemapjoin ! videoconvert ! \
///         autovideosink
final class SphereStylize: StylingElement, @unchecked Sendable {
    enum Borders: String, PropertyChoice {
        case blend, prior, none
        static let typeName = "PentimentoSphereStylizeBorders"
        var blurb: String {
            switch self {
            case .blend: "Laid over the faces that come after; all are normalised together"
            case .prior: "Their prior, for models that are tuned for it (paper 6.1)"
            case .none: "Each face stands alone"
            }
        }
    }

    static let borders = Property<Borders>(
        "borders", nick: "Borders", blurb: "What faces make of their finished neighbours' borders", default: .blend,
        flags: .mutablePlaying)
    static let fill = Property<FlowWarp.Fill>(
        "fill", nick: "Fill", blurb: "What uncertain pixels of the prior hold (paper 8.3)", default: .auto,
        flags: .mutableReady)

    override class var description: ElementDescription { text }
    private static let text = ElementDescription(
        name: "spherestylize", typeName: "PentimentoSphereStylize", longName: "Style transfer for spheres",
        classification: "Filter/Effect/Video",
        about: "Repaints the six faces of cubemapsplit in the style of a painting, without seams between them",
        author: elementAuthor,
        properties: [
            Stylize.model.specification, borders.specification, fill.specification, Stylize.fade.specification,
            Stylize.strength.specification, Stylize.coherence.specification, Stylize.preserveColor.specification,
            Stylize.scale.specification, Stylize.threads.specification, Stylize.metas.specification,
        ])

    private var stylizer: SphereStylizer?
    private var hasWarned = false

    private var request: StyleRequest {
        StyleRequest(
            model: self[Stylize.model], scale: self[Stylize.scale], threads: self[Stylize.threads])
    }

    private var look: Look {
        Look(strength: Float(self[Stylize.strength]), preservesColor: self[Stylize.preserveColor])
    }

    private var fill: PriorFill {
        switch self[Self.fill] {
        case .auto: stylizer?.fill ?? .mean
        case .mean: .mean
        case .noise: .noise
        }
    }

    override func load() throws {
        hasWarned = false
        stylizer = try SphereStylizer(request)
    }

    override func unload() { stylizer = nil }

    override func plan(for format: VideoFormat) throws {
        try stylizer?.prepare(
            CubeMapQuery.geometry(
                upstreamOf: self, named: "spherestylize", width: format.width, height: format.height))
    }

    override func forget() { stylizer?.forget() }

    override var needs: (width: Int, height: Int, fill: PriorFill) {
        let size = stylizer?.networkSize ?? (width: 0, height: 0)
        return (size.width, size.height, fill)
    }

    override var writesPixels: Bool { self[Stylize.strength] > 0 }

    override func paint(
        _ frame: StyleFrame, of buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat
    ) throws -> StyleResult? {
        guard let meta = CubeMapMeta.find(in: buffer, format: format) else {
            throw CubeMapQuery.missing(before: "spherestylize")
        }
        guard let stylizer else { return nil }
        var settings = self[Self.borders] == .blend ? FaceSequence.Settings() : .independent
        settings.bordersArePrior = self[Self.borders] == .prior
        settings.fill = fill
        if settings.bordersArePrior { warnIfUntuned(stylizer) }
        return try stylizer.stylize(
            frame, geometry: CubeGeometry(faceSize: meta.faceSize, overlap: meta.overlap), settings: settings,
            request: request, look: look, coherence: Float(self[Stylize.coherence]), fade: self[Stylize.fade])
    }

    private func warnIfUntuned(_ stylizer: SphereStylizer) {
        if hasWarned || stylizer.isTunedForBorders { return }
        hasWarned = true
        post(
            .warning,
            ElementError(
                .settings, "The model \(self[Stylize.model]) was never tuned for borders of faces: lines may show.",
                remedy:
                    "Use borders=blend, or tune it by pentimento train --init-from \(self[Stylize.model]) --mix ...,sphere:5"
            ))
    }
}
