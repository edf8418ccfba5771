import ArgumentParser
import MediaIO
import Sphere

extension SphereLayout: ExpressibleByArgument {}

/// What fills pixels of which neither a border nor the frame before says anything (paper 8.3).
enum SphereFill: String, CaseIterable, ExpressibleByArgument {
    case auto, mean, noise
}

/// What faces make of their finished neighbours' borders.
enum SphereBorders: String, CaseIterable, ExpressibleByArgument {
    case blend, prior, none
}

/// How frames show the sphere, and how it is cut into faces.
struct SphereOptions: ParsableArguments {
    @Option(help: "Pixels of a face's 90 degrees; otherwise as fine as the input, a quarter of its width.")
    var face: Int?

    @Option(help: "Pixels by which a face reaches over its neighbours; otherwise 64, or less where faces are small.")
    var overlap: Int?

    @Option(help: "How the input shows the sphere, where its shape alone does not tell: \(layouts).")
    var layout: SphereLayout?

    @Option(help: "How the output is to show it; otherwise as the input.")
    var outputLayout: SphereLayout?

    @Option(help: "What unknown pixels are filled with: auto (as the model was trained), mean, noise.")
    var fill = SphereFill.auto

    @Option(
        help: """
            What faces make of their finished neighbours' borders: blend (laid over the faces that come after, all normalised \
            together), prior (their prior, for styles that are tuned for it), none (each face on its own: seams show).
            """)
    var borders = SphereBorders.blend

    private static let layouts = SphereLayout.allCases.map(\.rawValue).joined(separator: ", ")

    /// What is done to an input, found before any work begins.
    struct Plan {
        let layout: SphereLayout
        let outputLayout: SphereLayout
        let geometry: CubeGeometry
        let outputSize: (width: Int, height: Int)
        /// What the output says of its sphere; nil where nothing can be said.
        let metadata: SphericalMetadata?
    }

    /// - Parameters:
    ///   - size: of the frames as they are worked on.
    ///   - metadata: what the input says of its sphere.
    /// - Throws: where the input cannot be cut into faces.
    func plan(_ path: String, size: (width: Int, height: Int), metadata: SphericalMetadata?) throws(MediaError) -> Plan
    {
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

    /// Equirectangular frames say that they are; cube maps say again what they have said.
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
    /// Elements from frames in one layout to frames in the other.
    ///
    /// - Parameter painting: the elements between, which see columns of six faces.
    func filter(_ painting: String) -> String {
        let width = outputLayout == layout ? outputSize.width : 0
        return """
            cubemapsplit layout=\(layout.rawValue) face-size=\(geometry.faceSize) overlap=\(geometry.overlap) \
            ! \(painting) ! cubemapjoin layout=\(outputLayout.rawValue) width=\(width)
            """
    }
}
