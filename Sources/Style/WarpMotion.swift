import Flow
import Imaging

extension Motion {
    /// The motion resampled for warping at another size, from flow and certainty of any size.
    func resizedForWarp(width: Int, height: Int, threads: Int) -> Motion {
        let scale = max(1, Float(width) / Float(max(flow.width, 1)))
        var motion = resized(width: width, height: height, threads: threads)
        let reach = Int((Self.borderReach * scale).rounded(.up))
        motion.certainty = motion.certainty.certainAtBorders(of: motion.flow, reach: reach, threads: threads)
        return motion
    }

    /// The check cannot interpolate at the border, which costs one pixel; a minimum filter of size 7 adds 3.
    private static var borderReach: Float { 4 }
}

extension Plane where Value == Float {
    /// Fixes the certainty along the border, for a warp that repeats border pixels.
    ///
    /// The occlusion check marks pixels uncertain where it cannot interpolate, even the last column and row of a still
    /// scene, and the minimum filter widens this to a strip. Stylized anew in each frame, the strip would be visible as
    /// a border around the image. So a pixel whose source lies within `reach` of the border gets at least the certainty
    /// of the pixel `reach` farther inside, outside that strip. Pixels whose source lies beyond the border stay
    /// uncertain.
    ///
    /// - Parameters:
    ///   - flow: of the same size.
    ///   - reach: width of the strip, in pixels.
    func certainAtBorders(of flow: FlowField, reach: Int, threads: Int) -> Plane<Float> {
        let least = rows(ofBatch: batchSize, height: height).map(\.count).min() ?? 0
        guard flow.width == width, flow.height == height, width > 2 * reach, least > 2 * reach else { return self }
        var result = Plane<Float>(width: width, height: height) { target in
            values.withUnsafeBufferPointer { source in
                flow.u.withUnsafeBufferPointer { u in
                    flow.v.withUnsafeBufferPointer { v in
                        guard let target = target.baseAddress, let source = source.baseAddress,
                            let u = u.baseAddress, let v = v.baseAddress
                        else { return }
                        parallelRows(height, batchSize: batchSize, threads: threads) { image, rows in
                            let first = image.lowerBound * width
                            trust(
                                rows, of: image.count, width: width, u: u + first, v: v + first, reach: reach,
                                source: source + first, target: target + first)
                        }
                    }
                }
            }
        }
        result.batchSize = batchSize
        return result
    }
}

/// Processes `rows` of an image that is `height` rows high.
private func trust(
    _ rows: Range<Int>, of height: Int, width: Int, u: UnsafePointer<Float>, v: UnsafePointer<Float>, reach: Int,
    source: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>
) {
    let horizontal = Float(reach)...Float(width - 1 - reach)
    let vertical = Float(reach)...Float(height - 1 - reach)
    for y in rows {
        for x in 0..<width {
            let index = y * width + x
            target[index] = source[index]
            let (placeX, placeY) = (Float(x) + u[index], Float(y) + v[index])
            // The common case: the source is far from the border.
            if horizontal.contains(placeX), vertical.contains(placeY) { continue }
            guard let stepX = inward(placeX, length: width, reach: reach),
                let stepY = inward(placeY, length: height, reach: reach), stepX != 0 || stepY != 0
            else { continue }
            let inner = min(max(y + stepY, 0), height - 1) * width + min(max(x + stepX, 0), width - 1)
            target[index] = max(source[index], source[inner])
        }
    }
}

/// The step inwards for a source coordinate: 0 outside the border strip, nil beyond the border. Pixel areas
/// extend half a pixel beyond pixel centres.
private func inward(_ coordinate: Float, length: Int, reach: Int) -> Int? {
    let last = Float(length - 1)
    if !(coordinate >= -0.5 && coordinate <= last + 0.5) { return nil }
    if coordinate < Float(reach) { return reach }
    return coordinate > last - Float(reach) ? -reach : 0
}
