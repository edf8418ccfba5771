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
        let border = Int(KERNEL_TEXEL_BORDER)
        let texels = UnsafeMutablePointer<Float>.allocate(capacity: 4 * (width + border) * (height + border))
        defer { texels.deallocate() }
        return Image(width: width, height: height, channels: channels) { target in
            samples.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress, let target = target.baseAddress else { return }
                for first in stride(from: 0, to: channels, by: 4) {
                    let count = Int32(min(channels - first, 4))
                    let planes = source + first * pixelCount
                    let warped = target + first * pixelCount
                    parallelRows(height + border, threads: threads) {
                        kernel_make_texels(
                            planes, Int32(width), Int32(height), count, texels, Int32($0.lowerBound),
                            Int32($0.upperBound))
                    }
                    flow.withKernelFlow { flow in
                        parallelRows(height, threads: threads) {
                            kernel_warp(
                                flow, texels, count, interpolation == .bicubic ? 1 : 0, warped, Int32($0.lowerBound),
                                Int32($0.upperBound))
                        }
                    }
                }
            }
        }
    }
}
