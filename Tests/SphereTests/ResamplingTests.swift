import CKernels
import Imaging
import Sphere
import TestSupport
import Testing

@Suite struct ResamplingTests {
    private let sphere = SmoothSphere()

    /// Odd face sizes and overlaps, no overlap, and half a face.
    private static let geometries = [(64, 8), (63, 7), (65, 0), (64, 32), (64, 1)]

    @Test(arguments: SphereLayout.allCases, geometries)
    func splittingShowsWhatIsThere(_ layout: SphereLayout, _ sizes: (Int, Int)) throws {
        let geometry = try CubeGeometry(faceSize: sizes.0, overlap: sizes.1)
        let size = layout.size(faceSize: 67)
        let splitter = try CubeSplitter(from: layout, width: size.width, height: size.height, to: geometry)
        let column = splitter.split(sphere.frame(layout, width: size.width, height: size.height))
        let expected = sphere.column(geometry)
        #expect(peakSignalToNoise(column, expected) > 75)
        #expect(largestDifference(column.samples, expected.samples) < 0.5)
    }

    @Test(arguments: SphereLayout.allCases, geometries)
    func joiningShowsWhatIsThere(_ layout: SphereLayout, _ sizes: (Int, Int)) throws {
        let geometry = try CubeGeometry(faceSize: sizes.0, overlap: sizes.1)
        let size = layout.size(faceSize: 61)
        let joiner = try CubeJoiner(from: geometry, to: layout, width: size.width, height: size.height)
        let frame = joiner.join(sphere.column(geometry))
        let expected = sphere.frame(layout, width: size.width, height: size.height)
        #expect(peakSignalToNoise(frame, expected) > 75)
        #expect(largestDifference(frame.samples, expected.samples) < 0.5)
    }

    @Test(arguments: [(256, 128), (258, 129), (255, 127), (402, 203), (257, 128)])
    func aSmoothImageComesBack(_ size: (Int, Int)) throws {
        let (width, height) = size
        let frame = sphere.frame(.equirectangular, width: width, height: height)
        let geometry = try CubeGeometry(faceSize: 64, overlap: 8)
        let splitter = try CubeSplitter(from: .equirectangular, width: width, height: height, to: geometry)
        let joiner = try CubeJoiner(from: geometry, to: .equirectangular, width: width, height: height)
        #expect(peakSignalToNoise(joiner.join(splitter.split(frame)), frame) > 70)
    }

    /// 8-bit frames, as in real use.
    @Test(arguments: [PixelLayout.rgb, .bgra, .argb, .xbgr])
    func bytesComeBackAsValuesDo(_ layout: PixelLayout) throws {
        let geometry = try CubeGeometry(faceSize: 64, overlap: 8)
        let step = layout.bytesPerPixel
        let image = sphere.frame(.equirectangular, width: 256, height: 128, channels: step)
        let frame = ByteFrame(width: 256, height: 128, layout: layout, padding: 5)
        for byte in 0..<step {
            frame.setPlane(byte: byte, Array(image.samples[byte * image.pixelCount..<(byte + 1) * image.pixelCount]))
        }
        let column = ByteFrame(width: 80, height: 480, layout: layout, padding: 3)
        let result = ByteFrame(width: 256, height: 128, layout: layout, padding: 1)
        let splitter = try CubeSplitter(from: .equirectangular, width: 256, height: 128, to: geometry)
        splitter.split(frame.pixels, into: column.pixels)
        try CubeJoiner(from: geometry, to: .equirectangular, width: 256, height: 128)
            .join(column.pixels, into: result.pixels)
        let columnOfValues = splitter.split(image)
        for byte in 0..<step {
            let values = columnOfValues.samples[byte * 80 * 480..<(byte + 1) * 80 * 480]
            #expect(largestDifference(column.plane(byte: byte), Array(values)) < 1.2)
            let returned = Image(width: 256, height: 128, channels: 1, samples: result.plane(byte: byte))
            let original = Image(width: 256, height: 128, channels: 1, samples: frame.plane(byte: byte))
            #expect(peakSignalToNoise(returned, original) > 45)
        }
        // Padding after the rows is not written.
        for y in 0..<480 {
            #expect(column.bytes[y * (80 * step + 3) + 80 * step..<(y + 1) * (80 * step + 3)] == [7, 7, 7])
        }
    }

    @Test func facesOfTheInputsOwnSizeAreCopied() throws {
        let geometry = try CubeGeometry(faceSize: 32, overlap: 0)
        let column = sphere.column(geometry)
        for layout in SphereLayout.allCases where layout != .equirectangular {
            let size = layout.size(faceSize: 32)
            let joiner = try CubeJoiner(from: geometry, to: layout, width: size.width, height: size.height)
            let splitter = try CubeSplitter(from: layout, width: size.width, height: size.height, to: geometry)
            let frame = joiner.join(column)
            #expect(splitter.split(frame) == column)
            #expect(frame == sphere.frame(layout, width: size.width, height: size.height))
        }
    }

    @Test func theCrossIsBlackBetweenItsArms() throws {
        let geometry = try CubeGeometry(faceSize: 16, overlap: 2)
        let column = ByteFrame(width: 20, height: 120, layout: .rgba, fill: 200)
        let cross = ByteFrame(width: 64, height: 48, layout: .rgba)
        try CubeJoiner(from: geometry, to: .cross, width: 64, height: 48).join(column.pixels, into: cross.pixels)
        for (x, y, value) in [(0, 0, 0), (20, 0, 200), (40, 5, 0), (63, 20, 200), (15, 47, 0), (16, 47, 200)] {
            for byte in 0..<4 { #expect(cross.plane(byte: byte)[y * 64 + x] == Float(value)) }
        }
    }

    @Test func threadsAndInstructionsGiveTheSameBits() throws {
        let geometry = try CubeGeometry(faceSize: 45, overlap: 6)
        let frame = sphere.frame(.equirectangular, width: 181, height: 90, channels: 4)
        let bytes = ByteFrame(width: 181, height: 90, layout: .rgba)
        for byte in 0..<4 { bytes.setPlane(byte: byte, Array(frame.samples[byte * 16290..<(byte + 1) * 16290])) }
        func everything(threads: Int) throws -> ([Float], [UInt8]) {
            let splitter = try CubeSplitter(
                from: .equirectangular, width: 181, height: 90, to: geometry, threads: threads)
            let joiner = try CubeJoiner(
                from: geometry, to: .equirectangular, width: 150, height: 75, threads: threads)
            let column = ByteFrame(width: 57, height: 342, layout: .rgba)
            let result = ByteFrame(width: 150, height: 75, layout: .rgba)
            splitter.split(bytes.pixels, into: column.pixels)
            joiner.join(column.pixels, into: result.pixels)
            return (joiner.join(splitter.split(frame)).samples, column.bytes + result.bytes)
        }
        let reference = try everything(threads: 1)
        for threads in [2, 3, 0] { #expect(try everything(threads: threads) == reference) }
        for variant in try withEachVariant({ try everything(threads: 2) }) { #expect(variant == reference) }
    }

    /// The poles, the wrap-around seam, and the cube's corners and edges, where a wrong neighbour would be visible.
    @Test func edgesOfImagesAreSeamless() throws {
        let geometry = try CubeGeometry(faceSize: 64, overlap: 0)
        let splitter = try CubeSplitter(from: .equirectangular, width: 256, height: 128, to: geometry)
        let column = splitter.split(sphere.frame(.equirectangular, width: 256, height: 128))
        let expected = sphere.column(geometry)
        func compare(_ face: CubeFace, x: Int, y: Int, _ comment: Comment) {
            for channel in 0..<3 {
                let i = (channel * 384 + face.rawValue * 64 + y) * 64 + x
                #expect(abs(column.samples[i] - expected.samples[i]) < 1, comment)
            }
        }
        for i in 0..<64 {
            for middle in [31, 32] {
                compare(.up, x: i, y: middle, "above")
                compare(.down, x: middle, y: i, "below")
                compare(.back, x: middle, y: i, "the seam behind")
            }
            for face in CubeFace.allCases {
                for (x, y) in [(0, i), (63, i), (i, 0), (i, 63)] { compare(face, x: x, y: y, "an edge of \(face)") }
            }
        }
    }

    /// Otherwise it would alias.
    @Test func fineDetailDoesNotAlias() throws {
        let geometry = try CubeGeometry(faceSize: 32, overlap: 4)
        var frame = Image(width: 512, height: 256)
        for i in frame.samples.indices { frame.samples[i] = (i ^ i / 512) & 1 == 0 ? 0 : 255 }
        let bytes = ByteFrame(width: 512, height: 256, layout: .rgb, padding: 3)
        for byte in 0..<3 { bytes.setPlane(byte: byte, Array(frame.samples[..<frame.pixelCount])) }
        let splitter = try CubeSplitter(from: .equirectangular, width: 512, height: 256, to: geometry)
        let column = ByteFrame(width: 40, height: 240, layout: .rgb)
        splitter.split(bytes.pixels, into: column.pixels)
        #expect(splitter.split(frame).samples.allSatisfy { abs($0 - 127.5) < 12 })
        #expect(column.plane(byte: 1).allSatisfy { abs($0 - 127.5) < 12 })

        let smooth = sphere.frame(.equirectangular, width: 512, height: 256)
        #expect(peakSignalToNoise(splitter.split(smooth), sphere.column(geometry)) > 40)
        let joiner = try CubeJoiner(
            from: CubeGeometry(faceSize: 128, overlap: 12), to: .equirectangular, width: 160, height: 80)
        let small = joiner.join(sphere.column(try CubeGeometry(faceSize: 128, overlap: 12)))
        #expect(peakSignalToNoise(small, sphere.frame(.equirectangular, width: 160, height: 80)) > 40)
    }
}
