import CKernels
import Imaging

/// The range of a frame's luma around each pixel, with which other frames are compared.
struct LumaRange: Sendable {
    /// Levels by which a pixel may be outside of the range of the 3x3 pixels around its place.
    private static let tolerance: Float = 24

    private let low: Plane<UInt8>
    private let high: Plane<UInt8>
    private let mean: Float

    init(of luma: Plane<UInt8>, threads: Int = 0) {
        let (width, height) = (luma.width, luma.height)
        var (low, high) = (luma, luma)
        luma.values.withUnsafeBufferPointer { luma in
            low.values.withUnsafeMutableBufferPointer { low in
                high.values.withUnsafeMutableBufferPointer { high in
                    guard let luma = luma.baseAddress, let low = low.baseAddress, let high = high.baseAddress else {
                        return
                    }
                    parallelRows(height, threads: threads) {
                        kernel_envelope(
                            luma, Int32(width), Int32(height), low, high, Int32($0.lowerBound), Int32($0.upperBound))
                    }
                }
            }
        }
        (self.low, self.high, mean) = (low, high, luma.mean)
    }

    /// Sets the certainty to 0 in cells of `KERNEL_CELL` pixels where another frame differs along its motion to this one. A
    /// change of the mean luma is no difference.
    ///
    /// - Parameter luma: of the other frame.
    /// - Precondition: everything has this frame's size.
    func reject(_ motion: inout Motion, of luma: Plane<UInt8>, threads: Int) {
        let change = luma.mean - mean
        let (below, above) = (Int32((change - Self.tolerance).rounded()), Int32((change + Self.tolerance).rounded()))
        let (flow, height) = (motion.flow, low.height)
        motion.certainty.values.withUnsafeMutableBufferPointer { certainty in
            low.values.withUnsafeBufferPointer { low in
                high.values.withUnsafeBufferPointer { high in
                    luma.values.withUnsafeBufferPointer { luma in
                        guard let certainty = certainty.baseAddress, let low = low.baseAddress,
                            let high = high.baseAddress, let luma = luma.baseAddress
                        else { return }
                        flow.withKernelFlow { flow in
                            parallelRows(height, threads: threads) {
                                kernel_reject_mismatches(
                                    flow, luma, low, high, below, above, certainty, Int32($0.lowerBound),
                                    Int32($0.upperBound))
                            }
                        }
                    }
                }
            }
        }
    }
}

extension Plane<UInt8> {
    /// 0 without pixels.
    fileprivate var mean: Float {
        Float(values.reduce(0) { $0 &+ Int($1) }) / Float(Swift.max(values.count, 1))
    }
}
