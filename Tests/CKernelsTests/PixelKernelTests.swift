import CKernels
import Imaging
import TestSupport
import Testing

/// Memory of exactly the size of a frame: the last row has no padding. The address sanitizer detects accesses beyond
/// it.
private struct ExactFrame {
    let pixels: PackedPixels
    let memory: UnsafeMutableRawBufferPointer

    init(_ layout: PixelLayout, width: Int, height: Int, padding: Int, seed: UInt64) {
        let stride = width * layout.bytesPerPixel + padding
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: stride * (height - 1) + width * layout.bytesPerPixel, alignment: 1)
        var generator = SeededGenerator(seed: seed)
        for i in memory.indices { memory[i] = .random(in: 0...255, using: &generator) }
        self.memory = memory
        pixels = PackedPixels(
            base: memory.baseAddress.unsafelyUnwrapped, stride: stride, width: width, height: height, layout: layout)
    }
}

/// The image kernels at the edges of their memory: odd sizes and strides, each layout, each variant.
@Suite struct PixelKernelTests {
    static let sizes = [(1, 1), (2, 3), (3, 5), (17, 1), (1, 37), (33, 18), (67, 5)]

    @Test(arguments: PixelLayout.all) func packedPixels(layout: PixelLayout) {
        for (index, (width, height)) in PixelKernelTests.sizes.enumerated() {
            let frame = ExactFrame(layout, width: width, height: height, padding: index * 5 % 7, seed: 1)
            let target = ExactFrame(layout, width: width, height: height, padding: index % 3, seed: 2)
            defer {
                frame.memory.deallocate()
                target.memory.deallocate()
            }
            let results = withEachVariant {
                target.pixels.store(frame.pixels.networkImage(), alphaFrom: frame.pixels)
                #expect(target.pixels.pictureImage() == frame.pixels.pictureImage())
                return (frame.pixels.luma(), frame.pixels.pictureImage(), Array(target.memory))
            }
            for result in results { #expect(result == results[0]) }
        }
    }

    @Test func filters() {
        for (width, height) in PixelKernelTests.sizes {
            let image = randomImage(width: width, height: height, channels: 2, seed: 3)
            let plane = Plane(width: width, height: height, values: Array(image.samples.prefix(width * height)))
            let results = withEachVariant {
                [image.medianFiltered(size: 3).samples, image.medianFiltered(size: 5).samples]
                    + [3, 7, 63].map { plane.minimumFiltered(size: $0).values }
            }
            for result in results { #expect(result == results[0]) }
        }
    }
}

func randomImage(width: Int, height: Int, channels: Int, seed: UInt64) -> Image {
    var generator = SeededGenerator(seed: seed)
    let samples = (0..<width * height * channels).map { _ in Float.random(in: -100...100, using: &generator) }
    return Image(width: width, height: height, channels: channels, samples: samples)
}
