import CGStreamer
import GStreamerKit
import Imaging
import Sphere

/// `cubemapsplit`: converts frames of the whole sphere into six overlapping cube faces (paper 6.1). They go downstream
/// stacked in one frame with a cube map meta.
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
        var blurb: String { sphereLayout?.blurb ?? "Detected from the frames' aspect ratio" }
        /// Nil for `auto`.
        var sphereLayout: SphereLayout? { SphereLayout(rawValue: rawValue) }
    }

    static let faceSize = Property<Int>(
        "face-size", nick: "Face size",
        blurb:
            "Size of a face without overlap in pixels; 0: keep the resolution (equirectangular: a quarter of the width)",
        range: 0...CubeGeometry.greatestExtendedSize, default: 0, flags: .mutableReady)
    static let overlap = Property<Int>(
        "overlap", nick: "Overlap", blurb: "Overlap of each face with its neighbours, in pixels on each side",
        range: 0...CubeGeometry.greatestExtendedSize / 2, default: 64, flags: .mutableReady)
    static let layout = Property<Layout>(
        "layout", nick: "Layout", blurb: "Layout of the input frames", default: .auto, flags: .mutableReady)

    override class var description: ElementDescription { elementDescription }
    private static let elementDescription = ElementDescription(
        name: "cubemapsplit", typeName: "PentimentoCubeMapSplit", longName: "Cube map split",
        classification: "Filter/Converter/Video",
        about: "Converts frames of the whole sphere into six overlapping cube faces, stacked in one frame",
        author: elementAuthor,
        properties: [faceSize, overlap, layout])

    private var splitter: CubeSplitter?

    override func stop() { splitter = nil }

    override func outputSize(width: Int, height: Int) throws -> (width: Int, height: Int) {
        let geometry = try plan(width: width, height: height).geometry
        return (geometry.columnWidth, geometry.columnHeight)
    }

    override func formatChanged(from input: VideoFormat, to output: VideoFormat) throws {
        // Releases the old maps before the new ones are allocated.
        splitter = nil
        let plan = try plan(width: input.width, height: input.height)
        splitter = try CubeSplitter(
            from: plan.layout, width: input.width, height: input.height, to: plan.geometry)
        info("frames are \(plan.layout.rawValue), faces \(plan.geometry.faceSize) pixels")
    }

    override func sourceQuery(_ query: UnsafeMutablePointer<GstQuery>) -> Bool {
        CubeMapQuery.answer(query, overlap: startSettings[Self.overlap])
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

    /// The layout of frames of a size and the geometry of their faces.
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
    /// The layout's description in `gst-inspect-1.0`.
    var blurb: String {
        switch self {
        case .equirectangular: "Longitude from left to right, latitude from top to bottom"
        case .threeByTwo: "Faces right, left, up in the upper row; down, front, back in the lower"
        case .sixByOne: "Faces right, left, up, down, front, back in a row"
        case .oneBySix: "Faces right, left, up, down, front, back in a column"
        case .cross: "Horizontal cross: left, front, right, back in a row; up above and down below front"
        }
    }
}
