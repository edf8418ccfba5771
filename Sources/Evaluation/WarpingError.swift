import Flow
import Imaging

/// The warping error of a pair of frames: the mean over the visible pixels and all channels of the squared difference
/// between the earlier frame and the later one warped to it, for values in 0...1.
///
/// Lai et al., Learning Blind Video Temporal Consistency, ECCV 2018. In a sequence the pairs' errors are averaged with
/// equal weights; so are the sequences of a data set. As in the authors' program, a pair without visible pixels has the
/// error 0 and counts. The root of the mean error of a sequence is the `e_stab` of other papers (Gao et al., 2018).
///
/// - Parameters:
///   - earlier: values 0...255, any number of channels.
///   - warped: the later frame warped to it along the flow from `earlier`, interpolated bilinearly.
///   - visible: 1 where a pixel of `earlier` is visible in the later frame, else 0, such as by `visiblePixels`.
/// - Precondition: all have the same size.
public func warpingError(
    of earlier: Image, againstWarped warped: Image, visible: Plane<Float>, threads: Int = 0
) -> Double {
    temporalError(of: earlier, againstWarped: warped, certainty: visible, threads: threads).overConsistentPixels
}

/// The pixels of a frame that are visible where its flow points: 1, else 0.
///
/// The check of Lai et al.'s program, for a flow w = (u, v) and the reverse flow w' sampled bilinearly at the target (the
/// nearest pixel beyond the border). A pixel is not visible if |w + w'|^2 > 0.01 (|w|^2 + |w'|^2) + 0.5, or, at a motion
/// boundary, |grad u|^2 + |grad v|^2 > 0.01 |w|^2 + 0.002, with differences to the right and lower pixel, 0 at the
/// border. Vectors that are not finite are not visible.
///
/// It differs from `ConsistencyCheck`, that of the paper's program: pixels that leave the frame are only found by their
/// flow, and the boundary's differences are not centred.
///
/// - Precondition: both flows have the same size.
public func visiblePixels(of flow: FlowField, reverse: FlowField, threads: Int = 0) -> Plane<Float> {
    let (width, height, count) = (flow.width, flow.height, flow.width * flow.height)
    precondition(reverse.width == width && reverse.height == height, "a check needs two flows of one size")
    let target = Image(width: width, height: height, channels: 2, samples: reverse.u + reverse.v)
        .warped(by: flow, interpolation: .bilinear, threads: threads)
    return Plane(width: width, height: height) { visible in
        nonisolated(unsafe) let visible = visible
        parallelRows(height, threads: threads) { rows in
            for y in rows {
                for x in 0..<width {
                    let i = y * width + x
                    let (u, v) = (flow.u[i], flow.v[i])
                    let (backU, backV) = (target.samples[i], target.samples[count + i])
                    let squared = u * u + v * v
                    let backSquared = backU * backU + backV * backV
                    let (sumU, sumV) = (u + backU, v + backV)
                    let agrees = sumU * sumU + sumV * sumV <= 0.01 * (squared + backSquared) + 0.5
                    let (right, below) = (x + 1 < width ? i + 1 : i, y + 1 < height ? i + width : i)
                    let across = (flow.u[right] - u, flow.v[right] - v)
                    let down = (flow.u[below] - u, flow.v[below] - v)
                    let gradient =
                        across.0 * across.0 + across.1 * across.1 + (down.0 * down.0 + down.1 * down.1)
                    // Comparisons with NaN are false; an infinite limit would hold for anything.
                    visible[i] = squared < .infinity && agrees && gradient <= 0.01 * squared + 0.002 ? 1 : 0
                }
            }
        }
    }
}
