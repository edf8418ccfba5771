import CKernels
import Glibc

/// The pictures in which a frame shows the sphere: one, or a face each, all of one size.
struct SpherePanels: Sendable, Equatable {
    enum Projection: Sendable, Equatable {
        case equirectangular
        /// Faces in the order of ``CubeFace``; u and v are `extent` at their edges.
        case faces(extent: Double)
    }

    let projection: Projection
    /// Of one picture.
    let width: Int
    let height: Int
    /// Where the upper left pixel of each lies in the frame.
    let origins: [SIMD2<Int>]

    /// - Precondition: the layout fits to the size.
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

    /// A column of extended faces.
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
    }

    /// The same pictures at another size.
    func resized(width: Int, height: Int) -> SpherePanels {
        SpherePanels(projection, width: width, height: height, origins: origins)
    }

    /// Pixels of 90 degrees at the horizon, about.
    var density: Double {
        switch projection {
        case .equirectangular: Double(width) / 4
        case .faces(let extent): Double(width) / extent
        }
    }

    /// What the pixel (x, y) of a panel shows; pixel centres lie at whole numbers, and beyond the edges it goes on.
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

    /// The pixel of an equirectangular picture that shows a ray.
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

    /// A place where a ray is shown, and how much of what is seen there comes from it.
    struct Share {
        let panel: Int
        let x: Double
        let y: Double
        let weight: Double
    }

    /// Where a ray is shown: first the picture that it belongs to, then those that reach there too. The weights add up to 1.
    func shares(of ray: Ray) -> [Share] {
        guard case .faces(let extent) = projection else {
            let pixel = longitudeAndLatitude(of: ray)
            return [Share(panel: 0, x: pixel.x, y: pixel.y, weight: 1)]
        }
        let first = CubeFace(of: ray)
        let profile = OverlapProfile(extent: extent)
        var shares: [Share] = []
        if let place = first.place(of: ray) {
            let pixel = pixel(u: place.u, v: place.v, extent: extent)
            let weight = profile.weight(u: place.u, v: place.v)
            shares.append(Share(panel: first.rawValue, x: pixel.x, y: pixel.y, weight: weight))
            // Where it counts fully, no other reaches.
            if weight >= 1 { return shares }
        }
        for face in CubeFace.allCases where face != first {
            guard let place = face.place(of: ray) else { continue }
            let weight = profile.weight(u: place.u, v: place.v)
            guard weight > 0 else { continue }
            let pixel = pixel(u: place.u, v: place.v, extent: extent)
            shares.append(Share(panel: face.rawValue, x: pixel.x, y: pixel.y, weight: weight))
        }
        let sum = shares.reduce(0) { $0 + $1.weight }
        return shares.map { Share(panel: $0.panel, x: $0.x, y: $0.y, weight: $0.weight / sum) }
    }

    /// The picture that a ray belongs to, and where in it.
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
