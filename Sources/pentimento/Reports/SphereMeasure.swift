import Evaluation
import Imaging
import MediaIO
import Sphere
import Support

/// The gradient errors at the seams of stylized spheres, as reported by `evaluate --sphere`.
struct SphereMeasure: Encodable {
    struct Picture: Encodable {
        let file: String
        let error: GradientError
    }

    let pictures: [Picture]
    let mean: GradientError

    /// - Parameters:
    ///   - path: an image or a folder of images.
    ///   - layout: nil: detected from the aspect ratio.
    ///   - face: size of a stylized face in pixels; 0: from the image's resolution.
    ///   - overlap: overlap of the faces in pixels on each side.
    ///   - areFaces: whether the images are columns of faces with their overlaps, before they are joined.
    /// - Throws: `MediaError` if an image cannot be read or does not have these faces.
    init(of path: String, layout: SphereLayout?, face: Int, overlap: Int, areFaces: Bool) throws {
        let paths = try Files.isFolder(path) ? files(in: path, endings: [".png", ".jpg", ".jpeg", ".ppm"]) : [path]
        guard !paths.isEmpty else { throw MediaError("\(path): has no pictures (.png, .jpg, .ppm)") }
        var bar = ProgressBar(total: paths.count)
        defer { bar.clear() }
        pictures = try Interrupt.guarding {
            try paths.enumerated().map { number, file in
                let image = try Image(contentsOf: file)
                defer { bar.show(number + 1) }
                do {
                    let error =
                        try areFaces
                        ? Self.error(ofFaces: image, overlap: overlap)
                        : Self.error(ofJoined: image, layout: layout, face: face, overlap: overlap)
                    try Cancellation.check()
                    return Picture(file: file, error: error)
                } catch {
                    throw MediaError("\(file): \(error)")
                }
            }
        }
        let errors = pictures.map(\.error)
        func mean(_ value: (GradientError) -> Double) -> Double {
            errors.reduce(0) { $0 + value($1) } / Double(errors.count)
        }
        self.mean = GradientError(cutEdges: mean(\.cutEdges), innerEdges: mean(\.innerEdges))
    }

    private static func error(
        ofJoined image: Image, layout: SphereLayout?, face: Int, overlap: Int
    ) throws -> GradientError {
        let (width, height) = (image.width, image.height)
        let layout = try layout ?? SphereLayout.detect(width: width, height: height)
        let natural = try layout.faceSize(width: width, height: height)
        let geometry = try CubeGeometry(faceSize: face > 0 ? face : natural, overlap: overlap)
        return try GradientError(sphere: image, layout: layout, geometry: geometry)
    }

    private static func error(ofFaces image: Image, overlap: Int) throws -> GradientError {
        guard image.height == 6 * image.width, image.width > 2 * overlap else {
            throw MediaError(
                "is \(image.width) x \(image.height); a column of six faces with an overlap of \(overlap) is six times as high "
                    + "as wide")
        }
        let geometry = try CubeGeometry(faceSize: image.width - 2 * overlap, overlap: overlap)
        guard geometry.columnWidth == image.width, geometry.columnHeight == image.height else {
            throw MediaError("is \(image.width) x \(image.height), not a column of faces with an overlap of \(overlap)")
        }
        return GradientError(column: image, geometry: geometry)
    }

    /// The report as a table.
    var text: String {
        func row(_ name: String, _ error: GradientError) -> [String] {
            [name, decimal(error.cutEdges, 3), decimal(error.innerEdges, 3), decimal(error.mean, 3)]
        }
        return table(
            [["gradient error", "cut edges", "inner edges", "mean"]] + pictures.map { row($0.file, $0.error) }
                + (pictures.count > 1 ? [row("mean", mean)] : []))
    }
}
