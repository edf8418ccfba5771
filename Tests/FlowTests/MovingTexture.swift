import Glibc
import Imaging
import TestSupport
import Testing

/// A smooth picture that is known between its pixels too: a sum of waves of 16 to 200 pixels in all directions, the
/// longer the higher, as in nature.
struct MovingTexture {
    private var waves: [(x: Double, y: Double, phase: Double, height: Double)] = []

    init(seed: UInt64 = 1) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<40 {
            let length = 16 * exp(Double.random(in: 0...log(12.5), using: &generator))
            let angle = Double.random(in: 0...(2 * .pi), using: &generator)
            waves.append(
                (
                    2 * .pi / length * cos(angle), 2 * .pi / length * sin(angle),
                    Double.random(in: 0...(2 * .pi), using: &generator), 1.3 * length.squareRoot()
                ))
        }
    }

    func value(_ x: Double, _ y: Double) -> Double {
        waves.reduce(128) { $0 + $1.height * sin($1.x * x + $1.y * y + $1.phase) }
    }

    /// The texture with its point `place(x, y)` at pixel (x, y).
    func frame(width: Int, height: Int, place: (Double, Double) -> (Double, Double) = { ($0, $1) }) -> Plane<UInt8> {
        var plane = Plane<UInt8>(width: width, height: height, repeating: 0)
        for y in 0..<height {
            for x in 0..<width {
                let (atX, atY) = place(Double(x), Double(y))
                plane[x, y] = UInt8(max(0, min(255, value(atX, atY).rounded())))
            }
        }
        return plane
    }
}

/// Pixel (x, y) shows the texture's point (offset + linear part times (x, y)), seen from the picture's centre.
struct AffineMotion: Sendable, CustomTestStringConvertible {
    var name: String
    var scale = 1.0
    var degrees = 0.0
    var shift = (x: 0.0, y: 0.0)

    var testDescription: String { name }

    /// Where pixel (x, y) of the earlier frame is in the current one.
    func moved(_ x: Double, _ y: Double, width: Int, height: Int) -> (Double, Double) {
        let (centerX, centerY) = (Double(width - 1) / 2, Double(height - 1) / 2)
        let (c, s) = (scale * cos(degrees * .pi / 180), scale * sin(degrees * .pi / 180))
        let (dx, dy) = (x - centerX, y - centerY)
        return (centerX + c * dx - s * dy + shift.x, centerY + s * dx + c * dy + shift.y)
    }

    /// The other way.
    func origin(_ x: Double, _ y: Double, width: Int, height: Int) -> (Double, Double) {
        let (centerX, centerY) = (Double(width - 1) / 2, Double(height - 1) / 2)
        let (c, s) = (cos(degrees * .pi / 180) / scale, sin(degrees * .pi / 180) / scale)
        let (dx, dy) = (x - centerX - shift.x, y - centerY - shift.y)
        return (centerX + c * dx + s * dy, centerY - s * dx + c * dy)
    }
}
