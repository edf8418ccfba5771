import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct ToneMappingTests {
    /// Below the knee of the curve nothing is compressed. zimg, in ffmpeg, then has the same colors.
    @Test(arguments: [(ToneMapping.Transfer.pq, "smpte2084"), (.hlg, "arib-std-b67")])
    func darkColorsAreThoseOfZimg(transfer: ToneMapping.Transfer, name: String) throws {
        // Code values up to 92 cd/m², in planes of green, blue and red.
        let most = transfer == .pq ? 0.49 : 0.44
        let colors = (0..<64).map { index -> (Double, Double, Double) in
            let level = most * (0.3 + 0.7 * Double(index) / 63)
            return (level, level * (1 - 0.12 * Double(index % 3) / 2), level * (1 - 0.1 * Double(index % 4) / 3))
        }
        let planes = [colors.map(\.1), colors.map(\.2), colors.map(\.0)]
        let folder = FileManager.default.temporaryDirectory.path + "/pentimento-tone-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let values = planes.joined().map { UInt16(($0 * 65535).rounded()) }
        try values.withUnsafeBytes { Data($0) }.write(to: URL(fileURLWithPath: "\(folder)/colors.raw"))
        let light = try Peer.run(
            "ffmpeg",
            """
            -f rawvideo -pixel_format gbrp16le -video_size 8x8 -color_range pc -i \(folder)/colors.raw -vf \
            setparams=color_primaries=bt2020:color_trc=\(name):colorspace=gbr:range=pc,zscale=t=linear:p=bt709:npl=203,format=gbrpf32le \
            -f rawvideo -
            """
        ).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        try #require(light.count == 192)
        let mapping = ToneMapping(from: transfer)
        for (index, color) in colors.enumerated() {
            let mapped = mapping.map([color.2, color.1, color.0])
            let found = [mapped[1], mapped[0], mapped[2]]
            for plane in 0..<3 {
                let expected = pow(Double(max(light[plane * 64 + index], 0)), 1 / 2.4)
                // Of HLG they agree to 1.5 %.
                #expect(
                    abs(found[plane] - expected) < (transfer == .pq ? 0.004 : 0.015),
                    "\(transfer) \(index): \(found[plane]), \(expected)")
            }
        }
    }

    @Test func whiteIsKeptAndGreysRise() {
        let mapping = ToneMapping(from: .pq, peak: 1000)
        let levels = (0...100).map { mapping.map([Double](repeating: Double($0) / 100, count: 3)) }
        for (color, next) in zip(levels, levels.dropFirst()) {
            #expect(next[1] > color[1] - 1e-9)
            #expect(abs(color[2] - color[1]) < 0.002 && abs(color[0] - color[1]) < 0.002)
        }
        // 1,000 cd/m² is at a code value of 0.7518, and 203 cd/m² at 0.5807.
        #expect(levels[76][1] > 0.995)
        #expect(levels[58][1] > 0.8 && levels[58][1] < 0.95)
        #expect(levels[0][1] == 0)
    }

    /// The tables against the functions.
    @Test(arguments: [ToneMapping.Transfer.pq, .hlg]) func imagesHaveTheColors(transfer: ToneMapping.Transfer) {
        let mapping = ToneMapping(from: transfer)
        var generator = SeededGenerator(seed: 4)
        let (width, height) = (37, 11)
        let samples = (0..<width * height).flatMap { _ -> [Float] in
            let level = Float.random(in: 0...220, using: &generator)
            return (0..<3).map { _ in level + Float.random(in: 0...30, using: &generator) }
        }
        var image = Image(width: width, height: height)
        for index in 0..<width * height {
            for channel in 0..<3 { image.samples[channel * width * height + index] = samples[3 * index + channel] }
        }
        let before = image
        image = image.networkSpace()
        mapping.apply(to: &image)
        image = image.pictureSpace()
        var worst = 0.0
        for index in 0..<image.pixelCount {
            func value(_ image: Image, _ channel: Int) -> Double {
                Double(image.samples[channel * image.pixelCount + index])
            }
            let color = mapping.map([2, 1, 0].map { value(before, $0) / 255 })
            for (channel, expected) in color.enumerated() {
                worst = max(worst, abs(value(image, 2 - channel) - expected * 255))
            }
        }
        #expect(worst < 1, "\(worst) levels")
    }
}
