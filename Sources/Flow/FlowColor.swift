import Imaging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Colour-codes a flow as in Baker et al., "A Database and Evaluation Methodology for Optical Flow" (2011): hue is
/// direction, saturation is length, white is no motion, black is an unknown vector.
/// - Parameter maximum: vector length at full saturation, in pixels; longer vectors are darker. nil: the longest vector
///   of this flow.
/// - Returns: red, green, blue in 0...255.
public func flowColors(_ flow: FlowField, maximum: Float? = nil, threads: Int = 0) -> Image {
    let scale = 1 / max(maximum ?? longestVector(flow), 1e-6)
    let count = flow.width * flow.height
    return Image(width: flow.width, height: flow.height) { target in
        guard let target = target.baseAddress else { return }
        flow.u.withUnsafeBufferPointer { u in
            flow.v.withUnsafeBufferPointer { v in
                ColorWheel.colors.withUnsafeBufferPointer { wheel in
                    parallelRows(flow.height, threads: threads) { rows in
                        for i in rows.lowerBound * flow.width..<rows.upperBound * flow.width {
                            paint(u[i] * scale, v[i] * scale, known: isKnown(u[i], v[i]), wheel, target + i, count)
                        }
                    }
                }
            }
        }
    }
}

/// Whether a vector is known: Middlebury files mark unknown vectors by values above 1e9.
func isKnown(_ u: Float, _ v: Float) -> Bool { abs(u) < 1e9 && abs(v) < 1e9 }

/// Length of the longest known vector, in pixels.
public func longestVector(_ flow: FlowField) -> Float {
    var longest: Float = 0
    for (u, v) in zip(flow.u, flow.v) where isKnown(u, v) { longest = max(longest, u * u + v * v) }
    return longest.squareRoot()
}

/// The 55 colours of the wheel: red to yellow in 15 steps, yellow to green 6, green to cyan 4, cyan to blue 11, blue to
/// magenta 13, magenta to red 6. The steps follow how well the eye separates hues.
private enum ColorWheel {
    static let colors: [SIMD3<Float>] = {
        let corners: [(SIMD3<Float>, steps: Float)] = [
            ([255, 0, 0], 15), ([255, 255, 0], 6), ([0, 255, 0], 4), ([0, 255, 255], 11), ([0, 0, 255], 13),
            ([255, 0, 255], 6),
        ]
        var colors: [SIMD3<Float>] = []
        for (index, (corner, steps)) in corners.enumerated() {
            let next = corners[(index + 1) % corners.count].0
            for step in 0..<Int(steps) {
                // Integers, as in the published wheel.
                colors.append(corner + ((next - corner) * Float(step) / steps).rounded(.towardZero))
            }
        }
        return colors
    }()
}

/// Writes the colour of one vector to three planes that are `planeStride` values apart. The vector has length 1 at full
/// saturation.
@inline(__always)
private func paint(
    _ u: Float, _ v: Float, known: Bool, _ wheel: UnsafeBufferPointer<SIMD3<Float>>,
    _ target: UnsafeMutablePointer<Float>, _ planeStride: Int
) {
    let length = (u * u + v * v).squareRoot()
    let position = known ? (atan2(-v, -u) / .pi + 1) / 2 * Float(wheel.count - 1) : 0
    let low = min(Int(position), wheel.count - 1)
    let fraction = position - Float(low)
    let (before, after) = (wheel[low], wheel[low + 1 < wheel.count ? low + 1 : 0])
    for channel in 0..<3 {
        let color = (before[channel] * (1 - fraction) + after[channel] * fraction) / 255
        let value = length <= 1 ? 1 - length * (1 - color) : color * 0.75
        // Rounded down, as in the reference implementation.
        target[channel * planeStride] = known ? Float(Int32(value * 255)) : 0
    }
}
