import Glibc

/// Blending weight of an extended face across its overlap with a neighbour.
///
/// The overlap lies between 1 / extent, where the neighbour ends, and extent, where the face ends. Measured as an
/// angle, it is symmetric about the shared edge, and so is the profile.
struct OverlapProfile: Sendable, Equatable {
    private let extent: Double
    /// Angle at which the face ends, and angular width of the overlap.
    private let outer: Double
    private let width: Double

    /// - Parameter extent: u and v at the edges of extended faces, at least 1.
    init(extent: Double) {
        self.extent = extent
        outer = atan(extent)
        width = outer - atan(1 / extent)
    }

    /// Position across the overlap: 0 where the face ends, 1 where the neighbour ends; clamped.
    func depth(u: Double, v: Double) -> Double {
        let distance = max(abs(u), abs(v))
        if distance * extent <= 1 { return 1 }
        // Without overlap there is only an edge.
        guard width > 1e-9 else { return distance <= extent + 1e-9 ? 1 : 0 }
        return distance < extent ? (outer - atan(distance)) / width : 0
    }

    /// The face's weight: 1 where the neighbour ends, falling smoothly to 0 where the face ends.
    func weight(u: Double, v: Double) -> Double { smoothStep(depth(u: u, v: v)) }
}

/// The smoothstep function: from 0 to 1, with zero slope at both ends.
func smoothStep<Value: BinaryFloatingPoint>(_ t: Value) -> Value { t * t * (3 - 2 * t) }
