import Imaging
import TestSupport
import Testing

/// Luma and chroma in memory, of any kind, against the formulas of ITU-R BT.601, BT.709 and BT.2020.
@Suite struct FramePixelsTests {
    /// How luma and chroma lie in memory.
    struct Kind: Sendable, CustomTestStringConvertible {
        var name: String
        var spacing = (columns: 2, rows: 2)
        /// Bytes from sample to sample, and of the first blue and red sample in a line of chroma.
        var steps = (luma: 1, chroma: 1)
        var bits = 8
        var shift = 0
        /// Whether all samples lie in one line, luma first.
        var isPacked = false
        var testDescription: String { name }

        static let all = [
            Kind(name: "I420"), Kind(name: "NV12", steps: (1, 2)), Kind(name: "Y42B", spacing: (2, 1)),
            Kind(name: "Y444", spacing: (1, 1)), Kind(name: "YUY2", spacing: (2, 1), steps: (2, 4), isPacked: true),
            Kind(name: "I420_10LE", steps: (2, 2), bits: 10),
            Kind(name: "P010", steps: (2, 4), bits: 10, shift: 6), Kind(name: "Y41B", spacing: (4, 1)),
        ]
    }

    /// A frame with memory of its own; unused bytes are 0xAA.
    final class Frame {
        private let pixels: FramePixels
        let components: [FrameComponent]
        private let bytes: UnsafeMutableRawBufferPointer

        init(
            _ kind: Kind, width: Int, height: Int, colors: FrameColors = .yuv(red: 0.299, blue: 0.114, isFull: true),
            shift: (columns: Double, rows: Double) = (0, 0)
        ) {
            bytes = .allocate(byteCount: 64 * (width + 8) * (height + 2), alignment: 16)
            bytes.initializeMemory(as: UInt8.self, repeating: 0xAA)
            guard let base = bytes.baseAddress else { fatalError("no memory for a test") }
            let stride = 8 * (width + 8)
            let chroma = (
                columns: SampleGrid(
                    covering: width, spacing: kind.spacing.columns,
                    shift: kind.spacing.columns > 1 ? shift.columns : 0),
                rows: SampleGrid(
                    covering: height, spacing: kind.spacing.rows, shift: kind.spacing.rows > 1 ? shift.rows : 0)
            )
            func component(_ offset: Int, _ step: Int, _ columns: SampleGrid, _ rows: SampleGrid) -> FrameComponent {
                FrameComponent(
                    base: base + offset, stride: stride, step: step, columns: columns, rows: rows, bits: kind.bits,
                    shift: kind.shift)
            }
            let size = kind.bits > 8 ? 2 : 1
            let second = kind.isPacked ? 1 : stride * (height + 1)
            let third = second + (kind.steps.chroma > size ? kind.steps.chroma / 2 : 4 * (width + 8))
            components = [
                component(0, kind.steps.luma, SampleGrid(covering: width), SampleGrid(covering: height)),
                component(second, kind.steps.chroma, chroma.columns, chroma.rows),
                component(third, kind.steps.chroma, chroma.columns, chroma.rows),
            ]
            pixels = FramePixels(luma: components[0], blue: components[1], red: components[2], colors: colors)
        }

        deinit { bytes.deallocate() }

        var contents: [UInt8] { Array(bytes) }

        /// Uses the view while the memory exists.
        func with<Result>(_ body: (FramePixels) -> Result) -> Result { withExtendedLifetime(self) { body(pixels) } }

        func image(width: Int, height: Int, threads: Int = 0) -> Image {
            with { $0.networkImage(width: width, height: height, threads: threads) }
        }

        var image: Image { with { $0.networkImage() } }

        func paint(
            _ painting: Image, from input: Image? = nil, strength: Float = 1, preservesColor: Bool = false,
            threads: Int = 0
        ) {
            var painter = FramePainter()
            with {
                painter.paint(
                    painting, from: input, over: $0,
                    covering: .init(strength: strength, preservesColor: preservesColor), threads: threads)
            }
        }

        private func address(_ index: Int, _ x: Int, _ y: Int) -> UnsafeMutableRawPointer {
            components[index].base + y * components[index].stride + x * components[index].step
        }

        /// A sample in its own levels.
        subscript(index: Int, x: Int, y: Int) -> Int {
            get {
                let component = components[index]
                if component.bits == 8 { return Int(address(index, x, y).load(as: UInt8.self)) }
                return Int(address(index, x, y).loadUnaligned(as: UInt16.self)) >> component.shift
            }
            set {
                let component = components[index]
                if component.bits == 8 {
                    address(index, x, y).storeBytes(of: UInt8(newValue), as: UInt8.self)
                } else {
                    address(index, x, y).storeBytes(of: UInt16(newValue << component.shift), as: UInt16.self)
                }
            }
        }

        func fill(_ value: (_ index: Int, _ x: Int, _ y: Int) -> Int) {
            for (index, component) in components.enumerated() {
                for y in 0..<component.rows.count {
                    for x in 0..<component.columns.count { self[index, x, y] = value(index, x, y) }
                }
            }
        }
    }

    struct Standard: Sendable {
        let red: Double
        let blue: Double
        let isFull: Bool

        static let all = [(0.299, 0.114), (0.2126, 0.0722), (0.2627, 0.0593)].flatMap { red, blue in
            [true, false].map { Standard(red: red, blue: blue, isFull: $0) }
        }

        /// Luma and chroma of a color in 0...1, in levels of `bits`.
        func levels(of color: [Double], bits: Int) -> [Double] {
            let luma = red * color[0] + (1 - red - blue) * color[1] + blue * color[2]
            let differences = [luma, (color[2] - luma) / (2 * (1 - blue)), (color[0] - luma) / (2 * (1 - red))]
            let unit = Double(1 << (bits - 8))
            let most = Double((1 << bits) - 1)
            return differences.enumerated().map { index, value in
                if isFull { return value * most + (index > 0 ? 128 * unit : 0) }
                return index == 0 ? (16 + 219 * value) * unit : (128 + 224 * value) * unit
            }
        }
    }

    private static let samples: [[Double]] = [
        [0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.25, 0.75], [0.9, 0.8, 0.1],
    ]

    @Test(arguments: Standard.all, [8, 10]) func colorsAreThoseOfTheStandard(standard: Standard, bits: Int) {
        let kind = Kind(name: "", steps: (2, 2), bits: bits)
        let colors = FrameColors.yuv(red: standard.red, blue: standard.blue, isFull: standard.isFull, bits: bits)
        for color in Self.samples {
            let levels = standard.levels(of: color, bits: bits)
            let most = (1 << bits) - 1
            // Written: each level is right to one half, as far as there are levels.
            let written = Frame(kind, width: 6, height: 4, colors: colors)
            let picture = Image(
                width: 6, height: 4, samples: color.flatMap { Array(repeating: Float(255 * $0), count: 24) })
            written.with { $0.store(picture.networkSpace()) }
            for index in 0..<3 {
                #expect(abs(Double(written[index, 1, 1]) - min(levels[index], Double(most))) < 0.51)
            }
            // Read: the color is right to the rounding of the levels.
            let read = Frame(kind, width: 6, height: 4, colors: colors)
            read.fill { index, _, _ in Int(min(levels[index].rounded(), Double(most))) }
            let image = read.with { $0.pictureImage() }
            for channel in 0..<3 {
                #expect(abs(Double(image.samples[24 * channel + 9]) - 255 * color[channel]) < 1.6)
            }
        }
    }

    /// A ramp stays a ramp, wherever chroma is.
    @Test(arguments: [-0.5, 0, 0.5], [(48, 24), (24, 16), (16, 12)])
    func chromaIsReadAndWrittenAtItsPlace(shift: Double, size: (Int, Int)) {
        let colors = FrameColors.yuv(red: 0.299, blue: 0.114, isFull: true)
        let frame = Frame(Kind.all[0], width: 48, height: 24, colors: colors, shift: (shift, shift))
        // Positions of samples in pixels of the frame, from the first pixel's left edge.
        func ramp(_ x: Double, _ y: Double) -> Double { 60 + 2 * x + 1.5 * y }
        frame.fill { index, x, y in
            index == 0 ? 128 : Int(ramp(2 * Double(x) + 1 + shift, 2 * Double(y) + 1 + shift).rounded())
        }
        let image = frame.image(width: size.0, height: size.1)
        let blue = image.samples[..<(size.0 * size.1)]
        for y in 3..<size.1 - 3 {
            for x in 3..<size.0 - 3 {
                let place = (
                    (Double(x) + 0.5) * 48 / Double(size.0), (Double(y) + 0.5) * 24 / Double(size.1)
                )
                let expected = 128 + 1.772 * (ramp(place.0, place.1) - 128) - 103.939
                #expect(abs(Double(blue[blue.startIndex + y * size.0 + x]) - expected) < 1.5)
            }
        }
        // Back again, from an image of another size.
        let copy = Frame(Kind.all[0], width: 48, height: 24, colors: colors, shift: (shift, shift))
        copy.paint(image)
        for y in 3..<9 {
            for x in 4..<20 { #expect(abs(copy[1, x, y] - frame[1, x, y]) <= 1) }
        }
    }

    @Test(arguments: Kind.all, [(48, 24), (17, 9), (1, 1), (2, 7)])
    func everyKindIsReadAndWritten(kind: Kind, size: (Int, Int)) {
        let (width, height) = size
        let scale = 1 << (kind.bits - 8)
        let frame = Frame(kind, width: width, height: height)
        let reference = Frame(
            Kind(name: "", spacing: kind.spacing), width: width, height: height)
        for one in [frame, reference] {
            let unit = one === frame ? scale : 1
            one.fill { index, x, y in (40 + (7 * x + 5 * y + 50 * index) % 150) * unit }
        }
        #expect(
            largestDifference(
                frame.image.samples, reference.image.samples) < 1.1)
        #expect(frame.with { $0.luma() } == reference.with { $0.luma() })
        let before = frame.contents
        // Strength 0 writes what was there, and nothing else is written.
        let painting = Image(width: max(width / 3, 1), height: max(height / 3, 1), repeating: 20)
        frame.paint(painting, strength: 0)
        #expect(frame.contents == before)
        frame.paint(painting)
        frame.fill { index, x, y in (40 + (7 * x + 5 * y + 50 * index) % 150) * scale }
        #expect(frame.contents == before)
    }

    /// Every variant, one thread and many; odd sizes.
    @Test(arguments: Kind.all) func everyVariantGivesTheSame(kind: Kind) {
        var generator = SeededGenerator(seed: 3)
        let samples = (0..<3 * 43 * 31).map { _ in Float.random(in: -150...150, using: &generator) }
        func painted(_ threads: Int) -> (bytes: [UInt8], luma: Plane<UInt8>, image: Image) {
            let frame = Frame(kind, width: 131, height: 67)
            frame.fill { index, x, y in (x * 31 + y * 17 + index * 7) % (1 << kind.bits) }
            let luma = frame.with { $0.luma(width: 64, height: 33, threads: threads) }
            let input = frame.image(width: 43, height: 31, threads: threads)
            frame.paint(
                Image(width: 43, height: 31, samples: samples), from: input, strength: 0.9, threads: threads)
            return (frame.contents, luma, input)
        }
        let results = withEachVariant { painted(1) } + [painted(3)]
        for result in results {
            #expect(result == results[0])
        }
    }

    /// A painting that is the frame itself has the frame's edges at the frame's size.
    @Test(arguments: Kind.all) func guidedPaintingsHaveTheEdgesOfTheFrame(kind: Kind) {
        func frame() -> Frame {
            let frame = Frame(kind, width: 150, height: 99)
            let scale = 1 << (kind.bits - 8)
            frame.fill { index, x, y in
                if index > 0 { return 128 * scale }
                let (dx, dy) = (x - 40, y - 36)
                return (dx * dx + dy * dy < 400 ? 40 : (x + 2 * y) % 61 < 3 ? 90 : 200) * scale
            }
            return frame
        }
        func difference(isGuided: Bool) -> Float {
            let (frame, original) = (frame(), frame().image)
            let small = frame.image(width: 50, height: 33)
            frame.paint(small, from: isGuided ? small : nil)
            let result = frame.image
            return zip(result.samples, original.samples).reduce(0) { $0 + abs($1.0 - $1.1) }
        }
        #expect(difference(isGuided: true) < 0.4 * difference(isGuided: false))
    }

    /// Blocks of any rows have samples of the frame only.
    @Test(arguments: Kind.all) func blocksLieWithinTheFrame(kind: Kind) {
        for (height, rows) in [(4, 1..<4), (5, 3..<5), (7, 2..<3), (7, 6..<7), (1, 0..<1), (9, 3..<8)] {
            let frame = Frame(kind, width: 11, height: height)
            let scale = 1 << (kind.bits - 8)
            frame.fill { index, x, y in (60 + index * 10 + 3 * x + 5 * y) * scale }
            let before = frame.contents
            let (image, luma) = frame.with { pixels in
                let block = pixels.block(rows: rows)
                return (block.networkImage(), block.luma())
            }
            #expect(image.height == rows.count && image.samples.allSatisfy(\.isFinite))
            #expect((0..<rows.count).allSatisfy { luma[3, $0] == 69 + 5 * (rows.lowerBound + $0) })
            var painter = FramePainter()
            frame.with { painter.paint(Image(width: 4, height: 3, repeating: 30), over: $0.block(rows: rows)) }
            // What was painted is in the frame, and nothing else was.
            frame.fill { index, x, y in (60 + index * 10 + 3 * x + 5 * y) * scale }
            #expect(frame.contents == before)
        }
    }

    @Test func colorIsPreserved() {
        let frame = Frame(Kind.all[1], width: 33, height: 20)
        frame.fill { index, x, y in 60 + (3 * x + y + 40 * index) % 100 }
        let original = frame.contents
        frame.paint(Image(width: 11, height: 7, repeating: 30), preservesColor: true)
        #expect(frame.contents != original)
        frame.fill { index, x, y in
            index > 0 ? frame[index, x, y] : 60 + (3 * x + y) % 100
        }
        #expect(frame.contents == original)
    }

    /// The result does not depend on what its memory held before.
    @Test func resizingTwiceGivesTheSameBytes() {
        let plane = Plane<UInt8>(width: 128, height: 72, values: (0..<128 * 72).map { UInt8($0 * 7919 % 251) })
        let results = (0..<64).map { round -> Plane<UInt8> in
            // Freed here, and likely taken again for the result.
            let before = [UInt8](repeating: UInt8(round * 37 % 256), count: 96 * 54)
            withExtendedLifetime(before) {}
            return plane.resized(width: 96, height: 54, threads: 1)
        }
        for result in results { #expect(result == results[0]) }
    }
}
