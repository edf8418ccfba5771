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
    /// - Throws: `MediaError` if an image cannot be read or does not have these faces.
    init(of path: String, layout: SphereLayout?, face: Int, overlap: Int) throws {
        let paths = try Files.isFolder(path) ? files(in: path, endings: [".png", ".jpg", ".jpeg", ".ppm"]) : [path]
        guard !paths.isEmpty else { throw MediaError("\(path): has no pictures (.png, .jpg, .ppm)") }
        var bar = ProgressBar(total: paths.count)
        defer { bar.clear() }
        pictures = try Interrupt.guarding {
            try paths.enumerated().map { number, file in
                let image = try Image(contentsOf: file)
                defer { bar.show(number + 1) }
                do {
                    let (width, height) = (image.width, image.height)
                    let layout = try layout ?? SphereLayout.detect(width: width, height: height)
                    let natural = try layout.faceSize(width: width, height: height)
                    let geometry = try CubeGeometry(faceSize: face > 0 ? face : natural, overlap: overlap)
                    let error = try GradientError(sphere: image, layout: layout, geometry: geometry)
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
