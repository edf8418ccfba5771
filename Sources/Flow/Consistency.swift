import CKernels
import Imaging

/// The occlusion check: finds pixels whose flow is unreliable. These are pixels that leave the frame, disocclusions
/// (forward and backward flow disagree), and motion boundaries. Paper equations 5 to 7.
public struct ConsistencyCheck: Sendable, Equatable {
    /// Factor of |w|^2 + |w'|^2 in the limit for |w + w'|^2 (equation 6).
    public var scale: Float
    /// Constant term of that limit, in squared pixels.
    public var offset: Float
    /// Factor of |w|^2 in the limit for the squared gradient of the flow (equation 7).
    public var boundaryScale: Float
    /// Constant term of that limit.
    public var boundaryOffset: Float
    /// Whether motion boundaries are marked uncertain.
    public var motionBoundaries: Bool

    /// The defaults are the limits of the paper.
    public init(
        scale: Float = 0.01, offset: Float = 0.5, boundaryScale: Float = 0.01, boundaryOffset: Float = 0.002,
        motionBoundaries: Bool = true
    ) {
        self.scale = scale
        self.offset = offset
        self.boundaryScale = boundaryScale
        self.boundaryOffset = boundaryOffset
        self.motionBoundaries = motionBoundaries
    }

    /// The certainty of `flow`: 1 where it is reliable, 0 elsewhere, in the frame where `flow` starts.
    ///
    /// A pixel is uncertain in three cases. Its target, or the target's right or lower neighbour, lies outside the
    /// frame. Or |w + w'|^2 is not below `scale` (|w|^2 + |w'|^2) + `offset`, with the reverse flow w' sampled
    /// bilinearly at the target. Or the squared gradient of w (halved central differences, border repeated) is above
    /// `boundaryScale` |w|^2 + `boundaryOffset`. Non-finite vectors are uncertain.
    ///
    /// - Precondition: both flows have the same size.
    public func certainty(of flow: FlowField, reverse: FlowField, threads: Int = 0) -> Plane<Float> {
        precondition(
            flow.width == reverse.width && flow.height == reverse.height, "a check needs two flows of one size")
        let limits = kernel_consistency(
            scale: scale, offset: offset, boundary_scale: boundaryScale, boundary_offset: boundaryOffset,
            boundaries: motionBoundaries ? 1 : 0)
        var result = Plane<Float>(width: flow.width, height: flow.height) { certainty in
            guard let certainty = certainty.baseAddress else { return }
            flow.withKernelFlow { kernelFlow in
                reverse.withKernelFlow { reverse in
                    parallelRows(flow.height, batchSize: flow.batchSize, threads: threads) { image, rows in
                        kernel_check_flow(
                            kernelFlow.image(image), reverse.image(image), limits,
                            certainty + image.lowerBound * flow.width, Int32(rows.lowerBound), Int32(rows.upperBound))
                    }
                }
            }
        }
        result.batchSize = flow.batchSize
        return result
    }
}

extension kernel_flow {
    /// The image of a batch that has the given rows.
    func image(_ rows: Range<Int>) -> kernel_flow {
        let first = rows.lowerBound * Int(width)
        return kernel_flow(u: u + first, v: v + first, width: width, height: Int32(rows.count))
    }
}

extension FlowField {
    func withKernelFlow(_ body: (kernel_flow) -> Void) {
        u.withUnsafeBufferPointer { u in
            v.withUnsafeBufferPointer { v in
                body(kernel_flow(u: u.baseAddress, v: v.baseAddress, width: Int32(width), height: Int32(height)))
            }
        }
    }
}
