import Conversions
import Foundation
import MediaIO
import TestSupport
import Testing

/// Metadata survive a round trip and leave the frames unchanged.
@Suite(.serialized) struct SphericalMetadataTests {
    private func convert(_ input: String, _ output: String, _ metadata: SphericalMetadata?) throws {
        var settings = Conversion.Settings()
        settings.spherical = metadata
        _ = try Conversion(MediaInput(input), to: output, filter: "identity", settings: settings).run()
    }

    /// The first channel and the time of each frame.
    /// Times and digests of the decoded frames, by ffmpeg.
    private func frames(_ path: String) throws -> [String] {
        try Peer.text("ffmpeg", "-i \(path) -map 0:v:0 -f framemd5 -").split(whereSeparator: \.isNewline)
            .filter { !$0.hasPrefix("#") }.map(String.init)
    }

    private let turned: SphericalMetadata = {
        var metadata = SphericalMetadata()
        metadata.pose = .init(yaw: -30.5, pitch: 12.25, roll: 180)
        return metadata
    }()

    @Test(arguments: ["out.mp4", "out.m4v", "out.mov", "out.mkv", "out.webm"])
    func videoMetadata(name: String) throws {
        let shop = try Workshop()
        let clip = try shop.makeClip(caps: "width=64,height=32,framerate=10/1")
        #expect(try SphericalMetadata.read(from: clip) == nil)
        try convert(clip, shop.path("plain" + name), nil)
        try convert(clip, shop.path(name), turned)
        #expect(try SphericalMetadata.read(from: shop.path("plain" + name)) == nil)
        #expect(try SphericalMetadata.read(from: shop.path(name)) == turned)
        #expect(try frames(shop.path(name)) == frames(shop.path("plain" + name)))
        // Writes other metadata in place of the first.
        let cube = SphericalMetadata(.cubeMap(layout: 0, padding: 3))
        try cube.write(into: shop.path(name), width: 64, height: 32)
        #expect(try SphericalMetadata.read(from: shop.path(name)) == cube)
        #expect(try frames(shop.path(name)) == frames(shop.path("plain" + name)))
        #expect(try MediaInput(shop.path(name)).sound != nil)
    }

    /// If the index precedes the samples, their offsets change; in Matroska the positions in the index too.
    @Test(arguments: [
        ("x264enc", "mp4mux faststart=true", "mp4"), ("x264enc", "qtmux faststart=true", "mov"),
        ("x264enc key-int-max=2", "matroskamux min-index-interval=0", "mkv"),
    ])
    func samplesAreFoundAfterTheyMoved(encoder: String, muxer: String, ending: String) throws {
        let shop = try Workshop()
        let clip = try shop.makeClip("clip.\(ending)", frames: 60, encoder: encoder, muxer: muxer)
        let before = try frames(clip)
        #expect(before.count == 60)
        try turned.write(into: clip, width: 64, height: 48)
        #expect(try SphericalMetadata.read(from: clip) == turned)
        #expect(try frames(clip) == before)
        // Seeking uses the index.
        var settings = Conversion.Settings()
        settings.start = 4
        settings.duration = 1
        let part = try Conversion(
            MediaInput(clip), to: shop.path("part.mkv"), filter: "identity", settings: settings)
        #expect(try part.run().frames == 10)
    }

    @Test(arguments: ["out.png", "out.jpg"])
    func imageMetadata(name: String) throws {
        let shop = try Workshop()
        try Pipeline(
            parsing:
                "videotestsrc num-buffers=1 ! video/x-raw,width=64,height=32 ! videoconvert ! pngenc ! filesink location=\"\(shop.path("in.png"))\"",
            input: "in.png"
        ).run()
        var metadata = SphericalMetadata()
        metadata.view = ["PoseHeadingDegrees": "123.5", "InitialViewPitchDegrees": "-7"]
        try convert(shop.path("in.png"), shop.path("plain" + name), nil)
        try convert(shop.path("in.png"), shop.path(name), metadata)
        #expect(try SphericalMetadata.read(from: shop.path(name)) == metadata)
        #expect(try frames(shop.path(name)) == frames(shop.path("plain" + name)))
        // Replaces existing metadata.
        let length = try #require(FileManager.default.contents(atPath: shop.path(name))).count
        try metadata.write(into: shop.path(name), width: 64, height: 32)
        #expect(try #require(FileManager.default.contents(atPath: shop.path(name))).count == length)
        #expect(try SphericalMetadata.read(from: shop.path(name)) == metadata)
    }

    @Test func imageSequenceMetadata() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip(frames: 3, caps: "width=64,height=32,framerate=10/1")
        try convert(clip, shop.path("out%d.jpg"), SphericalMetadata())
        for number in 1...3 {
            #expect(try SphericalMetadata.read(from: shop.path("out\(number).jpg")) == SphericalMetadata())
        }
    }

    /// XMP fields as attributes, a part of the sphere, another projection.
    @Test func metadataOfOtherPrograms() throws {
        let shop = try Workshop()
        func read(_ fields: String) throws -> SphericalMetadata? {
            let name = Array("http://ns.adobe.com/xap/1.0/\0".utf8)
            let packet = Array(
                "<rdf:Description xmlns:GPano='http://ns.google.com/photos/1.0/panorama/' \(fields)/>".utf8)
            let length = 2 + name.count + packet.count
            let bytes: [UInt8] =
                [0xFF, 0xD8, 0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + name + packet + [0xFF, 0xD9]
            try Data(bytes).write(to: URL(fileURLWithPath: shop.path("a.jpg")))
            return try SphericalMetadata.read(from: shop.path("a.jpg"))
        }
        var expected = SphericalMetadata()
        expected.view = ["PoseHeadingDegrees": "10.0"]
        #expect(
            try read("GPano:ProjectionType=\"equirectangular\" GPano:PoseHeadingDegrees = '10.0'") == expected)
        #expect(try read("GPano:ProjectionType='cylindrical'")?.projection == .other("a cylindrical projection"))
        #expect(
            try read(
                "GPano:ProjectionType='equirectangular' GPano:FullPanoHeightPixels='100' GPano:CroppedAreaImageHeightPixels='60'"
            )?.projection == .other("a part of the sphere"))
        #expect(try read("GPano:StitchingSoftware='x'") == nil)
    }

    /// Truncated or overwritten files give a result or an error.
    @Test(arguments: ["out.mp4", "out.mkv", "out.jpg", "out.png"])
    func damagedFiles(name: String) throws {
        let shop = try Workshop()
        let clip = try shop.makeClip(frames: 2, caps: "width=64,height=32,framerate=10/1", sound: false)
        let isImage = name.hasSuffix("g")
        let path = shop.path(isImage ? "out%d" + name.suffix(4) : name)
        try convert(clip, path, turned)
        let file = isImage ? shop.path("out1" + name.suffix(4)) : path
        let whole = [UInt8](try #require(FileManager.default.contents(atPath: file)))
        let damaged = shop.path("damaged")
        for step in stride(from: 0, to: whole.count, by: max(1, whole.count / 150)) {
            var bytes = whole
            bytes[step] = ~bytes[step]
            for copy in [Array(whole[..<step]), bytes] {
                try Data(copy).write(to: URL(fileURLWithPath: damaged))
                _ = try SphericalMetadata.read(from: damaged)
                try? turned.write(into: damaged, width: 64, height: 32)
            }
        }
        // Deeply nested boxes.
        let nested = [UInt8]([
            0x1A, 0x45, 0xDF, 0xA3, 0x80, 0x18, 0x53, 0x80, 0x67, 0x01, 255, 255, 255, 255, 255, 255, 255,
        ])
        let seekHeads = (0..<20_000).flatMap { level -> [UInt8] in
            let size = (20_000 - level - 1) * 8
            return [
                0x16, 0x54, 0xAE, 0x6B, 0x10 | UInt8(size >> 24), UInt8(size >> 16 & 255), UInt8(size >> 8 & 255),
                UInt8(size & 255),
            ]
        }
        try Data(nested + seekHeads).write(to: URL(fileURLWithPath: damaged))
        #expect(try SphericalMetadata.read(from: damaged) == nil)
    }
}
