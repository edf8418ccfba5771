import Imaging

/// A frame's pixels at a fixed place.
package final class FrameMemory {
    package let pixels: PackedPixels

    /// - Parameter image: in picture space.
    package init(_ image: Image) {
        let bytes = image.packedRGB()
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 64)
        bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(start: memory, count: bytes.count).copyMemory(from: $0) }
        pixels = PackedPixels(
            base: memory, stride: bytes.count / max(image.height, 1), width: image.width, height: image.height,
            layout: .rgb)
    }

    deinit { pixels.base.deallocate() }
}
