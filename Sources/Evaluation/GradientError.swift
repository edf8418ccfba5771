import Imaging
import Sphere

/// Gradient strength along the seams of a sphere, relative to the whole sphere (paper A.9, equation 23): 1 is average,
/// higher values are visible seams.
///
/// It is measured on the cube faces, since only there seams are straight lines and pixels are those that were stylized.
/// An equirectangular image is split into faces first.
public struct GradientError: Sendable, Equatable, Codable {
    /// Along the cube edges, two pixels wide: one on each face.
    public var cutEdges: Double
    /// Along the inner edges of the borders that a face took from earlier faces, four pixels wide; 1 without overlap.
    public var innerEdges: Double

    /// Mean of both.
    public var mean: Double { (cutEdges + innerEdges) / 2 }

    package init(cutEdges: Double, innerEdges: Double) {
        self.cutEdges = cutEdges
        self.innerEdges = innerEdges
    }

    /// Measures a batch of extended faces, each cropped at the cube edges: without the smoothing of a joiner.
    ///
    /// - Parameters:
    ///   - column: batch of six stacked faces, in picture or network space.
    ///   - order: order in which the faces were stylized; later ones took the borders of earlier ones.
    /// - Precondition: `column` has the geometry's size.
    public init(column: Image, geometry: CubeGeometry, order: [CubeFace] = FaceSequence.order) {
        precondition(
            column.width == geometry.columnWidth && column.height == geometry.columnHeight,
            "a gradient error needs a column of the geometry's size")
        let faces = CubeFace.allCases.map { face in
            SeamedFace(
                of: column, x: geometry.overlap, y: geometry.rows(of: face).lowerBound + geometry.overlap,
                size: geometry.faceSize)
        }
        self.init(faces: faces, extent: geometry.extent, order: order)
    }

    /// Measures a joined sphere.
    ///
    /// - Parameters:
    ///   - geometry: of the faces that were stylized.
    ///   - order: order in which the faces were stylized; later ones took the borders of earlier ones.
    /// - Throws: `SphereError` if an image of this size cannot have the layout.
    public init(
        sphere: Image, layout: SphereLayout, geometry: CubeGeometry, order: [CubeFace] = FaceSequence.order
    ) throws(SphereError) {
        let plain = try CubeGeometry(faceSize: geometry.faceSize, overlap: 0)
        let column = try CubeSplitter(from: layout, width: sphere.width, height: sphere.height, to: plain).split(sphere)
        let faces = CubeFace.allCases.map {
            SeamedFace(of: column, x: 0, y: plain.rows(of: $0).lowerBound, size: plain.faceSize)
        }
        self.init(faces: faces, extent: geometry.extent, order: order)
    }

    private init(faces: [SeamedFace], extent: Double, order: [CubeFace]) {
        var gradients = GradientSums()
        for face in CubeFace.allCases {
            var image = faces[face.rawValue]
            image.addEdges(of: face, from: faces)
            let earlier = order.prefix { $0 != face }
            let inner = extent > 1 ? CubeFace.Edge.allCases.filter { earlier.contains(face.neighbor(across: $0)) } : []
            gradients.add(image, innerEdges: inner, at: 1 / extent)
        }
        cutEdges = gradients.ratio(\.cut)
        innerEdges = gradients.ratio(\.inner)
    }
}

/// A face padded with one pixel on each side.
private struct SeamedFace {
    let size: Int
    let channels: Int
    /// `channels` planes of (size + 2)^2 samples.
    private var samples: [Float]

    init(of column: Image, x: Int, y: Int, size: Int) {
        self.size = size
        channels = column.channels
        let width = size + 2
        samples = Array(repeating: 0, count: channels * width * width)
        for channel in 0..<channels {
            for row in 0..<size {
                let source = (channel * column.height + y + row) * column.width + x
                let target = (channel * width + row + 1) * width + 1
                samples.replaceSubrange(target..<target + size, with: column.samples[source..<source + size])
            }
        }
    }

    /// Coordinates from -1 to `size`.
    subscript(channel: Int, x: Int, y: Int) -> Float {
        get { samples[(channel * (size + 2) + y + 1) * (size + 2) + x + 1] }
        set { samples[(channel * (size + 2) + y + 1) * (size + 2) + x + 1] = newValue }
    }

    /// Fills the padding with the adjacent pixels of the neighbours.
    mutating func addEdges(of face: CubeFace, from faces: [SeamedFace]) {
        for edge in CubeFace.Edge.allCases {
            let neighbor = face.neighbor(across: edge)
            for i in 0..<size {
                let along = Double(2 * i + 1) / Double(size) - 1
                let (position, x, y) =
                    switch edge {
                    case .left: ((u: -1.0, v: along), -1, i)
                    case .right: ((u: 1.0, v: along), size, i)
                    case .top: ((u: along, v: -1.0), i, -1)
                    case .bottom: ((u: along, v: 1.0), i, size)
                    }
                guard let there = neighbor.place(of: face.ray(u: position.u, v: position.v)) else { continue }
                let (column, row) = (pixel(there.u), pixel(there.v))
                for channel in 0..<channels { self[channel, x, y] = faces[neighbor.rawValue][channel, column, row] }
            }
        }
    }

    private func pixel(_ coordinate: Double) -> Int {
        min(max(Int(((coordinate + 1) / 2 * Double(size)).rounded(.down)), 0), size - 1)
    }

    /// The largest absolute central difference over all channels, horizontal and vertical.
    func gradient(x: Int, y: Int) -> (x: Double, y: Double) {
        var (across, down) = (Float(0), Float(0))
        for channel in 0..<channels {
            across = max(across, abs(self[channel, x + 1, y] - self[channel, x - 1, y]) / 2)
            down = max(down, abs(self[channel, x, y + 1] - self[channel, x, y - 1]) / 2)
        }
        return (Double(across), Double(down))
    }
}

/// Sums of horizontal and vertical gradients: over all pixels, and over pixels near seams perpendicular to the
/// gradient.
private struct GradientSums {
    struct Sum {
        var x = 0.0
        var y = 0.0
        var countX = 0
        var countY = 0
    }

    var all = Sum()
    var cut = Sum()
    var inner = Sum()

    /// - Parameter position: position of the inner edges, between 0 (centre) and 1 (cube edge).
    mutating func add(_ face: SeamedFace, innerEdges: [CubeFace.Edge], at position: Double) {
        let size = face.size
        let high = Int(((position + 1) / 2 * Double(size)).rounded())
        let (highInner, lowInner) = (high - 2..<high + 2, size - high - 2..<size - high + 2)
        for y in 0..<size {
            for x in 0..<size {
                let gradient = face.gradient(x: x, y: y)
                all.x += gradient.x
                all.y += gradient.y
                all.countX += 1
                all.countY += 1
                if x == 0 || x == size - 1 { cut.add(x: gradient.x) }
                if y == 0 || y == size - 1 { cut.add(y: gradient.y) }
                for edge in innerEdges {
                    switch edge {
                    case .left: if lowInner.contains(x) { inner.add(x: gradient.x) }
                    case .right: if highInner.contains(x) { inner.add(x: gradient.x) }
                    case .top: if lowInner.contains(y) { inner.add(y: gradient.y) }
                    case .bottom: if highInner.contains(y) { inner.add(y: gradient.y) }
                    }
                }
            }
        }
    }

    /// Equation 23; 1 if there is nothing to compare.
    func ratio(_ region: KeyPath<GradientSums, Sum>) -> Double {
        let near = self[keyPath: region]
        guard near.countX + near.countY > 0 else { return 1 }
        // The ratio in each direction, weighted by its number of pixels; 1 for a uniform image.
        let x = all.x > 0 ? near.x / (all.x / Double(all.countX)) : Double(near.countX)
        let y = all.y > 0 ? near.y / (all.y / Double(all.countY)) : Double(near.countY)
        return (x + y) / Double(near.countX + near.countY)
    }
}

extension GradientSums.Sum {
    fileprivate mutating func add(x gradient: Double) {
        x += gradient
        countX += 1
    }

    fileprivate mutating func add(y gradient: Double) {
        y += gradient
        countY += 1
    }
}
