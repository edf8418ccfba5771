/// A direction in camera space: x right, y down, z forward. Need not be normalised.
public typealias Ray = SIMD3<Double>

/// The six faces of the cube around the camera, in the order in which they are stored in frames.
///
/// Order and orientation match ffmpeg's filter `v360` (`rludfb`). The four faces on the horizon are upright. The front
/// face is below the up face and above the down face, as in a cross layout. The centre of an equirectangular frame is
/// the centre of the front face.
///
/// Positions on a face are given by u (right) and v (down), both -1...1 from edge to edge; values beyond that lie in
/// the same plane.
public enum CubeFace: Int, CaseIterable, Sendable {
    case right, left, up, down, front, back

    /// Directions of u, v and the face's centre.
    var axes: (u: Ray, v: Ray, middle: Ray) {
        switch self {
        case .right: ([0, 0, -1], [0, 1, 0], [1, 0, 0])
        case .left: ([0, 0, 1], [0, 1, 0], [-1, 0, 0])
        case .up: ([1, 0, 0], [0, 0, 1], [0, -1, 0])
        case .down: ([1, 0, 0], [0, 0, -1], [0, 1, 0])
        case .front: ([1, 0, 0], [0, 1, 0], [0, 0, 1])
        case .back: ([-1, 0, 0], [0, 1, 0], [0, 0, -1])
        }
    }

    /// The direction of position (u, v) in the face's plane; its length is 1 at the centre and greater elsewhere.
    public func ray(u: Double, v: Double) -> Ray {
        let axes = axes
        return axes.middle + u * axes.u + v * axes.v
    }

    /// Intersection of a ray with the face's plane (paper equation 22); nil if there is none.
    public func place(of ray: Ray) -> (u: Double, v: Double)? {
        let axes = axes
        let depth = (ray * axes.middle).sum()
        guard depth > 0 else { return nil }
        return ((ray * axes.u).sum() / depth, (ray * axes.v).sum() / depth)
    }

    /// The face that a ray hits; on an edge, the first in order.
    public init(of ray: Ray) {
        let (x, y, z) = (abs(ray.x), abs(ray.y), abs(ray.z))
        if x >= y && x >= z {
            self = ray.x >= 0 ? .right : .left
        } else if y >= z {
            self = ray.y >= 0 ? .down : .up
        } else {
            self = ray.z >= 0 ? .front : .back
        }
    }

    /// An edge of a face, as seen in its image.
    public enum Edge: CaseIterable, Sendable {
        case left, right, top, bottom

        /// Position of the edge's midpoint on the face.
        var middle: (u: Double, v: Double) {
            switch self {
            case .left: (-1, 0)
            case .right: (1, 0)
            case .top: (0, -1)
            case .bottom: (0, 1)
            }
        }
    }

    /// The adjacent face across an edge.
    public func neighbor(across edge: Edge) -> CubeFace {
        // A point slightly beyond the edge.
        CubeFace(of: ray(u: edge.middle.u * 1.5, v: edge.middle.v * 1.5))
    }

    /// The edge shared with `other`; nil for the face itself and the opposite face.
    public func edge(to other: CubeFace) -> Edge? {
        Edge.allCases.first { neighbor(across: $0) == other }
    }
}
