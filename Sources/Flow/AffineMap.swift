/// An affine map of the plane: (x, y) maps to (xx x + xy y + this x, yx x + yy y + this y).
package struct AffineMap: Sendable, Equatable {
    package var xx = 1.0
    package var xy = 0.0
    package var x = 0.0
    package var yx = 0.0
    package var yy = 1.0
    package var y = 0.0

    /// The identity map.
    package static let identity = AffineMap()

    package init() {}

    package init(xx: Double, xy: Double, x: Double, yx: Double, yy: Double, y: Double) {
        (self.xx, self.xy, self.x) = (xx, xy, x)
        (self.yx, self.yy, self.y) = (yx, yy, y)
    }

    /// Applies the map.
    package func callAsFunction(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
        (xx * x + xy * y + self.x, yx * x + yy * y + self.y)
    }

    /// The composition that applies `other` first.
    package func after(_ other: AffineMap) -> AffineMap {
        let origin = self(other.x, other.y)
        return AffineMap(
            xx: xx * other.xx + xy * other.yx, xy: xx * other.xy + xy * other.yy, x: origin.x,
            yx: yx * other.xx + yy * other.yx, yy: yx * other.xy + yy * other.yy, y: origin.y)
    }

    /// The inverse map.
    /// - Precondition: the determinant is not 0.
    package var inverse: AffineMap {
        let determinant = xx * yy - xy * yx
        precondition(determinant != 0, "a map that flattens the plane has no way back")
        var inverse = AffineMap(
            xx: yy / determinant, xy: -xy / determinant, x: 0, yx: -yx / determinant, yy: xx / determinant, y: 0)
        let origin = inverse(x, y)
        (inverse.x, inverse.y) = (-origin.x, -origin.y)
        return inverse
    }
}
