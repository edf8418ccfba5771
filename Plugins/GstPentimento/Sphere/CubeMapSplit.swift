import CGStreamer
import GStreamerKit
import Imaging
import Sphere

/// `cubemapsplit`: six faces, each reaching a little over its neighbours, of frames that show the whole sphere (paper 6.1). They
/// travel on one below the other as one frame, with a meta that says so.
///
///     gst-launch-1.0 filesrc location=sphere.mp4 ! decodebin ! videoconvert ! cubemapsplit ! opticalflow ! \
///         occlusioncheck ! flowwarp ! spherestylize model=scream ! cubemapjoin ! videoconvert ! autovideosink
final class CubeMapSplit: ConvertingElement, @unchecked Sendable {
    enum Layout: String, PropertyChoice {
        case auto
        case equirectangular
        case threeByTwo = "3x2"
        case sixByOne = "6x1"
        case oneBySix = "1x6"
        case cross = "4x3"
        static let typeName = "PentimentoCubeMapSplitLayout"
        var blurb: String { sphereLayout?.blurb ?? "What the frames' shape tells" }
        /// Nil for what frames tell.
        var sphereLayout: SphereLayout? { SphereLayout(rawValue: rawValue) }
    }

    static let faceSize = Property<Int>(
        "face-size", nick: "Face size",
        blurb:
            "Side in pixels of a face's own 90 degrees; 0: as the frames', a quarter of an equirectangular one's width",
        range: 0...CubeGeometry.greatestExtendedSize, default: 0, flags: .mutableReady)
    static let overlap = Property<Int>(
        "overlap", nick: "Overlap", blurb: "Pixels by which each face reaches over its neighbours, on each side",
        range: 0...CubeGeometry.greatestExtendedSize / 2, default: 64, flags: .mutableReady)
    static let layout = Property<Layout>(
        "layout", nick: "Layout", blurb: "How frames show the sphere", default: .auto, flags: .mutableReady)

    override class var description: ElementDescription { text }
    private static let text = ElementDescription(
        name: "cubemapsplit", typeName: "PentimentoCubeMapSplit", longName: "Cube map split",
        classification: "Filter/Converter/Video",
        about: "Makes six overlapping cube faces of a spherical picture, one below the other",
        author: elementAuthor,
        properties: [faceSize.specification, overlap.specification, layout.specification])

    private var splitter: CubeSplitter?

    override func stop() { splitter = nil }

    override func outputSize(width: Int, height: Int) throws -> (width: Int, height: Int) {
        let geometry = try plan(width: width, height: height).geometry
        return (geometry.columnWidth, geometry.columnHeight)
    }

    override func formatChanged(from input: VideoFormat, to output: VideoFormat) throws {
        // The old maps' memory goes before the new ones' comes.
        splitter = nil
        let plan = try plan(width: input.width, height: input.height)
        splitter = try CubeSplitter(
            from: plan.layout, width: input.width, height: input.height, to: plan.geometry)
        info("frames are \(plan.layout.rawValue), faces \(plan.geometry.faceSize) pixels")
    }

    override func sourceQuery(_ query: UnsafeMutablePointer<GstQuery>) -> Bool {
        guard UpstreamQuestion.cubeMapOverlap.isAsked(for: query) else { return false }
        UpstreamQuestion.cubeMapOverlap.answer(query, startSettings[Self.overlap])
        return true
    }

    override func convert(
        _ input: UnsafeMutablePointer<GstBuffer>, _ inputFormat: VideoFormat,
        to output: UnsafeMutablePointer<GstBuffer>, _ outputFormat: VideoFormat
    ) throws {
        guard let splitter else { return }
        try inputFormat.withPixels(of: input, writing: false) { frame in
            try outputFormat.withPixels(of: output, writing: true) { splitter.split(frame, into: $0) }
        }
        CubeMapMeta(faceSize: splitter.geometry.faceSize, overlap: splitter.geometry.overlap).attach(to: output)
    }

    /// What is made of frames of a size.
    private func plan(width: Int, height: Int) throws -> (layout: SphereLayout, geometry: CubeGeometry) {
        let settings = startSettings
        do {
            let layout = try settings[Self.layout].sphereLayout ?? SphereLayout.detect(width: width, height: height)
            let ownSize = try layout.faceSize(width: width, height: height)
            let faceSize = settings[Self.faceSize] > 0 ? settings[Self.faceSize] : ownSize
            return (layout, try CubeGeometry(faceSize: faceSize, overlap: settings[Self.overlap]))
        } catch {
            throw ElementError(
                .format, "cubemapsplit cannot work on frames of \(width)x\(height): \(error).",
                remedy: "Scale or crop them, or set layout, face-size and overlap.")
        }
    }
}

extension SphereLayout {
    /// What `gst-inspect-1.0` says about the layout.
    var blurb: String {
        switch self {
        case .equirectangular: "Longitude from left to right, latitude from top to bottom"
        case .threeByTwo: "Faces right, left, up above down, front, back"
        case .sixByOne: "Faces right, left, up, down, front, back in a row"
        case .oneBySix: "Faces right, left, up, down, front, back in a column"
        case .cross: "A cross that lies: up above front; left, front, right, back; down below front"
        }
    }
}
