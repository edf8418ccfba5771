import Flow
import Imaging

/// Where a frame's pixels were in the frame before, as far as it is known.
struct FrameMotion: Sendable {
    /// From this frame to the one before, at any resolution.
    let flow: FlowField
    /// Of `flow`, 0...1, at any resolution.
    let certainty: Plane<Float>

    /// The motion for warping pictures of a size.
    ///
    /// - Parameter parts: how many of them lie one below the other in a frame.
    func resized(width: Int, height: Int, parts: Int = 1, threads: Int) -> FrameMotion {
        let scale = max(1, Float(width) / Float(max(flow.width, 1)))
        let flow = flow.resized(width: width, height: height, parts: parts, threads: threads)
        let certainty = certainty.minimumResized(width: width, height: height, parts: parts, threads: threads)
        let reach = Int((Self.borderReach * scale).rounded(.up))
        return FrameMotion(
            flow: flow,
            certainty: certainty.trustedUpToTheBorder(
                of: flow, reach: reach, parts: parts, threads: threads))
    }

    /// The check cannot interpolate at the border, which costs a pixel; a minimum filter of 7 pixels makes them 4.
    private static let borderReach: Float = 4
}

extension Plane where Value == Float {
    /// The certainty of a flow for warping, which repeats the picture's border where it samples beyond it.
    ///
    /// The check calls uncertain whatever it cannot interpolate, the last column and row even where nothing moves, and the
    /// minimum filter widens that to a strip. Painted anew in each frame, it would show as a frame around the picture. So
    /// a pixel that comes from within `reach` of the border is as certain as the one `reach` farther inside, which no such
    /// strip gets at. What comes from beyond the border stays uncertain.
    ///
    /// - Parameters:
    ///   - flow: of the same size.
    ///   - reach: pixels that check and minimum filter spread the border's uncertainty by.
    ///   - parts: how many pictures lie one below the other in it, each with borders of its own.
    func trustedUpToTheBorder(of flow: FlowField, reach: Int, parts: Int = 1, threads: Int) -> Plane<Float> {
        let least = rows(ofParts: parts, in: height).map(\.count).min() ?? 0
        guard flow.width == width, flow.height == height, width > 2 * reach, least > 2 * reach else { return self }
        return Plane(width: width, height: height) { target in
            values.withUnsafeBufferPointer { source in
                flow.u.withUnsafeBufferPointer { u in
                    flow.v.withUnsafeBufferPointer { v in
                        guard let target = target.baseAddress, let source = source.baseAddress,
                            let u = u.baseAddress, let v = v.baseAddress
                        else { return }
                        parallelRows(height, parts: parts, threads: threads) { part, rows in
                            let first = part.lowerBound * width
                            trust(
                                rows, of: part.count, width: width, u: u + first, v: v + first, reach: reach,
                                source: source + first, target: target + first)
                        }
                    }
                }
            }
        }
    }
}

/// Rows of a picture that is `height` high.
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
            // Nearly every pixel: far from the border.
            if horizontal.contains(placeX), vertical.contains(placeY) { continue }
            guard let stepX = inward(placeX, length: width, reach: reach),
                let stepY = inward(placeY, length: height, reach: reach), stepX != 0 || stepY != 0
            else { continue }
            let inner = min(max(y + stepY, 0), height - 1) * width + min(max(x + stepX, 0), width - 1)
            target[index] = max(source[index], source[inner])
        }
    }
}

/// How far to step to leave the strip along the border that `place` lies in: 0 where it lies in none, nil where it lies
/// beyond the border. A pixel's area reaches half a pixel out.
private func inward(_ place: Float, length: Int, reach: Int) -> Int? {
    let last = Float(length - 1)
    if !(place >= -0.5 && place <= last + 0.5) { return nil }
    if place < Float(reach) { return reach }
    return place > last - Float(reach) ? -reach : 0
}
