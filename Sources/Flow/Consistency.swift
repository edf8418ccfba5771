import CKernels
import Imaging

/// Which pixels of a flow can be trusted: not those that leave the picture, whose reverse flow leads elsewhere
/// (disocclusions), or where the flow jumps (motion boundaries). Paper equations 5 to 7.
public struct ConsistencyCheck: Sendable, Equatable {
    /// Of |w|^2 + |w'|^2 that |w + w'|^2 may reach (equation 6).
    public var scale: Float
    /// In squared pixels, added to it.
    public var offset: Float
    /// Of |w|^2 that the squared gradient may reach (equation 7).
    public var boundaryScale: Float
    /// Added to it.
    public var boundaryOffset: Float
    /// Whether motion boundaries are uncertain.
    public var motionBoundaries: Bool

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

    /// 1 where `flow` is certain, 0 where it is not, in the frame where `flow` starts.
    ///
    /// Uncertain is a pixel whose target or its right or lower neighbour lies outside the picture; whose
    /// |w + w'|^2 is not below `scale` (|w|^2 + |w'|^2) + `offset`, with the reverse flow w' sampled bilinearly at
    /// the target; or where the squared gradient of w (halved central differences, the border repeated) is above
    /// `boundaryScale` |w|^2 + `boundaryOffset`. Vectors that are not numbers are uncertain.
    ///
    /// - Parameter parts: how many pictures of their own lie one below the other in the frames; nothing leads from one into another.
    /// - Precondition: both flows have the same size.
    public func certainty(of flow: FlowField, reverse: FlowField, parts: Int = 1, threads: Int = 0) -> Plane<Float> {
        precondition(
            flow.width == reverse.width && flow.height == reverse.height, "a check needs two flows of one size")
        let limits = kernel_consistency(
            scale: scale, offset: offset, boundary_scale: boundaryScale, boundary_offset: boundaryOffset,
            boundaries: motionBoundaries ? 1 : 0)
        return Plane(width: flow.width, height: flow.height) { certainty in
            guard let certainty = certainty.baseAddress else { return }
            flow.withKernelFlow { kernelFlow in
                reverse.withKernelFlow { reverse in
                    parallelRows(flow.height, parts: parts, threads: threads) { part, rows in
                        kernel_check_flow(
                            kernelFlow.part(part), reverse.part(part), limits,
                            certainty + part.lowerBound * flow.width, Int32(rows.lowerBound), Int32(rows.upperBound))
                    }
                }
            }
        }
    }
}

extension kernel_flow {
    /// Some of its rows.
    func part(_ rows: Range<Int>) -> kernel_flow {
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
