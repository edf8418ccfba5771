import Glibc

/// How the share of an extended face falls off across the region that its neighbour shows too.
///
/// That region lies between the places 1 / extent, where the neighbour ends, and extent, where the face ends itself. In
/// angle it is the same on both sides of the cut edge, and so is the profile.
struct OverlapProfile: Sendable, Equatable {
    private let extent: Double
    /// Angle at which the face ends, and that which the region spans.
    private let outer: Double
    private let width: Double

    /// - Parameter extent: u and v at the edges of extended faces, at least 1.
    init(extent: Double) {
        self.extent = extent
        outer = atan(extent)
        width = outer - atan(1 / extent)
    }

    /// How far a place lies within the region: 0 where the face ends, 1 where the neighbour ends, and not beyond.
    func depth(u: Double, v: Double) -> Double {
        let place = max(abs(u), abs(v))
        if place * extent <= 1 { return 1 }
        // Without overlap there is no region, only an edge.
        guard width > 1e-9 else { return place <= extent + 1e-9 ? 1 : 0 }
        return place < extent ? (outer - atan(place)) / width : 0
    }

    /// The face's share: 1 where the neighbour ends, falling smoothly to 0 where the face ends.
    func weight(u: Double, v: Double) -> Double { smoothStep(depth(u: u, v: v)) }
}

/// From 0 to 1 as `t` does, starting and ending level.
func smoothStep<Value: BinaryFloatingPoint>(_ t: Value) -> Value { t * t * (3 - 2 * t) }
