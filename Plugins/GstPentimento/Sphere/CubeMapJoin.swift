import CGStreamer
import GStreamerKit
import Imaging
import Sphere

/// `cubemapjoin`: joins the six faces from `cubemapsplit` into one frame of the whole sphere, blending them where they
/// overlap.
///
///     gst-launch-1.0 filesrc location=sphere.mp4 ! decodebin ! videoconvert ! cubemapsplit ! cubemapjoin layout=3x2 ! \
///         videoconvert ! autovideosink
final class CubeMapJoin: ConvertingElement, @unchecked Sendable {
    enum Layout: String, PropertyChoice {
        case equirectangular
        case threeByTwo = "3x2"
        case sixByOne = "6x1"
        case oneBySix = "1x6"
        case cross = "4x3"
        static let typeName = "PentimentoCubeMapJoinLayout"
        var blurb: String { sphereLayout.blurb }
        var sphereLayout: SphereLayout { SphereLayout(rawValue: rawValue) ?? .equirectangular }
    }

    static let layout = Property<Layout>(
        "layout", nick: "Layout", blurb: "Layout of the output frames", default: .equirectangular,
        flags: .mutableReady)
    static let width = Property<Int>(
        "width", nick: "Width",
        blurb:
            "Width of the output frames in pixels; 0: keep the resolution (equirectangular: four times the face size)",
        range: 0...Int(gint16.max), default: 0, flags: .mutableReady)

    override class var description: ElementDescription { elementDescription }
    private static let elementDescription = ElementDescription(
        name: "cubemapjoin", typeName: "PentimentoCubeMapJoin", longName: "Cube map join",
        classification: "Filter/Converter/Video",
        about: "Joins the six cube faces from cubemapsplit into one frame of the whole sphere",
        author: elementAuthor, properties: [layout, width])

    private var joiner: CubeJoiner?

    override func stop() { joiner = nil }

    override func outputSize(width: Int, height: Int) throws -> (width: Int, height: Int) {
        size(of: try geometry(width: width, height: height), startSettings)
    }

    override func formatChanged(from input: VideoFormat, to output: VideoFormat) throws {
        // Releases the old maps before the new ones are allocated.
        joiner = nil
        let geometry = try geometry(width: input.width, height: input.height)
        let settings = startSettings
        do {
            joiner = try CubeJoiner(
                from: geometry, to: settings[Self.layout].sphereLayout, width: output.width, height: output.height)
        } catch {
            throw ElementError(
                .settings, "cubemapjoin width=\(settings[Self.width]): \(error).", remedy: "Set another width, or none."
            )
        }
    }

    override func convert(
        _ input: UnsafeMutablePointer<GstBuffer>, _ inputFormat: VideoFormat,
        to output: UnsafeMutablePointer<GstBuffer>, _ outputFormat: VideoFormat
    ) throws {
        guard let joiner else { return }
        let geometry = joiner.geometry
        guard CubeMapMeta.find(in: input, format: inputFormat)?.overlap == geometry.overlap else {
            throw CubeMapQuery.missing(before: "cubemapjoin")
        }
        try inputFormat.withPixels(of: input, writing: false) { faces in
            try outputFormat.withPixels(of: output, writing: true) { joiner.join(faces, into: $0) }
        }
    }

    private func geometry(width: Int, height: Int) throws -> CubeGeometry {
        try CubeMapQuery.geometry(upstreamOf: self, named: "cubemapjoin", width: width, height: height)
    }

    private func size(of geometry: CubeGeometry, _ settings: PropertySnapshot) -> (width: Int, height: Int) {
        let layout = settings[Self.layout].sphereLayout
        let natural = layout.size(faceSize: geometry.faceSize)
        let width = settings[Self.width]
        // A width that the layout does not allow is an error once caps are set.
        return width == 0 ? natural : (width, max(1, width * natural.height / natural.width))
    }
}
