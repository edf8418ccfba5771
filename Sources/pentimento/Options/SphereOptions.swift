import ArgumentParser
import Conversions
import GstPentimento
import MediaIO
import Sphere

extension SphereLayout: ExpressibleByArgument {}

/// Options for the layout of the sphere and its split into faces.
struct SphereOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: "Size of a face without overlap in pixels. (default: the input's resolution, a quarter of its width)")
    var face: Int?

    @Option(
        parsing: .unconditional, help: "Overlap of neighbouring faces in pixels. (default: 64, less for small faces)")
    var overlap: Int?

    @Option(help: "Layout of the input, if it cannot be detected from the aspect ratio: \(layouts).")
    var layout: SphereLayout?

    @Option(help: "Layout of the output. (default: that of the input)")
    var outputLayout: SphereLayout?

    @Option(SphereStylize.fill) var fill
    @Option(SphereStylize.borders) var borders

    private static let layouts = SphereLayout.allCases.map(\.rawValue).joined(separator: ", ")

    /// Layouts, geometry and metadata of a conversion.
    struct Plan {
        let layout: SphereLayout
        let outputLayout: SphereLayout
        let geometry: CubeGeometry
        let outputSize: (width: Int, height: Int)
        /// 360-degree metadata of the output; nil if there is none for its layout.
        let metadata: SphericalMetadata?
    }

    /// - Parameters:
    ///   - size: width and height of the frames after scaling.
    ///   - metadata: 360-degree metadata of the input.
    /// - Throws: `MediaError` if the input cannot be split into faces.
    func plan(_ path: String, size: (width: Int, height: Int), metadata: SphericalMetadata?) throws(MediaError) -> Plan
    {
        try Self.plan(
            path, size: size, metadata, layout: layout, outputLayout: outputLayout, face: face, overlap: overlap)
    }

    private static func plan(
        _ path: String, size: (width: Int, height: Int), _ metadata: SphericalMetadata?, layout: SphereLayout?,
        outputLayout: SphereLayout?, face: Int?, overlap: Int?
    ) throws(MediaError) -> Plan {
        try Self.check(metadata, of: path)
        do {
            let layout = try layout ?? Self.layout(size, metadata)
            let faceSize = try face ?? layout.faceSize(width: size.width, height: size.height)
            let geometry = try CubeGeometry(faceSize: faceSize, overlap: overlap ?? min(64, faceSize / 4))
            let outputLayout = outputLayout ?? layout
            let outputSize =
                switch (outputLayout == layout, layout) {
                case (true, .equirectangular): (width: size.width, height: size.width / 2)
                case (true, _): size
                case (false, _): outputLayout.size(faceSize: faceSize)
                }
            return Plan(
                layout: layout, outputLayout: outputLayout, geometry: geometry, outputSize: outputSize,
                metadata: Self.metadata(of: outputLayout, from: layout, metadata))
        } catch {
            throw MediaError("\(path): \(error)")
        }
    }

    /// The plan for finding shots.
    ///
    /// - Parameter settings: get a size with square pixels, as those of a painting do.
    static func plan(
        _ input: MediaInput, size: (width: Int, height: Int), layout: SphereLayout?, face: Int?, overlap: Int?,
        _ settings: inout Conversion.Settings
    ) throws -> Plan {
        let plan = try plan(
            input.path, size: size, SphericalMetadata.read(ofFirstFileIn: input), layout: layout, outputLayout: nil,
            face: face, overlap: overlap)
        plan.makePixelsSquare(&settings, of: input, size: size)
        return plan
    }

    private static func check(_ metadata: SphericalMetadata?, of path: String) throws(MediaError) {
        guard let metadata else { return }
        if metadata.isStereo {
            throw MediaError(
                "\(path): holds the views of two eyes; crop it to one of them first, with ffmpeg's crop for example")
        }
        switch metadata.projection {
        case .other(let projection):
            throw MediaError(
                "\(path): shows \(projection) by its metadata; make a whole equirectangular picture of it first")
        case .cubeMap(_, let padding) where padding > 0:
            throw MediaError("\(path): its faces are padded by \(padding) pixels; crop them first")
        default: break
        }
    }

    private static func layout(
        _ size: (width: Int, height: Int), _ metadata: SphericalMetadata?
    ) throws(SphereError) -> SphereLayout {
        if metadata?.projection == .equirectangular { return .equirectangular }
        return try SphereLayout.detect(width: size.width, height: size.height)
    }

    /// Equirectangular output always has metadata; a cube map keeps that of the input, if the layout is unchanged.
    private static func metadata(
        of outputLayout: SphereLayout, from layout: SphereLayout, _ metadata: SphericalMetadata?
    ) -> SphericalMetadata? {
        if outputLayout == .equirectangular {
            return metadata?.projection == .equirectangular ? metadata : SphericalMetadata()
        }
        if case .cubeMap = metadata?.projection, outputLayout == layout { return metadata }
        return nil
    }
}

extension SphereOptions.Plan {
    /// The elements from input frames to output frames.
    ///
    /// - Parameter painting: the elements between split and join, which get six stacked faces.
    func filter(_ painting: String) -> String {
        let width = outputLayout == layout ? outputSize.width : 0
        return "\(split) ! \(painting) ! cubemapjoin layout=\(outputLayout.rawValue) width=\(width)"
    }

    /// Scales frames whose pixels are not square: an equirectangular frame is twice as wide as high.
    func makePixelsSquare(
        _ settings: inout Conversion.Settings, of input: MediaInput, size: (width: Int, height: Int)
    ) {
        guard settings.size == nil, input.pixelAspectRatio != 1, layout == .equirectangular else { return }
        settings.size = RequestedSize(width: size.width, height: size.width / 2)
    }

    /// The element that splits frames into faces.
    var split: String {
        "cubemapsplit layout=\(layout.rawValue) face-size=\(geometry.faceSize) overlap=\(geometry.overlap)"
    }
}
