import Imaging
import TestSupport
import Testing

/// A frame that owns its memory, filled with random bytes.
private final class Frame {
    let pixels: PackedPixels
    private let memory: UnsafeMutableRawBufferPointer

    init(_ layout: PixelLayout, width: Int, height: Int, padding: Int = 0, upsideDown: Bool = false, seed: UInt64) {
        let stride = width * layout.bytesPerPixel + padding
        memory = .allocate(byteCount: max(stride * height, 1), alignment: 1)
        var generator = SeededGenerator(seed: seed)
        for i in memory.indices { memory[i] = UInt8.random(in: 0...255, using: &generator) }
        let first = memory.baseAddress.map { upsideDown ? $0 + stride * (height - 1) : $0 }
        pixels = PackedPixels(
            base: first ?? UnsafeMutableRawPointer(bitPattern: 1).unsafelyUnwrapped,
            stride: upsideDown ? -stride : stride,
            width: width, height: height, layout: layout)
    }

    deinit { memory.deallocate() }

    var bytes: [UInt8] { Array(memory) }

    func byte(_ x: Int, _ y: Int, _ offset: Int) -> UInt8 {
        pixels.base.load(fromByteOffset: y * pixels.stride + x * pixels.layout.bytesPerPixel + offset, as: UInt8.self)
    }
}

private let sizes = [(1, 1), (3, 5), (17, 1), (1, 40), (64, 33), (131, 7)]

@Suite struct PackedPixelsTests {
    @Test func layoutsMatchGStreamer() {
        #expect(PixelLayout.all.count == 10)
        let argb = PixelLayout(name: "ARGB")
        #expect(argb?.alpha == 0 && argb?.red == 1 && argb?.green == 2 && argb?.blue == 3 && argb?.bytesPerPixel == 4)
        #expect(PixelLayout.bgr.red == 2 && PixelLayout.bgr.alpha == nil && PixelLayout.bgr.bytesPerPixel == 3)
        #expect(PixelLayout.rgbx.alpha == nil && PixelLayout.rgbx.bytesPerPixel == 4)
        #expect(PixelLayout(name: "NV12") == nil)
    }

    @Test(arguments: PixelLayout.all) func unpacksEachByteToItsPlace(layout: PixelLayout) {
        for (index, (width, height)) in sizes.enumerated() {
            let frame = Frame(
                layout, width: width, height: height, padding: index * 3, upsideDown: index % 2 == 1, seed: 5)
            for (image, network) in withEachVariant({ (frame.pixels.pictureImage(), frame.pixels.networkImage()) }) {
                for y in 0..<height {
                    for x in 0..<width {
                        let i = y * width + x
                        let colors = [layout.red, layout.green, layout.blue].map { Float(frame.byte(x, y, $0)) }
                        for channel in 0..<3 {
                            #expect(image.samples[channel * width * height + i] == colors[channel])
                        }
                        #expect(network.samples[i] == colors[2] - 103.939)
                        #expect(network.samples[width * height + i] == colors[1] - 116.779)
                        #expect(network.samples[2 * width * height + i] == colors[0] - 123.68)
                    }
                }
            }
        }
    }

    @Test(arguments: PixelLayout.all) func storesWhatItRead(layout: PixelLayout) {
        for (index, (width, height)) in sizes.enumerated() {
            let frame = Frame(layout, width: width, height: height, padding: index, upsideDown: index % 2 == 0, seed: 6)
            let before = frame.bytes
            _ = withEachVariant {
                frame.pixels.store(frame.pixels.networkImage())
                #expect(frame.bytes == before)
                frame.pixels.store(picture: frame.pixels.pictureImage(), threads: 1)
                #expect(frame.bytes == before)
            }
        }
    }

    @Test func everyLayoutGivesTheSameImage() {
        let (width, height) = (19, 6)
        let image = Frame(.rgb, width: width, height: height, seed: 7).pixels.pictureImage()
        for layout in PixelLayout.all {
            let frame = Frame(layout, width: width, height: height, padding: 5, seed: 8)
            let padding = frame.bytes
            frame.pixels.store(picture: image)
            #expect(frame.pixels.pictureImage() == image)
            // Padding between the rows is not written.
            let stride = width * layout.bytesPerPixel + 5
            for y in 0..<height {
                let between = y * stride + width * layout.bytesPerPixel..<(y + 1) * stride
                #expect(frame.bytes[between] == padding[between])
            }
        }
    }

    @Test func alphaComesFromTheOriginal() {
        let source = Frame(.argb, width: 21, height: 4, padding: 8, seed: 9)
        let target = Frame(.rgba, width: 21, height: 4, seed: 10)
        let black = Image(width: 21, height: 4)
        target.pixels.store(picture: black, alphaFrom: source.pixels)
        for y in 0..<4 {
            for x in 0..<21 {
                #expect(target.byte(x, y, 3) == source.byte(x, y, 0))
                #expect((0..<3).allSatisfy { target.byte(x, y, $0) == 0 })
            }
        }
        // A source with three bytes per pixel has no alpha: the target's is kept.
        let alpha = (0..<21).map { target.byte($0, 0, 3) }
        target.pixels.store(picture: black, alphaFrom: Frame(.rgb, width: 21, height: 4, seed: 1).pixels)
        #expect((0..<21).map { target.byte($0, 0, 3) } == alpha)
    }

    @Test(arguments: [PixelLayout.rgb, .bgrx]) func storingClampsAndRounds(layout: PixelLayout) {
        let values: [Float] = [
            -1e30, -0.6, 0.49, 0.5, 1.5, 254.49, 254.5, 255.4, 256, 1e30, .infinity, -.infinity, .nan,
        ]
        let expected: [UInt8] = [0, 0, 0, 1, 2, 254, 255, 255, 255, 255, 255, 0, 0]
        let image = Image(width: values.count, height: 1, samples: values + values + values)
        let frame = Frame(layout, width: values.count, height: 1, seed: 11)
        _ = withEachVariant {
            frame.pixels.store(picture: image)
            for x in values.indices {
                for offset in [layout.red, layout.green, layout.blue] {
                    #expect(frame.byte(x, 0, offset) == expected[x])
                }
            }
        }
    }

    /// Reference: Pillow's `convert("L")`.
    @Test func lumaMatchesPillow() throws {
        let image = try Image(contentsOfPNM: TestData.fixture("image.ppm", of: "ImagingTests"))
        let luma = try Plane<UInt8>(contentsOfPGM: TestData.fixture("luma.pgm", of: "ImagingTests"))
        for layout in PixelLayout.all {
            let frame = Frame(layout, width: image.width, height: image.height, padding: 3, seed: 12)
            frame.pixels.store(picture: image)
            for result in withEachVariant({ frame.pixels.luma() }) { #expect(result == luma) }
            var reused = Plane<UInt8>(width: 1, height: 1, repeating: 9)
            frame.pixels.luma(into: &reused, threads: 1)
            #expect(reused == luma)
        }
    }

    @Test func colorSpacesRoundTrip() {
        let frame = Frame(.rgb, width: 9, height: 4, seed: 13)
        let image = frame.pixels.pictureImage()
        #expect(image.networkSpace() == frame.pixels.networkImage())
        #expect(largestDifference(image.networkSpace().pictureSpace().samples, image.samples) < 1e-4)
    }
}
