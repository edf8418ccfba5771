import CKernels
import Imaging

/// How samples between pixels are made in a warp.
public enum Interpolation: String, Sendable, CaseIterable {
    case bilinear
    /// Keys's cubic convolution with a = -0.75, as PyTorch's grid_sample has it, which models are trained with. It
    /// loses less sharpness from frame to frame.
    case bicubic
}

extension Image {
    /// Each pixel from where `flow` points: the value at (x, y) is this image's at (x + u, y + v). Beyond the edge the
    /// nearest sample of it is taken.
    ///
    /// With the backward flow of the current frame this brings an earlier picture to it.
    /// - Precondition: `flow` has the size of the image.
    public func warped(by flow: FlowField, interpolation: Interpolation, threads: Int = 0) -> Image {
        precondition(width == flow.width && height == flow.height, "a warp needs a flow of the image's size")
        return Image(width: width, height: height, channels: channels) { target in
            samples.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress, let target = target.baseAddress else { return }
                flow.withKernelFlow { flow in
                    parallelRows(height, threads: threads) {
                        kernel_warp(
                            flow, source, Int32(channels), interpolation == .bicubic ? 1 : 0, target,
                            Int32($0.lowerBound), Int32($0.upperBound))
                    }
                }
            }
        }
    }
}
