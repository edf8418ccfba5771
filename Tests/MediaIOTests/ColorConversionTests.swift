import Foundation
import MediaIO
import TestSupport
import Testing

/// Colors of frames that are converted between RGB and luma and chroma, by swscale's exact conversion.
@Suite struct ColorConversionTests {
    struct Colors: CustomTestStringConvertible {
        /// ffmpeg's names of the matrix and the range.
        let (matrix, range): (String, String)
        /// As in caps.
        let colorimetry: String
        var testDescription: String { "\(matrix) \(range)" }
    }

    static let colors = [
        Colors(matrix: "bt601", range: "tv", colorimetry: "2:4:16:4"),
        Colors(matrix: "bt709", range: "tv", colorimetry: "bt709"),
        Colors(matrix: "bt2020", range: "tv", colorimetry: "bt2020"),
        Colors(matrix: "bt601", range: "pc", colorimetry: "1:4:16:4"),
        Colors(matrix: "bt709", range: "pc", colorimetry: "1:3:5:1"),
    ]

    /// ffmpeg's names, with GStreamer's.
    static let formats = [
        ("yuv420p", "I420"), ("nv12", "NV12"), ("yuyv422", "YUY2"), ("yuv422p", "Y42B"), ("yuv444p", "Y444"),
        ("yuv420p10le", "I420_10LE"), ("p010le", "P010_10LE"), ("yuv422p10le", "I422_10LE"),
        ("yuv444p10le", "Y444_10LE"),
    ]

    private static let (width, height) = (64, 48)
    /// Smooth, so that the position and the interpolation of chroma are of no account.
    private static let picture =
        "-f lavfi -i nullsrc=size=64x48:rate=1:duration=1,format=gbrp,"
        + "geq=r='128+90*sin(X/30)':g='128+90*cos(Y/30)':b='128+90*sin((X+Y)/40)'"

    /// One frame by ffmpeg, as bytes without padding.
    private func frame(_ format: String, _ colors: Colors) throws -> Data {
        let scale =
            "scale=out_color_matrix=\(colors.matrix):out_range=\(format == "rgb24" ? "pc" : colors.range)"
            + ":flags=accurate_rnd+full_chroma_int+full_chroma_inp+bitexact,format=\(format)"
        return try Peer.run("ffmpeg", "\(Self.picture) -vf \(scale) -f rawvideo -frames:v 1 -")
    }

    /// The frame after the conversion.
    private func converted(_ data: Data, _ caps: String, to wanted: String) throws -> [UInt8] {
        let shop = try Workshop()
        try data.write(to: URL(fileURLWithPath: shop.path("frame.raw")))
        let pipeline = try Pipeline(
            parsing: """
                filesrc location=\(shop.path("frame.raw")) blocksize=\(data.count) ! rawvideoparse use-sink-caps=false \(caps) \
                width=\(Self.width) height=\(Self.height) framerate=1/1 ! \(Pipeline.colorConversion) ! video/x-raw,\(wanted) \
                ! appsink name=sink sync=false
                """, input: "a frame")
        try pipeline.start()
        defer { pipeline.stop() }
        let sample = try #require(try pipeline.pullSample(from: "sink"))
        defer { sample.release() }
        return sample.bytes()
    }

    private func expect(_ bytes: [UInt8], equal data: Data, format: String, within limit: Int, shift: Double = 0.15) {
        #expect(bytes.count == data.count, "\(format)")
        let isDeep = format.contains("10LE") && !format.hasPrefix("RGB")
        func values(_ bytes: [UInt8]) -> [Int] {
            guard isDeep else { return bytes.map(Int.init) }
            return stride(from: 0, to: bytes.count - 1, by: 2).map {
                (Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8) >> (format == "P010_10LE" ? 6 : 0)
            }
        }
        let differences = zip(values(bytes), values([UInt8](data))).map { $0 - $1 }
        #expect((differences.map(abs).max() ?? 0) <= limit, "\(format): \(differences.map(abs).max() ?? 0)")
        let mean = Double(differences.reduce(0, +)) / Double(max(differences.count, 1))
        #expect(abs(mean) < shift, "\(format): levels are shifted by \(mean)")
    }

    /// What swscale's mean may differ by: its full range of 10 bits ends at 1020 of 1023.
    private func shift(_ format: String, _ colors: Colors) -> Double {
        format.contains("10") ? (colors.range == "pc" ? 1.5 : 0.6) : 0.3
    }

    @Test(arguments: colors) func lumaAndChromaBecomeTheRightColors(colors: Colors) throws {
        let expected = try frame("rgb24", colors)
        for (name, format) in Self.formats {
            let caps =
                "format=\(format.lowercased().replacingOccurrences(of: "_", with: "-")) colorimetry=\(colors.colorimetry)"
            let result = try converted(frame(name, colors), caps, to: "format=RGB")
            expect(
                result, equal: expected, format: "RGB of \(format)", within: 2, shift: shift(format, colors) / 2)
        }
    }

    @Test(arguments: colors) func colorsBecomeTheRightLumaAndChroma(colors: Colors) throws {
        let picture = try frame("rgb24", colors)
        for (name, format) in Self.formats {
            let result = try converted(
                picture, "format=rgb", to: "format=\(format),colorimetry=\(colors.colorimetry)")
            expect(
                result, equal: try frame(name, colors), format: format, within: format.contains("10") ? 4 : 1,
                shift: shift(format, colors))
        }
    }

    @Test func alphaIsKeptOrFull() throws {
        let pixels: [UInt8] = (0..<Self.width * Self.height).flatMap { (index: Int) -> [UInt8] in
            [UInt8(truncatingIfNeeded: index), 20, 30, 40]
        }
        let result = try converted(Data(pixels), "format=argb", to: "format=BGRA")
        #expect(result == pixels.indices.map { pixels[$0 - $0 % 4 + 3 - $0 % 4] })
        let opaque = try converted(frame("yuv420p", Self.colors[1]), "format=i420 colorimetry=bt709", to: "format=RGBA")
        #expect(opaque.count == pixels.count)
        #expect(stride(from: 3, to: opaque.count, by: 4).allSatisfy { opaque[$0] == 255 })
    }

    @Test func aFormatThatBothSidesTakeIsNotTouched() throws {
        let data = Data((0..<Self.width * Self.height * 3 / 2).map { UInt8(truncatingIfNeeded: $0 * 7) })
        let result = try converted(data, "format=i420 colorimetry=1:0:0:0", to: "format=I420")
        #expect(result == [UInt8](data))
    }
}
