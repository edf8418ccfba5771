import CKernels
import Glibc

/// The panels of a spherical frame: the whole frame if it is equirectangular, or one image for each cube face, all of the
/// same size.
struct SpherePanels: Sendable, Equatable {
    enum Projection: Sendable, Equatable {
        case equirectangular
        /// Faces in the order of ``CubeFace``; u and v are `extent` at their edges.
        case faces(extent: Double)
    }

    let projection: Projection
    /// Size of a panel in pixels.
    let width: Int
    let height: Int
    /// Position of each panel's top left pixel in the frame.
    let origins: [SIMD2<Int>]
    private let profile: OverlapProfile

    /// - Precondition: the layout fits the size.
    init(_ layout: SphereLayout, width: Int, height: Int) {
        guard let grid = layout.grid else {
            self.init(.equirectangular, width: width, height: height, origins: [SIMD2(0, 0)])
            return
        }
        let size = width / grid.columns
        let cells = CubeFace.allCases.map(layout.cell)
        self.init(
            .faces(extent: 1), width: size, height: size,
            origins: cells.map { SIMD2($0.column * size, $0.row * size) })
    }

    /// A batch of stacked extended faces.
    init(columnOf geometry: CubeGeometry) {
        self.init(
            .faces(extent: geometry.extent), width: geometry.extendedSize, height: geometry.extendedSize,
            origins: CubeFace.allCases.map { SIMD2(0, geometry.rows(of: $0).lowerBound) })
    }

    private init(_ projection: Projection, width: Int, height: Int, origins: [SIMD2<Int>]) {
        self.projection = projection
        self.width = width
        self.height = height
        self.origins = origins
        profile =
            if case .faces(let extent) = projection { OverlapProfile(extent: extent) } else {
                OverlapProfile(extent: 1)
            }
    }

    /// The same panels with a lower resolution, to avoid aliasing when resampling to `target`.
    func shrunk(for target: SpherePanels) -> SpherePanels {
        let ratio = density / target.density
        // The resolution of a face is lower at its centre than at its edges, so keep a little more than the mean.
        guard ratio > 1.5 else { return self }
        func length(_ value: Int) -> Int { max(2, Int((Double(value) * 1.25 / ratio).rounded())) }
        return SpherePanels(projection, width: length(width), height: length(height), origins: origins)
    }

    /// Approximate number of pixels per 90 degrees at the horizon.
    private var density: Double {
        switch projection {
        case .equirectangular: Double(width) / 4
        case .faces(let extent): Double(width) / extent
        }
    }

    /// The direction that pixel (x, y) of a panel shows. Pixel centres are at integers; positions beyond the edges are
    /// allowed.
    func ray(panel: Int, x: Double, y: Double) -> Ray {
        switch projection {
        case .equirectangular:
            let longitude = ((x + 0.5) / Double(width) - 0.5) * 2 * .pi
            let latitude = ((y + 0.5) / Double(height) - 0.5) * .pi
            return Ray(sin(longitude) * cos(latitude), sin(latitude), cos(longitude) * cos(latitude))
        case .faces(let extent):
            let place = coordinates(x: x, y: y, extent: extent)
            return CubeFace.allCases[panel].ray(u: place.u, v: place.v)
        }
    }

    /// The position of a ray in an equirectangular image.
    private func longitudeAndLatitude(of ray: Ray) -> (x: Double, y: Double) {
        let longitude = atan2(ray.x, ray.z)
        let latitude = atan2(ray.y, (ray.x * ray.x + ray.z * ray.z).squareRoot())
        return (
            (longitude / (2 * .pi) + 0.5) * Double(width) - 0.5, (latitude / .pi + 0.5) * Double(height) - 0.5
        )
    }

    private func coordinates(x: Double, y: Double, extent: Double) -> (u: Double, v: Double) {
        (
            ((2 * x + 1) / Double(width) - 1) * extent, ((2 * y + 1) / Double(height) - 1) * extent
        )
    }

    private func pixel(u: Double, v: Double, extent: Double) -> (x: Double, y: Double) {
        (
            (u / extent + 1) * Double(width) / 2 - 0.5, (v / extent + 1) * Double(height) / 2 - 0.5
        )
    }

    /// Calls `body` with every position where a ray is shown and its blending weight: first in the face that the ray
    /// hits, then in overlapping faces.
    func forEachPlace(of ray: Ray, _ body: (_ panel: Int, _ x: Double, _ y: Double, _ weight: Double) -> Void) {
        guard case .faces(let extent) = projection else {
            let pixel = longitudeAndLatitude(of: ray)
            return body(0, pixel.x, pixel.y, 1)
        }
        func weigh(_ face: CubeFace) -> Double {
            guard let place = face.place(of: ray) else { return 0 }
            let weight = profile.weight(u: place.u, v: place.v)
            guard weight > 0 else { return 0 }
            let pixel = pixel(u: place.u, v: place.v, extent: extent)
            body(face.rawValue, pixel.x, pixel.y, weight)
            return weight
        }
        let first = CubeFace(of: ray)
        // At full weight no other face overlaps.
        if weigh(first) >= 1 { return }
        for face in CubeFace.allCases where face != first { _ = weigh(face) }
    }

    /// The panel that a ray belongs to, and its position there.
    func place(of ray: Ray) -> (panel: Int, x: Double, y: Double) {
        guard case .faces(let extent) = projection else {
            let pixel = longitudeAndLatitude(of: ray)
            return (0, pixel.x, pixel.y)
        }
        let face = CubeFace(of: ray)
        guard let place = face.place(of: ray) else { return (face.rawValue, 0, 0) }
        let pixel = pixel(u: place.u, v: place.v, extent: extent)
        return (face.rawValue, pixel.x, pixel.y)
    }
}
