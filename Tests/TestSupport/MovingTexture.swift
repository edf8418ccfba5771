import Glibc
import Imaging

/// A smooth image with exact sub-pixel values: a sum of waves of 16 to 200 pixels in all directions, with amplitudes
/// that grow with the wavelength, as in natural images.
public struct MovingTexture: Sendable {
    private var waves: [(x: Double, y: Double, phase: Double, height: Double)] = []

    public init(seed: UInt64 = 1) {
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

    public func value(_ x: Double, _ y: Double) -> Double {
        waves.reduce(128) { $0 + $1.height * sin($1.x * x + $1.y * y + $1.phase) }
    }

    /// The texture sampled at the point `map(x, y)` for pixel (x, y).
    public func frame(width: Int, height: Int, map: (Double, Double) -> (Double, Double) = { ($0, $1) }) -> Plane<
        UInt8
    > {
        var plane = Plane<UInt8>(width: width, height: height, repeating: 0)
        for y in 0..<height {
            for x in 0..<width {
                let (atX, atY) = map(Double(x), Double(y))
                plane[x, y] = UInt8(max(0, min(255, value(atX, atY).rounded())))
            }
        }
        return plane
    }
}

/// An affine motion: pixel (x, y), relative to the centre, shows the texture at offset + linear * (x, y).
public struct AffineMotion: Sendable, CustomStringConvertible {
    /// The kind of motion.
    public let description: String
    let scale: Double
    let degrees: Double
    let shift: (x: Double, y: Double)

    /// - Parameters:
    ///   - scale: scale factor about the centre.
    ///   - degrees: clockwise rotation about the centre.
    ///   - shift: translation in pixels to the right and down.
    public init(name: String, scale: Double = 1, degrees: Double = 0, shift: (x: Double, y: Double) = (0, 0)) {
        (description, self.scale, self.degrees, self.shift) = (name, scale, degrees, shift)
    }

    /// The position of pixel (x, y) of the earlier frame in the current one.
    public func moved(_ x: Double, _ y: Double, width: Int, height: Int) -> (Double, Double) {
        let (centerX, centerY) = (Double(width - 1) / 2, Double(height - 1) / 2)
        let (c, s) = (scale * cos(degrees * .pi / 180), scale * sin(degrees * .pi / 180))
        let (dx, dy) = (x - centerX, y - centerY)
        return (centerX + c * dx - s * dy + shift.x, centerY + s * dx + c * dy + shift.y)
    }

    /// The position of pixel (x, y) of the current frame in the earlier one.
    public func origin(_ x: Double, _ y: Double, width: Int, height: Int) -> (Double, Double) {
        let (centerX, centerY) = (Double(width - 1) / 2, Double(height - 1) / 2)
        let (c, s) = (cos(degrees * .pi / 180) / scale, sin(degrees * .pi / 180) / scale)
        let (dx, dy) = (x - centerX - shift.x, y - centerY - shift.y)
        return (centerX + c * dx + s * dy, centerY - s * dx + c * dy)
    }
}
