import CKernels
import Imaging

/// An image prepared for repeated resampling by affine maps.
package final class Texture: @unchecked Sendable {
    package let width: Int
    package let height: Int
    package let channels: Int
    /// Not written after initialisation.
    private let texels: UnsafeMutablePointer<Float>

    /// - Precondition: 1 to 4 channels, at least one pixel.
    package init(_ image: Image) {
        precondition((1...4).contains(image.channels) && image.pixelCount > 0, "samples need 1 to 4 channels")
        (width, height, channels) = (image.width, image.height, image.channels)
        let lines = height + Int(KERNEL_TEXEL_BORDER)
        texels = .allocate(capacity: 4 * (width + Int(KERNEL_TEXEL_BORDER)) * lines)
        image.samples.withUnsafeBufferPointer { samples in
            kernel_make_texels(
                samples.baseAddress, image.pixelCount, Int32(width), Int32(height), Int32(channels), texels, 0,
                Int32(lines))
        }
    }

    deinit { texels.deallocate() }

    /// Resamples the image: pixel (x, y) of the result is the image at `map(x, y)`.
    ///
    /// Interpolation is cubic with a = -0.75, as in a bicubic warp; beyond the border the nearest sample is used.
    /// Samples at integer positions are exact.
    package func sampled(at map: AffineMap, width: Int, height: Int) -> Image {
        let map = kernel_affine(
            xx: Float(map.xx), xy: Float(map.xy), x: Float(map.x), yx: Float(map.yx), yy: Float(map.yy),
            y: Float(map.y))
        return Image(width: width, height: height, channels: channels) { target in
            kernel_sample(
                map, texels, Int32(self.width), Int32(self.height), Int32(channels), target.baseAddress, Int32(width),
                Int32(height), 0, Int32(height))
        }
    }
}
