import Imaging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A picture of a flow by the colour wheel of Baker et al., "A Database and Evaluation Methodology for Optical Flow"
/// (2011): direction is hue, length is saturation, no motion is white, unknown vectors are black.
/// - Parameter maximum: the length in pixels that has full saturation; longer vectors are darker. nil: the longest
///   vector of this flow.
/// - Returns: red, green, blue in 0...255.
public func flowColors(_ flow: FlowField, maximum: Float? = nil, threads: Int = 0) -> Image {
    let scale = 1 / max(maximum ?? longestVector(flow), 1e-6)
    let count = flow.width * flow.height
    return Image(width: flow.width, height: flow.height) { target in
        flow.u.withUnsafeBufferPointer { u in
            flow.v.withUnsafeBufferPointer { v in
                parallelRows(flow.height, threads: threads) { rows in
                    for i in rows.lowerBound * flow.width..<rows.upperBound * flow.width {
                        let color = ColorWheel.color(u[i] * scale, v[i] * scale, known: isKnown(u[i], v[i]))
                        target[i] = color.x
                        target[count + i] = color.y
                        target[2 * count + i] = color.z
                    }
                }
            }
        }
    }
}

/// Whether a vector is known: Middlebury's files mark unknown ones by values above 1e9.
func isKnown(_ u: Float, _ v: Float) -> Bool { abs(u) < 1e9 && abs(v) < 1e9 }

/// The length of the longest known vector.
public func longestVector(_ flow: FlowField) -> Float {
    var longest: Float = 0
    for (u, v) in zip(flow.u, flow.v) where isKnown(u, v) { longest = max(longest, u * u + v * v) }
    return longest.squareRoot()
}

/// 55 colours round the circle: red to yellow in 15 steps, yellow to green 6, green to cyan 4, cyan to blue 11, blue to
/// magenta 13, magenta to red 6; steps follow how well eyes tell the hues apart.
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
                // Whole values, as the published wheel has them.
                colors.append(corner + ((next - corner) * Float(step) / steps).rounded(.towardZero))
            }
        }
        return colors
    }()

    static func color(_ u: Float, _ v: Float, known: Bool) -> SIMD3<Float> {
        guard known else { return .zero }
        let length = (u * u + v * v).squareRoot()
        let place = (atan2(-v, -u) / .pi + 1) / 2 * Float(colors.count - 1)
        let low = min(Int(place), colors.count - 1)
        let fraction = place - Float(low)
        let hue = (colors[low] * (1 - fraction) + colors[low + 1 < colors.count ? low + 1 : 0] * fraction) / 255
        let color = (length <= 1 ? 1 - length * (1 - hue) : hue * 0.75) * 255
        // Rounded down: nothing is negative.
        return SIMD3<Float>(SIMD3<Int32>(color))
    }
}
