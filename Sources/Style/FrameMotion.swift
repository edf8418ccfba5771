import Flow
import Imaging

/// Where a frame's pixels were in the frame before, as far as it is known.
struct FrameMotion: Sendable {
    /// From this frame to the one before, at any resolution.
    let flow: FlowField
    /// Of `flow`, 0...1, at any resolution.
    let certainty: Plane<Float>

    /// The motion for warping pictures of a size.
    func resized(width: Int, height: Int, threads: Int) -> FrameMotion {
        let scale = max(1, Float(width) / Float(max(flow.width, 1)))
        let flow = flow.resized(width: width, height: height, threads: threads)
        let certainty = certainty.minimumResized(width: width, height: height, threads: threads)
        let reach = Int((Self.borderReach * scale).rounded(.up))
        return FrameMotion(
            flow: flow, certainty: certainty.trustedUpToTheBorder(of: flow, reach: reach, threads: threads))
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
    func trustedUpToTheBorder(of flow: FlowField, reach: Int, threads: Int) -> Plane<Float> {
        guard flow.width == width, flow.height == height, width > 2 * reach, height > 2 * reach else { return self }
        var result = self
        let width = width
        let height = height
        let horizontal = Float(reach)...Float(width - 1 - reach)
        let vertical = Float(reach)...Float(height - 1 - reach)
        result.values.withUnsafeMutableBufferPointer { target in
            nonisolated(unsafe) let target = target
            parallelRows(height, threads: threads) { rows in
                for y in rows {
                    for x in 0..<width {
                        let index = y * width + x
                        // Nearly every pixel: far from the border.
                        if horizontal.contains(Float(x) + flow.u[index]), vertical.contains(Float(y) + flow.v[index]) {
                            continue
                        }
                        let stepX = inward(Float(x) + flow.u[index], length: width, reach: reach)
                        let stepY = inward(Float(y) + flow.v[index], length: height, reach: reach)
                        guard let stepX, let stepY, stepX != 0 || stepY != 0 else { continue }
                        let inner = min(max(y + stepY, 0), height - 1) * width + min(max(x + stepX, 0), width - 1)
                        target[index] = max(target[index], values[inner])
                    }
                }
            }
        }
        return result
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
