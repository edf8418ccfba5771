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
    ///
    /// - Parameters:
    ///   - certainty: what the result is multiplied by; nil: 1.
    ///   - parts: how many pictures of their own lie one below the other in it; what comes from beyond the edge of one is the edge,
    ///     not another.
    /// - Precondition: `flow` and `certainty` have the size of the image.
    public func warped(
        by flow: FlowField, interpolation: Interpolation, certainty: Plane<Float>? = nil, parts: Int = 1,
        threads: Int = 0
    ) -> Image {
        precondition(width == flow.width && height == flow.height, "a warp needs a flow of the image's size")
        if let certainty {
            precondition(
                certainty.width == width && certainty.height == height, "a warp needs a certainty of the image's size")
        }
        let border = Int(KERNEL_TEXEL_BORDER)
        let parts = rows(ofParts: parts, in: height)
        // Of one part and up to four channels at a time, for what is used over and over stays near.
        let lines = (parts.map(\.count).max() ?? 0) + border
        let texels = UnsafeMutablePointer<Float>.allocate(capacity: 4 * (width + border) * lines)
        defer { texels.deallocate() }
        return Image(width: width, height: height, channels: channels) { target in
            samples.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress, let target = target.baseAddress else { return }
                for part in parts {
                    for channel in stride(from: 0, to: channels, by: 4) {
                        let first = channel * pixelCount + part.lowerBound * width
                        let count = Int32(min(channels - channel, 4))
                        parallelRows(part.count + border, threads: threads) {
                            kernel_make_texels(
                                source + first, pixelCount, Int32(width), Int32(part.count), count, texels,
                                Int32($0.lowerBound), Int32($0.upperBound))
                        }
                        flow.withKernelFlow { flow in
                            certainty.withValues { certainty in
                                let certainty = certainty.map { $0 + part.lowerBound * width }
                                parallelRows(part.count, threads: threads) {
                                    kernel_warp(
                                        flow.part(part), texels, count, interpolation == .bicubic ? 1 : 0, certainty,
                                        target + first, pixelCount, Int32($0.lowerBound), Int32($0.upperBound))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

extension Plane<Float>? {
    fileprivate func withValues(_ body: (UnsafePointer<Float>?) -> Void) {
        guard let self else { return body(nil) }
        self.values.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
