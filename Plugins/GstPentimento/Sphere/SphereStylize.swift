import CGStreamer
import GStreamerKit
import Imaging
import Sphere
import Style

/// `spherestylize`: stylizes the cube faces from `cubemapsplit` one after the other, each consistent with its finished
/// neighbours (paper section 6). Behind `opticalflow ! occlusioncheck ! flowwarp` each face is also consistent with the
/// frame before.
///
///     gst-launch-1.0 filesrc location=sphere.mp4 ! decodebin ! videoconvert ! cubemapsplit face-size=640 overlap=64 ! \
///         opticalflow ! occlusioncheck ! flowwarp ! spherestylize model=scream ! cubemapjoin ! videoconvert ! \
///         autovideosink
package final class SphereStylize: StylingElement, @unchecked Sendable {
    package enum Borders: String, PropertyChoice {
        case blend, prior, none
        package static let typeName = "PentimentoSphereStylizeBorders"
        package var blurb: String {
            switch self {
            case .blend: "Blended over the faces stylized later; all faces share instance-norm statistics"
            case .prior: "Prior of the faces stylized later, for models trained for it (paper 6.1)"
            case .none: "Not used: each face is stylized independently"
            }
        }
    }

    package static let borders = Property<Borders>(
        "borders", nick: "Borders", blurb: "Use of the borders of finished neighbouring faces", default: .blend,
        flags: .mutablePlaying)
    package static let fill = Property<PriorFillChoice>(
        "fill", nick: "Fill", blurb: "Fill of uncertain pixels of the prior (paper 8.3)", default: .auto,
        flags: .mutableReady)

    package override class var description: ElementDescription { elementDescription }
    private static let elementDescription = ElementDescription(
        name: "spherestylize", typeName: "PentimentoSphereStylize", longName: "Style transfer for spheres",
        classification: "Filter/Effect/Video",
        about: "Stylizes the six cube faces from cubemapsplit without visible seams between them",
        author: elementAuthor,
        properties: [
            Stylize.model, Stylize.styleMix, borders, fill, Stylize.fade, Stylize.strength, Stylize.coherence,
            Stylize.preserveColor,
            Stylize.scale, Stylize.brush, Stylize.threads, Stylize.metas,
        ])

    private var stylizer: SphereStylizer?
    private var hasWarned = false

    private func request(_ settings: PropertySnapshot) -> StyleRequest {
        StyleRequest(
            model: settings[Stylize.model], mix: settings[Stylize.styleMix],
            scale: settings[Stylize.scale], brush: settings[Stylize.brush], threads: settings[Stylize.threads])
    }

    private func compositing(_ settings: PropertySnapshot) -> CompositingOptions {
        CompositingOptions(strength: Float(settings[Stylize.strength]), preservesColor: settings[Stylize.preserveColor])
    }

    private var fill: PriorFill {
        startSettings[Self.fill].fill(trainedWith: stylizer?.fill)
    }

    override func load(_ settings: PropertySnapshot) throws {
        hasWarned = false
        stylizer = try SphereStylizer(request(settings))
    }

    override func unload() { stylizer = nil }

    override func plan(for format: VideoFormat) throws {
        try stylizer?.prepare(
            CubeMapQuery.geometry(
                upstreamOf: self, named: "spherestylize", width: format.width, height: format.height))
    }

    override func reset() { stylizer?.reset() }

    override func priorRequirements(_ settings: PropertySnapshot) -> (width: Int, height: Int, fill: PriorFill) {
        let size = stylizer?.networkSize ?? (width: 0, height: 0)
        return (size.width, size.height, fill)
    }

    override func stylize(
        _ frame: StyleFrame, of buffer: UnsafeMutablePointer<GstBuffer>, format: VideoFormat,
        settings: PropertySnapshot
    ) throws -> StyleResult? {
        guard let meta = CubeMapMeta.find(in: buffer, format: format, warn: warnOnce) else {
            throw CubeMapQuery.missing(before: "spherestylize")
        }
        guard let stylizer else { return nil }
        let borders = settings[Self.borders]
        var faces = borders == .blend ? FaceSequence.Settings() : .independent
        faces.bordersArePrior = borders == .prior
        faces.fill = fill
        if faces.bordersArePrior { warnIfUntuned(stylizer, settings[Stylize.model]) }
        return try stylizer.stylize(
            frame, geometry: CubeGeometry(faceSize: meta.faceSize, overlap: meta.overlap), settings: faces,
            request: request(settings), compositing: compositing(settings),
            coherence: Float(settings[Stylize.coherence]),
            fade: settings[Stylize.fade])
    }

    private func warnIfUntuned(_ stylizer: SphereStylizer, _ model: String) {
        if hasWarned || stylizer.isTunedForBorders { return }
        hasWarned = true
        post(
            .warning,
            ElementError(
                .settings, "The model \(model) was never tuned for borders of faces: lines may show.",
                remedy:
                    "Use borders=blend, or tune it by pentimento train --init-from \(model) --mix ...,sphere:5"
            ))
    }
}
