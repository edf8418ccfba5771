import Imaging
import TestSupport
import Testing

/// Painting where a mask says, into frames of any kind.
@Suite struct MaskTests {
    typealias Kind = FramePixelsTests.Kind

    struct Size: Sendable, CustomTestStringConvertible {
        let width, height: Int
        var testDescription: String { "\(width)x\(height)" }
        static let all = [Size(width: 1, height: 1), Size(width: 7, height: 5), Size(width: 130, height: 67)]
    }

    /// How it is painted.
    struct Paint: Sendable {
        var strength: Float = 1
        var isGuided = true
        var preservesColor = false
        static let all = [Paint(), Paint(strength: 0.6, isGuided: false), Paint(preservesColor: true)]
    }

    private func planar(_ kind: Kind, _ size: Size) -> FramePixelsTests.Frame {
        let frame = FramePixelsTests.Frame(kind, width: size.width, height: size.height)
        let most = (1 << kind.bits) - 1
        frame.fill { index, x, y in (x * 37 + y * 11 + index * 101) % (most + 1) }
        return frame
    }

    private func painting(_ size: Size) -> Image {
        var generator = SeededGenerator(seed: 5)
        let (width, height) = (max(1, size.width / 2), max(1, size.height / 2))
        return Image(
            width: width, height: height,
            samples: (0..<3 * width * height).map { _ in Float.random(in: -150...150, using: &generator) })
    }

    private func paint(
        _ frame: FramePixels, _ size: Size, _ how: Paint, mask: Plane<UInt8>?, threads: Int = 0, painting: Image? = nil
    ) {
        let painting = painting ?? self.painting(size)
        let input = how.isGuided ? frame.networkImage(width: painting.width, height: painting.height) : nil
        var painter = FramePainter()
        painter.paint(
            painting, from: input, over: frame,
            covering: .init(strength: how.strength, preservesColor: how.preservesColor, mask: mask), threads: threads)
    }

    /// A frame of any kind after painting.
    private func painted(
        _ kind: Kind, _ size: Size, _ how: Paint, mask: Plane<UInt8>?, threads: Int = 0
    ) -> FramePixelsTests.Frame {
        let frame = planar(kind, size)
        frame.with { paint($0, size, how, mask: mask, threads: threads) }
        return frame
    }

    private func mask(_ size: Size, _ value: (_ x: Int, _ y: Int) -> UInt8) -> Plane<UInt8> {
        Plane(
            width: size.width, height: size.height,
            values: (0..<size.width * size.height).map { value($0 % size.width, $0 / size.width) })
    }

    @Test(arguments: Kind.all, Size.all)
    func zeroKeepsAndWholePaints(kind: Kind, size: Size) {
        let original = planar(kind, size).contents
        for how in Paint.all {
            let whole = painted(kind, size, how, mask: nil).contents
            #expect(painted(kind, size, how, mask: mask(size) { _, _ in 255 }).contents == whole)
            #expect(painted(kind, size, how, mask: mask(size) { _, _ in 0 }).contents == original)
            // Of another size.
            #expect(painted(kind, size, how, mask: Plane(width: 3, height: 2, repeating: 255)).contents == whole)
            #expect(painted(kind, size, how, mask: Plane(width: 3, height: 2, repeating: 0)).contents == original)
        }
    }

    /// Each sample depends on the mask at its own pixels alone: there is no halo.
    @Test(arguments: Kind.all) func edgesAreSharp(kind: Kind) {
        let size = Size(width: 131, height: 67)
        let shape: (Int, Int) -> UInt8 = { x, y in (x - 50) * (x - 50) + (y - 30) * (y - 30) < 700 ? 255 : 0 }
        for how in Paint.all {
            let (original, whole) = (planar(kind, size), painted(kind, size, how, mask: nil))
            let result = painted(kind, size, how, mask: mask(size, shape))
            for (index, component) in result.components.enumerated() {
                let (across, down) = (component.columns.spacing, component.rows.spacing)
                for y in 0..<component.rows.count {
                    for x in 0..<component.columns.count {
                        let values = Set(
                            (y * down..<min((y + 1) * down, size.height)).flatMap { row in
                                (x * across..<min((x + 1) * across, size.width)).map { shape($0, row) }
                            })
                        let (value, old, new) = (result[index, x, y], original[index, x, y], whole[index, x, y])
                        if values == [0] { #expect(value == old) }
                        if values == [255] { #expect(value == new) }
                        #expect(value >= min(old, new) && value <= max(old, new))
                    }
                }
            }
        }
    }

    @Test(arguments: PixelLayout.all, Size.all) func packedPixels(layout: PixelLayout, size: Size) {
        let stride = size.width * layout.bytesPerPixel + 5
        let original = (0..<stride * size.height).map { UInt8(truncatingIfNeeded: $0 * 73 + $0 / 91) }
        func painted(_ how: Paint, _ mask: Plane<UInt8>?) -> [UInt8] {
            var bytes = original
            bytes.withUnsafeMutableBytes { memory in
                guard let base = memory.baseAddress else { return }
                let pixels = PackedPixels(
                    base: base, stride: stride, width: size.width, height: size.height, layout: layout)
                paint(FramePixels(pixels), size, how, mask: mask)
            }
            return bytes
        }
        for how in Paint.all {
            let whole = painted(how, nil)
            #expect(painted(how, mask(size) { _, _ in 255 }) == whole)
            #expect(painted(how, mask(size) { _, _ in 0 }) == original)
            let striped = painted(how, mask(size) { x, _ in x % 3 == 0 ? 255 : 0 })
            for index in striped.indices {
                let x = index % stride / layout.bytesPerPixel
                let isPainted = x % 3 == 0 && x < size.width
                #expect(striped[index] == (isPainted ? whole : original)[index])
            }
        }
    }

    /// Half a mask is half the strength.
    @Test func levelsMultiplyStrength() {
        let size = Size(width: 64, height: 48)
        for kind in Kind.all {
            for level: UInt8 in [51, 128, 204] {
                let masked = painted(kind, size, Paint(strength: 0.8), mask: mask(size) { _, _ in level })
                let plain = painted(kind, size, Paint(strength: 0.8 * Float(level) / 255), mask: nil)
                for (index, component) in masked.components.enumerated() {
                    for y in 0..<component.rows.count {
                        for x in 0..<component.columns.count {
                            #expect(abs(masked[index, x, y] - plain[index, x, y]) <= 1)
                        }
                    }
                }
            }
        }
    }

    /// What the painting is does not matter where the mask is 0.
    @Test func nothingGetsThroughTheMask() {
        let size = Size(width: 33, height: 9)
        var wrong = painting(size)
        for index in wrong.samples.indices { wrong.samples[index] = index % 2 == 0 ? .nan : .infinity }
        for kind in Kind.all {
            let frame = planar(kind, size)
            let original = frame.contents
            frame.with {
                paint($0, size, Paint(isGuided: false), mask: mask(size) { _, _ in 0 }, painting: wrong)
            }
            #expect(frame.contents == original)
        }
        let stride = 4 * size.width
        var bytes = (0..<stride * size.height).map { UInt8(truncatingIfNeeded: $0 * 73) }
        let original = bytes
        bytes.withUnsafeMutableBytes { memory in
            guard let base = memory.baseAddress else { return }
            let pixels = PackedPixels(base: base, stride: stride, width: size.width, height: size.height, layout: .bgra)
            paint(
                FramePixels(pixels), size, Paint(isGuided: false), mask: mask(size) { _, _ in 0 }, painting: wrong)
        }
        #expect(bytes == original)
    }

    @Test(arguments: Size.all) func variantsAndThreadsGiveTheSame(size: Size) {
        let levels = mask(size) { x, y in UInt8(truncatingIfNeeded: x * 7 + y * 13) }
        for kind in Kind.all {
            let results = withEachVariant { painted(kind, size, Paint(), mask: levels, threads: 1).contents }
            #expect(results.allSatisfy { $0 == results[0] })
            #expect(painted(kind, size, Paint(), mask: levels, threads: 3).contents == results[results.count - 1])
        }
    }

    // MARK: - Edges and alpha

    /// By the definition: the mean over the window's pixels inside the mask, rounded.
    @Test(arguments: Size.all, [1, 3, 200]) func softeningIsTheMean(size: Size, radius: Int) {
        let levels = mask(size) { x, y in UInt8(truncatingIfNeeded: x * x * 7 + y * 13) }
        let soft = levels.softened(radius: radius)
        #expect(soft == levels.softened(radius: radius, threads: 1))
        for y in stride(from: 0, to: size.height, by: 5) {
            for x in stride(from: 0, to: size.width, by: 3) {
                let columns = max(0, x - radius)...min(size.width - 1, x + radius)
                let rows = max(0, y - radius)...min(size.height - 1, y + radius)
                let values = rows.flatMap { row in columns.map { Double(levels[$0, row]) } }
                let mean = values.reduce(0, +) / Double(values.count)
                // Rows are rounded before columns.
                #expect(abs(Double(soft[x, y]) - mean) <= 1)
            }
        }
        let whole = mask(size) { _, _ in 255 }
        #expect(whole.softened(radius: radius) == whole)
        #expect(whole.inverted() == mask(size) { _, _ in 0 })
    }

    @Test(arguments: PixelLayout.all) func alphaIsReadFromItsByte(layout: PixelLayout) {
        let (width, height) = (5, 3)
        var bytes = (0..<height * (4 * width + 3)).map { UInt8($0) }
        bytes.withUnsafeMutableBytes { memory in
            guard let base = memory.baseAddress else { return }
            let pixels = PackedPixels(base: base, stride: 4 * width + 3, width: width, height: height, layout: layout)
            let alpha = pixels.alphaPlane()
            guard let offset = layout.alpha else {
                #expect(alpha == nil)
                return
            }
            #expect(alpha?[4, 2] == UInt8(2 * (4 * width + 3) + 16 + offset))
        }
    }
}
