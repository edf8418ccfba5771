import Conversions
import Foundation
import Imaging
import MediaIO
import TestSupport
import Testing

/// Pictures of all kinds that people have. `Fixtures/make_pictures.py` makes them, and lists what Pillow reads from them.
@Suite(.serialized) struct PictureKindsTests {
    /// A file, and what another program reads from it.
    struct Kind: CustomTestStringConvertible {
        let name: String
        let tolerance: Int
        let width: Int
        let height: Int
        let hasAlpha: Bool
        /// Red, green, blue and alpha of each pixel, upright and in sRGB.
        let pixels: [UInt8]

        var path: String { TestData.fixture("pictures/\(name)", of: "MediaIOTests") }
        var testDescription: String { name }

        /// Whether a sample is kept: what is transparent has no color in these formats.
        func isSeen(_ index: Int) -> Bool {
            pixels[index | 3] > 0 || index % 4 == 3 || ![".gif", ".tif"].contains(where: name.hasSuffix)
        }

        /// - Returns: nil if the line is malformed.
        init?(_ line: Substring) {
            let words = line.split(separator: " ")
            guard words.count == 6, let tolerance = Int(words[1]), let width = Int(words[2]), let height = Int(words[3])
            else { return nil }
            name = String(words[0])
            (self.tolerance, self.width, self.height) = (tolerance, width, height)
            hasAlpha = words[4] == "alpha"
            let bytes = PictureTools.bytes(words[5])
            pixels =
                hasAlpha ? bytes : stride(from: 0, to: bytes.count - 2, by: 3).flatMap { bytes[$0..<$0 + 3] + [255] }
            guard pixels.count == width * height * 4 else { return nil }
        }
    }

    static let kinds: [Kind] = {
        let list = TestData.fixture("pictures/expected.txt", of: "MediaIOTests")
        return ((try? String(contentsOfFile: list, encoding: .utf8)) ?? "").split(separator: "\n").compactMap(Kind.init)
    }()

    @Test func allKindsAreThere() {
        #expect(Self.kinds.count > 60)
    }

    /// Whether there is no decoder for a file here: packages for some formats are optional.
    static func isOptional(_ name: String) -> Bool {
        let formats = missingPictureDecoders().map(\.format)
        return name.hasSuffix(".avif") && formats.contains("AVIF")
            || name.hasSuffix(".heic") && formats.contains("HEIC")
    }

    @Test(arguments: kinds) func samplesAreThoseOfTheFile(kind: Kind) throws {
        if Self.isOptional(kind.name) {
            let error = #expect(throws: MediaError.self) { try MediaInput(kind.path) }
            #expect(error?.description.contains("sudo apt install") ?? false)
            return
        }
        let input = try MediaInput(kind.path)
        #expect(input.kind == .still && input.width == kind.width && input.height == kind.height)
        let image = try Image(contentsOf: kind.path)
        try #require(image.width == kind.width && image.height == kind.height)
        #expect(difference(image, kind) <= kind.tolerance)

        // Written as a picture without change, the file has the same samples, and alpha.
        let shop = try Workshop()
        let copy = shop.path("copy.png")
        _ = try Conversion(input, to: copy, filter: "identity", settings: .init()).run()
        let read = try Data(contentsOf: URL(fileURLWithPath: copy))
        // Color type 2 is red, green, blue; 6 is with alpha, 0 is grey.
        #expect((read[25] == 6) == kind.hasAlpha, "color type \(read[25])")
        let raw = try PictureTools.pixels(of: copy)
        try #require(raw.count == kind.pixels.count)
        let differences = zip(raw, kind.pixels).enumerated().map { index, pair in
            kind.isSeen(index) ? abs(Int(pair.0) - Int(pair.1)) : 0
        }
        #expect(differences.max() ?? 0 <= kind.tolerance)
    }

    /// Decoders fill what is missing with some color, or say nothing.
    @Test(arguments: [
        "color2-8.png", "color.jpg", "color.bmp", "palette.bmp", "color.tga", "color.ppm", "raw.tif", "color.webp",
        "still.gif", "disposal1.gif", "disposal0-blend0.png", "animated.webp", "color.avif", "color.heic", "color.jp2",
    ])
    func aTruncatedFileIsAnError(name: String) throws {
        let shop = try Workshop()
        let whole = try Data(contentsOf: URL(fileURLWithPath: TestData.fixture("pictures/\(name)", of: "MediaIOTests")))
        for share in [0.8, 0.5, 0.2] {
            let path = shop.path(name)
            try whole.prefix(Int(Double(whole.count) * share)).write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: MediaError.self, "\(share)") {
                let reader = try FrameReader(path)
                while try reader.next() != nil {}
            }
            #expect(error?.description.hasPrefix("\(path): ") ?? false)
        }
    }

    /// Formats that only libavcodec reads, which ffmpeg makes.
    static let codecKinds = [
        "a.dpx", "a.xwd", "a.pam", "gray.pam", "a.sgi", "gray.sgi", "a.pcx", "gray.pcx", "a.pfm", "a.jls", "gray.jls",
        "a.qoi", "alpha.qoi", "alpha.dpx", "a.sun", "deep.dpx",
    ]

    @Test(arguments: codecKinds) func pictureOfACodec(name: String) throws {
        let shop = try Workshop()
        let path = shop.path(name)
        let formats = ["gray": "gray", "alpha": "rgba", "deep": "gbrp10be"]
        let format = name.split(separator: ".").first.flatMap { formats[String($0)] }
        let options = format.map { ["-pix_fmt", $0] } ?? []
        let source = "testsrc2=size=37x21:duration=0.04,format=rgba,colorchannelmixer=aa=0.5"
        _ = try Peer.run("ffmpeg", "", ["-f", "lavfi", "-i", source, "-frames:v", "1"] + options + [path])
        let expected = try PictureTools.pixels(of: path)
        let input = try MediaInput(path)
        #expect(input.kind == .still && input.width == 37 && input.height == 21)
        _ = try Conversion(input, to: shop.path("copy.png"), filter: "identity", settings: .init()).run()
        let read = try PictureTools.pixels(of: shop.path("copy.png"))
        try #require(read.count == expected.count)
        #expect(zip(read, expected).map { abs(Int($0) - Int($1)) }.max() ?? 0 <= (format == "gbrp10be" ? 1 : 0))
        #expect(try Image(contentsOf: path).width == 37)
        // What is cut off is not filled.
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: MediaError.self) {
            let reader = try FrameReader(path)
            while try reader.next() != nil {}
        }
        #expect(error?.description.hasPrefix("\(path): ") ?? false)
    }

    /// Of a file of several pages or pictures, the first is read, and a line says so. Smaller copies are none.
    @Test(arguments: [("pages.tif", 3), ("copy.tif", 1), ("stream.ppm", 4)]) func pages(name: String, count: Int) throws
    {
        let shop = try Workshop()
        let path = name.hasSuffix(".ppm") ? shop.path(name) : TestData.fixture("pictures/\(name)", of: "MediaIOTests")
        if name.hasSuffix(".ppm") {
            _ = try Peer.run(
                "ffmpeg", "",
                ["-f", "lavfi", "-i", "testsrc2=s=33x7:r=25:d=0.16", "-f", "image2pipe", "-c:v", "ppm", path])
        }
        let conversion = try Conversion(
            MediaInput(path), to: shop.path("a.png"), filter: "identity", settings: .init())
        _ = try conversion.run()
        #expect(conversion.notes.map { $0.prefix(10) } == (count > 1 ? ["\(count) pictures"] : []))
    }

    private func difference(_ image: Image, _ kind: Kind) -> Int {
        let count = kind.width * kind.height
        return (0..<3 * count).map { index in
            let place = index % count * 4 + index / count
            return kind.isSeen(place) ? abs(Int(image.samples[index]) - Int(kind.pixels[place])) : 0
        }.max() ?? 0
    }
}
