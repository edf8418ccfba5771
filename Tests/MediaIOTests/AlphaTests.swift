import Conversions
import Foundation
import MediaIO
import TestSupport
import Testing

/// Alpha of videos, by ffmpeg's decoders.
@Suite(.serialized) struct AlphaTests {
    /// ffmpeg's options and decoder for the input.
    static let kinds = [
        (name: "vp9.webm", options: "-pix_fmt yuva420p -c:v libvpx-vp9 -crf 5 -b:v 0", decoder: "-c:v libvpx-vp9"),
        (name: "vp8.webm", options: "-pix_fmt yuva420p -c:v libvpx -auto-alt-ref 0", decoder: "-c:v libvpx"),
        (name: "prores.mov", options: "-pix_fmt yuva444p10le -c:v prores_ks -profile:v 4444", decoder: ""),
        (name: "qtrle.mov", options: "-pix_fmt argb -c:v qtrle", decoder: ""),
        (name: "png.mov", options: "-pix_fmt rgba -c:v png", decoder: ""),
        (name: "ffv1.mkv", options: "-pix_fmt yuva420p -c:v ffv1", decoder: ""),
    ]

    /// Alpha rises from left to right, and changes from frame to frame.
    private static let source =
        "-f lavfi -i testsrc2=size=64x48:rate=10:duration=0.5,gblur=sigma=4,format=yuva444p,"
        + "geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='X*3+N*12'"

    private func frames(_ path: String, _ decoder: String) throws -> [UInt8] {
        [UInt8](try Peer.run("ffmpeg", "\(decoder) -i \(path) -pix_fmt rgba -f rawvideo -"))
    }

    @Test(arguments: kinds.indices) func alphaIsKept(index: Int) throws {
        let kind = Self.kinds[index]
        let shop = try Workshop()
        let input = shop.path(kind.name)
        _ = try Peer.run("ffmpeg", "\(Self.source) \(kind.options)", [input])
        let before = try frames(input, kind.decoder)
        for (ending, decoder) in [("webm", "-c:v libvpx-vp9"), ("mov", "")] {
            let output = shop.path("out.\(ending)")
            let conversion = try Conversion(MediaInput(input), to: output, filter: "identity", settings: .init())
            #expect(try conversion.run().frames == 5)
            let after = try frames(output, decoder)
            try #require(after.count == before.count, "\(kind.name), \(ending)")
            let alpha = stride(from: 3, to: after.count, by: 4).map { abs(Int(after[$0]) - Int(before[$0])) }
            let mean = Double(alpha.reduce(0, +)) / Double(alpha.count)
            #expect(mean < 2 && (alpha.max() ?? 0) < 24, "\(kind.name), \(ending): \(mean), \(alpha.max() ?? 0)")
        }
    }

    @Test func lostAlphaIsSaid() throws {
        let shop = try Workshop()
        let input = shop.path("in.mov")
        _ = try Peer.run("ffmpeg", "\(Self.source) -pix_fmt argb -c:v qtrle", [input])
        func notes(_ output: String, _ settings: Conversion.Settings) throws -> [String] {
            let conversion = try Conversion(
                MediaInput(input), to: shop.path(output), filter: "identity", settings: settings)
            _ = try conversion.run()
            return conversion.notes
        }
        #expect(try notes("out.mp4", .init()).contains { $0.hasPrefix("alpha: left out") })
        #expect(try notes("out.webm", .init()).isEmpty)
        var settings = Conversion.Settings()
        settings.keepsAlpha = false
        #expect(try notes("plain.mov", settings).isEmpty)
        let codec = try Peer.text(
            "ffprobe", "-select_streams v -show_entries stream=codec_name -of csv=p=0", [shop.path("plain.mov")])
        #expect(codec.hasPrefix("h264"))
    }

    /// A video of the colors, and one of alpha.
    private static let avif =
        "-filter_complex [0]split[a][b];[b]alphaextract[c] -map [a] -map [c] -c:v libaom-av1 -crf 1 -cpu-used 8 "
        + "-pix_fmt:0 yuv444p -pix_fmt:1 gray"
    /// ffmpeg's options for an animation or a series.
    static let pictures = [
        (name: "a.webp", options: "-c:v libwebp_anim -lossless 1 -pix_fmt bgra"),
        (name: "a.avif", options: avif), (name: "a.png", options: "-f apng -pix_fmt rgba"),
        (name: "a_%d.png", options: "-pix_fmt rgba"),
    ]

    @Test(arguments: pictures.indices) func alphaOfPicturesIsKept(index: Int) throws {
        let kind = Self.pictures[index]
        let shop = try Workshop()
        let input = shop.path(kind.name)
        _ = try Peer.run("ffmpeg", "\(Self.source) \(kind.options)", [input])
        let before = [UInt8](try Peer.run("ffmpeg", "\(Self.source) -pix_fmt rgba -f rawvideo -"))
        func convert(_ output: String, _ settings: Conversion.Settings = .init()) throws -> Conversion {
            let conversion = try Conversion(
                MediaInput(input), to: shop.path(output), filter: "identity", settings: settings)
            #expect(try conversion.run().frames == 5)
            return conversion
        }
        for (ending, decoder) in [("webm", "-c:v libvpx-vp9"), ("mov", "")] {
            _ = try convert("out.\(ending)")
            let after = try frames(shop.path("out.\(ending)"), decoder)
            try #require(after.count == before.count, "\(kind.name), \(ending)")
            let alpha = stride(from: 3, to: after.count, by: 4).map { abs(Int(after[$0]) - Int(before[$0])) }
            #expect(Double(alpha.reduce(0, +)) / Double(alpha.count) < 2, "\(kind.name), \(ending)")
        }
        for output in ["out.mp4", "out_%d.jpg"] {
            #expect(try convert(output).notes.contains { $0.hasPrefix("alpha: left out") }, "\(kind.name), \(output)")
        }
        #expect(try convert("out_%d.png").notes.isEmpty)
        var settings = Conversion.Settings()
        settings.keepsAlpha = false
        #expect(try convert("opaque_%d.png", settings).notes.isEmpty)
        // Color type 2 is red, green, blue.
        #expect(try Data(contentsOf: URL(fileURLWithPath: shop.path("opaque_1.png")))[25] == 2)
    }

    /// Alpha that comes late is left out with a line.
    @Test func alphaThatComesLateIsSaid() throws {
        let shop = try Workshop()
        for (number, format) in [(1, "rgb24"), (2, "rgba")] {
            _ = try Peer.run(
                "ffmpeg", "\(Self.source) -frames:v 1 -update 1 -pix_fmt \(format)", [shop.path("late_\(number).png")])
        }
        let conversion = try Conversion(
            MediaInput(shop.path("late_%d.png")), to: shop.path("late.webm"), filter: "identity", settings: .init())
        _ = try conversion.run()
        #expect(conversion.notes.contains { $0.hasPrefix("alpha: left out") }, "\(conversion.notes)")
    }
}
