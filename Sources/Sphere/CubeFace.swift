/// A direction in camera space: x to the right, y down, z forward. Of any length.
public typealias Ray = SIMD3<Double>

/// The six faces of the cube around the camera, in the order in which they lie in frames.
///
/// Order and orientation are those of ffmpeg's filter `v360` (`rludfb`). The four faces on the horizon stand upright. What is up
/// is shown with the front below it, and what is down with the front above it, so that they fit to the front face
/// in a cross. The middle of an equirectangular frame is the middle of the front face.
///
/// Places on a face are given by u, to the right, and v, down, both -1...1 from edge to edge; beyond that they go on in
/// the same plane.
public enum CubeFace: Int, CaseIterable, Sendable {
    case right, left, up, down, front, back

    /// The directions of its u, its v and its middle.
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

    /// The direction of the place (u, v) of its plane; of length 1 in the middle, and longer elsewhere.
    public func ray(u: Double, v: Double) -> Ray {
        let axes = axes
        return axes.middle + u * axes.u + v * axes.v
    }

    /// Where a ray meets its plane (paper equation 22); nil for one that does not.
    public func place(of ray: Ray) -> (u: Double, v: Double)? {
        let axes = axes
        let depth = (ray * axes.middle).sum()
        guard depth > 0 else { return nil }
        return ((ray * axes.u).sum() / depth, (ray * axes.v).sum() / depth)
    }

    /// The face that a ray points to; on an edge, the first in order.
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

    /// An edge of a face, as it is seen in its picture.
    public enum Edge: CaseIterable, Sendable {
        case left, right, top, bottom

        /// Where its middle is on the face.
        var middle: (u: Double, v: Double) {
            switch self {
            case .left: (-1, 0)
            case .right: (1, 0)
            case .top: (0, -1)
            case .bottom: (0, 1)
            }
        }
    }

    /// The face on the other side of an edge.
    public func neighbor(across edge: Edge) -> CubeFace {
        // A little beyond the edge.
        CubeFace(of: ray(u: edge.middle.u * 1.5, v: edge.middle.v * 1.5))
    }

    /// The edge that it shares with `other`; nil for itself and the opposite face.
    public func edge(to other: CubeFace) -> Edge? {
        Edge.allCases.first { neighbor(across: $0) == other }
    }
}
