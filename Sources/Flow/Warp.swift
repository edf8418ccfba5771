import CKernels
import Imaging

/// Interpolation of a warp.
public enum Interpolation: String, Sendable, CaseIterable {
    case bilinear
    /// Keys's cubic convolution with a = -0.75, as in PyTorch's grid_sample, which is used in training. It loses less
    /// sharpness from frame to frame.
    case bicubic
}

extension Image {
    /// Warps the image: pixel (x, y) of the result is this image at (x + u, y + v). Beyond the border the nearest
    /// sample is used.
    ///
    /// With the backward flow of the current frame, this warps an earlier image to the current frame.
    ///
    /// - Parameters:
    ///   - certainty: factor for the result; nil: 1.
    /// - Precondition: `flow` and `certainty` have the size of the image.
    public func warped(
        by flow: FlowField, interpolation: Interpolation, certainty: Plane<Float>? = nil, threads: Int = 0
    ) -> Image {
        precondition(width == flow.width && height == flow.height, "a warp needs a flow of the image's size")
        if let certainty {
            precondition(
                certainty.width == width && certainty.height == height, "a warp needs a certainty of the image's size")
        }
        let border = Int(KERNEL_TEXEL_BORDER)
        let images = rows(ofBatch: batchSize, height: height)
        // One image and up to four channels at a time, for cache locality.
        let lines = (images.map(\.count).max() ?? 0) + border
        let texels = UnsafeMutablePointer<Float>.allocate(capacity: 4 * (width + border) * lines)
        defer { texels.deallocate() }
        return withSameShape { target in
            samples.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress, let target = target.baseAddress else { return }
                for image in images {
                    for channel in stride(from: 0, to: channels, by: 4) {
                        let first = channel * pixelCount + image.lowerBound * width
                        let count = Int32(min(channels - channel, 4))
                        parallelRows(image.count + border, threads: threads) {
                            kernel_make_texels(
                                source + first, pixelCount, Int32(width), Int32(image.count), count, texels,
                                Int32($0.lowerBound), Int32($0.upperBound))
                        }
                        flow.withKernelFlow { flow in
                            certainty.withValues { certainty in
                                let certainty = certainty.map { $0 + image.lowerBound * width }
                                parallelRows(image.count, threads: threads) {
                                    kernel_warp(
                                        flow.image(image), texels, count, interpolation == .bicubic ? 1 : 0, certainty,
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
