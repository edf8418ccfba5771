import CKernels
import Imaging

/// A picture made ready to be seen from many sides.
package final class SampledPicture: @unchecked Sendable {
    package let width: Int
    package let height: Int
    package let channels: Int
    /// Never written after it is made.
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

    /// The picture as `place` brings it: pixel (x, y) is this picture's at `place(x, y)`, cubic with a = -0.75, as a
    /// bicubic warp. Beyond the edge the nearest sample of it is taken. At whole places samples are exact.
    package func sampled(at place: AffineMap, width: Int, height: Int) -> Image {
        let place = kernel_affine(
            xx: Float(place.xx), xy: Float(place.xy), x: Float(place.x), yx: Float(place.yx), yy: Float(place.yy),
            y: Float(place.y))
        return Image(width: width, height: height, channels: channels) { target in
            kernel_sample(
                place, texels, Int32(self.width), Int32(self.height), Int32(channels), target.baseAddress, Int32(width),
                Int32(height), 0, Int32(height))
        }
    }
}
