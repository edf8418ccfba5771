import Imaging
import TestSupport
import Testing

@Suite struct FramePainterTests {
    /// Packed pixels with memory of their own.
    private final class Frame {
        let pixels: PackedPixels
        private let bytes: UnsafeMutableRawBufferPointer

        init(width: Int, height: Int, layout: PixelLayout, _ value: (_ x: Int, _ y: Int) -> (UInt8, UInt8, UInt8)) {
            let stride = width * layout.bytesPerPixel + 5
            bytes = .allocate(byteCount: stride * height, alignment: 16)
            bytes.initializeMemory(as: UInt8.self, repeating: 77)
            guard let base = bytes.baseAddress else { fatalError("no memory for a test") }
            pixels = PackedPixels(base: base, stride: stride, width: width, height: height, layout: layout)
            for y in 0..<height {
                for x in 0..<width {
                    let color = value(x, y)
                    let pixel = base + y * stride + x * layout.bytesPerPixel
                    pixel.storeBytes(of: color.0, toByteOffset: layout.red, as: UInt8.self)
                    pixel.storeBytes(of: color.1, toByteOffset: layout.green, as: UInt8.self)
                    pixel.storeBytes(of: color.2, toByteOffset: layout.blue, as: UInt8.self)
                }
            }
        }

        deinit { bytes.deallocate() }

        var contents: [UInt8] { Array(bytes) }
        /// In picture space.
        var picture: Image { withExtendedLifetime(self) { pixels.pictureImage() } }
        /// In network space.
        var image: Image { withExtendedLifetime(self) { pixels.networkImage() } }

        func paint(_ painting: Image, strength: Float = 1, preservesColor: Bool = false, threads: Int = 0) {
            withExtendedLifetime(self) {
                let frame = FramePixels(pixels)
                let input = frame.networkImage(width: painting.width, height: painting.height, threads: threads)
                var painter = FramePainter()
                painter.paint(
                    painting, from: input, over: frame,
                    covering: .init(strength: strength, preservesColor: preservesColor), threads: threads)
            }
        }
    }

    /// A dark disc, thin lines and a bright plane, in grey.
    private static func drawing(_ x: Int, _ y: Int) -> (UInt8, UInt8, UInt8) {
        let (dx, dy) = (x - 40, y - 36)
        let value: UInt8 = dx * dx + dy * dy < 400 ? 40 : x % 37 == 5 || (x + 2 * y) % 61 == 3 ? 90 : 200
        return (value, value, value)
    }

    private func frame(_ layout: PixelLayout = .rgb, width: Int = 150, height: Int = 99) -> Frame {
        Frame(width: width, height: height, layout: layout, Self.drawing)
    }

    private func reduced(_ frame: Frame, by factor: Int = 3) -> Image {
        frame.image.resized(
            width: frame.pixels.width / factor, height: frame.pixels.height / factor)
    }

    private func difference(_ first: Image, _ second: Image) -> Float {
        zip(first.samples, second.samples).reduce(0) { $0 + abs($1.0 - $1.1) } / Float(first.samples.count)
    }

    /// The painting is the frame itself, or a function of its luma: the frame's edges come back.
    @Test(arguments: [(1, 0), (-0.7, 10), (0.4, -30)] as [(Float, Float)])
    func edgesAreThoseOfTheFrame(slope: Float, shift: Float) {
        let frame = frame()
        let original = frame.image
        func recolored(_ image: Image) -> Image {
            var image = image
            for index in image.samples.indices { image.samples[index] = slope * image.samples[index] + shift }
            return image
        }
        let small = recolored(reduced(frame))
        let wanted = recolored(original)
        let cubic = small.resized(width: original.width, height: original.height)
        frame.paint(small)
        let result = frame.image
        #expect(difference(result, wanted) < 0.4 * difference(cubic, wanted))
        // No halo: nothing is brighter or darker than the planes beside an edge, but for the cubic's overshoot.
        let limits = (wanted.samples.min() ?? 0, wanted.samples.max() ?? 0)
        #expect(result.samples.allSatisfy { $0 > limits.0 - 12 && $0 < limits.1 + 12 })
    }

    @Test func plainFramesAddNothing() {
        let frame = Frame(width: 90, height: 60, layout: .rgb) { _, _ in (120, 130, 110) }
        var generator = SeededGenerator(seed: 4)
        var painting = Image(width: 30, height: 20)
        for index in painting.samples.indices {
            painting.samples[index] = Float.random(in: -80...80, using: &generator)
        }
        let cubic = painting.resized(width: 90, height: 60)
        frame.paint(painting)
        #expect(largestDifference(frame.image.samples, cubic.samples) < 1)
    }

    @Test(arguments: [PixelLayout.rgb, .bgr, .rgba, .bgra, .argb])
    func layoutsAgreeAndTheFourthByteStays(layout: PixelLayout) {
        let (frame, reference) = (frame(layout), frame())
        let painting = reduced(reference)
        frame.paint(painting, strength: 0.7)
        reference.paint(painting, strength: 0.7)
        #expect(frame.image == reference.image)
        guard layout.bytesPerPixel == 4 else { return }
        let fourth = 6 - layout.red - layout.green - layout.blue
        #expect(
            (0..<frame.pixels.height).allSatisfy { y in
                (0..<frame.pixels.width).allSatisfy { x in
                    frame.contents[y * frame.pixels.stride + 4 * x + fourth] == 77
                }
            })
    }

    @Test func strengthAndColor() {
        let colors: (Int, Int) -> (UInt8, UInt8, UInt8) = { x, y in (UInt8(x), UInt8(255 - 2 * y), UInt8((x * y) % 200))
        }
        func painted(_ strength: Float, _ preservesColor: Bool) -> Image {
            let frame = Frame(width: 120, height: 60, layout: .rgb, colors)
            var painting = reduced(frame)
            for index in painting.samples.indices { painting.samples[index] *= -0.5 }
            frame.paint(painting, strength: strength, preservesColor: preservesColor)
            return frame.picture
        }
        let original = Frame(width: 120, height: 60, layout: .rgb, colors).picture
        let (whole, half, none) = (painted(1, false), painted(0.5, false), painted(0, false))
        #expect(none == original)
        #expect(largestDifference(half.samples, original.mixed(with: whole, amount: 0.5).samples) <= 1)
        let colored = painted(1, true)
        let expected = whole.withColor(of: original, order: .rgb)
        for (index, value) in colored.samples.enumerated() {
            #expect(abs(value - min(max(expected.samples[index], 0), 255)) <= 2)
        }
    }

    /// Odd sizes, every variant, one thread and many.
    @Test(arguments: [(1, 1, 1, 1), (7, 5, 3, 2), (130, 67, 43, 31), (33, 200, 32, 11)])
    func everyVariantGivesTheSame(width: Int, height: Int, wide: Int, high: Int) {
        var generator = SeededGenerator(seed: 9)
        let samples = (0..<3 * wide * high).map { _ in Float.random(in: -150...150, using: &generator) }
        func painted(_ threads: Int) -> [UInt8] {
            let frame = frame(.bgra, width: width, height: height)
            frame.paint(Image(width: wide, height: high, samples: samples), strength: 0.9, threads: threads)
            return frame.contents
        }
        let results = withEachVariant { painted(1) }
        #expect(results.allSatisfy { $0 == results[0] })
        #expect(painted(3) == results[results.count - 1])
    }
}
