import Foundation
import MediaIO
import Testing

@Suite struct SphereCommandTests {
    /// Creates an equirectangular video of moving coloured noise with sound.
    private func makeSphere(_ shop: Workshop, _ name: String = "sphere.mp4", size: (Int, Int) = (128, 64)) throws
        -> String
    {
        try shop.makeClip(name, frames: 4, size: size)
    }

    private func makePanorama(_ shop: Workshop, _ name: String = "sphere1.png", size: (Int, Int) = (128, 64)) throws
        -> String
    {
        _ = try shop.makeFrames(name.replacingOccurrences(of: "1.", with: "%d."), count: 1, size: size)
        return shop.path(name)
    }

    /// The spherical side data of the first frame by ffprobe.
    private func mapping(of path: String) throws -> String {
        try Program.peer(
            "ffprobe", "-select_streams", "v", "-show_entries", "stream_side_data_list", "-of", "flat", path)
    }

    @Test(arguments: ["out.mp4", "out.mov", "out.mkv", "out.webm"])
    func videoKeepsSphericalMetadata(name: String) throws {
        let shop = try Workshop()
        let clip = try makeSphere(shop)
        let outcome = try Program.run("sphere", clip, "-o", shop.path(name), "--overlap", "8")
        #expect(outcome.status == 0, "\(outcome.errors)")
        // ffprobe prints the spherical side data next.
        #expect(try Workshop.size(of: shop.path(name)).hasPrefix("128,64"))
        #expect(try Workshop.times(of: shop.path(name)).count == 4)
        #expect(try mapping(of: shop.path(name)).contains("projection=\"equirectangular\""))
        #expect(shop.files == [name, "sphere.mp4"].sorted())
        if name == "out.mp4" {
            #expect(try Workshop.times(of: shop.path(name)) == Workshop.times(of: clip))
            #expect(try Workshop.soundDigest(of: shop.path(name)) == Workshop.soundDigest(of: clip))
            #expect(!outcome.errors.contains("sound"))
        }
        #expect(try Workshop.frameDigests(of: shop.path(name)).split(whereSeparator: \.isNewline).count == 4)
    }

    @Test func metadataOfTheInputAreKept() throws {
        let shop = try Workshop()
        let clip = try makeSphere(shop)
        var metadata = SphericalMetadata()
        metadata.pose.yaw = 45
        try metadata.write(into: clip, width: 128, height: 64)
        #expect(try Program.run("sphere", clip, "-o", shop.path("out.mkv"), "--overlap", "8").status == 0)
        #expect(try SphericalMetadata.read(from: shop.path("out.mkv")) == metadata)
        #expect(try mapping(of: shop.path("out.mkv")).contains("yaw=45"))
    }

    @Test func imageKeepsItsResolution() throws {
        let shop = try Workshop()
        let image = try makePanorama(shop)
        let outcome = try Program.run("sphere", image, "-o", shop.path("out.jpg"), "--json")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        let sphere = try #require(report["sphere"] as? [String: Any])
        #expect(sphere["faceSize"] as? Int == 32)
        #expect(sphere["overlap"] as? Int == 8)
        #expect(sphere["layout"] as? String == "equirectangular")
        #expect(report["frames"] as? Int == 1)
        #expect(try Workshop.size(of: shop.path("out.jpg")) == "128,64")
        #expect(try SphericalMetadata.read(from: shop.path("out.jpg")) == SphericalMetadata())
        // The borders of neighbouring faces change the result.
        #expect(try Program.run("sphere", image, "-o", shop.path("a.png")).status == 0)
        #expect(try Program.run("sphere", image, "-o", shop.path("b.png"), "--borders", "none").status == 0)
        #expect(try Workshop.frameDigests(of: shop.path("a.png")) != Workshop.frameDigests(of: shop.path("b.png")))
    }

    @Test func imageSequence() throws {
        let shop = try Workshop()
        let frames = try shop.makeFrames(count: 2, size: (64, 32))
        let outcome = try Program.run("sphere", frames, "-o", shop.path("out_%d.png"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        for number in 1...2 {
            #expect(try SphericalMetadata.read(from: shop.path("out_\(number).png")) == SphericalMetadata())
        }
    }

    @Test(arguments: [("96x64", "3x2"), ("192x32", "6x1"), ("32x192", "1x6"), ("128x96", "4x3")])
    func cubeMapsKeepTheirLayout(size: String, layout: String) throws {
        let shop = try Workshop()
        let sides = size.split(separator: "x").compactMap { Int($0) }
        let image = try makePanorama(shop, size: (sides[0], sides[1]))
        let outcome = try Program.run("sphere", image, "-o", shop.path("out.png"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("cube map"))
        #expect(try Workshop.size(of: shop.path("out.png")) == "\(sides[0]),\(sides[1])")
        #expect(try SphericalMetadata.read(from: shop.path("out.png")) == nil)
        // A still image has 360-degree metadata too.
        let flat = try Program.run(
            "sphere", image, "-o", shop.path("flat.png"), "--layout", layout, "--output-layout", "equirectangular")
        #expect(flat.status == 0, "\(flat.errors)")
        #expect(try Workshop.size(of: shop.path("flat.png")) == "128,64")
        #expect(try SphericalMetadata.read(from: shop.path("flat.png")) == SphericalMetadata())
    }

    @Test func nonSphericalInputsAreRefused() throws {
        let shop = try Workshop()
        let wide = try makePanorama(shop, "wide1.png", size: (160, 90))
        let outcome = try Program.run("sphere", wide, "-o", shop.path("out.png"))
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("wide1.png") && outcome.errors.contains("160x90"))
        #expect(outcome.errors.split(whereSeparator: \.isNewline).count == 1)
        #expect(outcome.errors.contains("(equirectangular)"))
        let panorama = try makePanorama(shop)
        let forced = try Program.run("sphere", panorama, "-o", shop.path("out.png"), "--layout", "3x2")
        #expect(forced.status == 1 && forced.errors.contains("3x2"))
        let small = try Program.run("sphere", panorama, "-o", shop.path("out.png"), "--face", "32", "--overlap", "20")
        #expect(small.status == 1 && small.errors.contains("overlap"))
        #expect(try Program.run("sphere", panorama, "-o", shop.path("out.png"), "--layout", "5x1").status == 2)
        #expect(try Program.run("sphere", panorama, "-o", shop.path("out.mp4")).status == 1)
        #expect(shop.files == ["sphere1.png", "wide1.png"])
    }

    @Test func unsupportedProjectionsAreRefused() throws {
        let shop = try Workshop()
        let clip = try makeSphere(shop)
        try SphericalMetadata(.cubeMap(layout: 0, padding: 4)).write(into: clip, width: 128, height: 64)
        let outcome = try Program.run("sphere", clip, "-o", shop.path("out.mp4"))
        #expect(outcome.status == 1 && outcome.errors.contains("padded by 4 pixels"))
        #expect(shop.files == ["sphere.mp4"])
    }

    // MARK: The page

    @Test func pageIsSelfContained() throws {
        let shop = try Workshop()
        let image = try makePanorama(shop)
        try Data("/* the library */".utf8).write(to: URL(fileURLWithPath: shop.path("three.js")))
        let page = shop.path("page.html")
        let outcome = try Program.run("view", image, image, "-o", page, "--three", shop.path("three.js"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        let text = try String(contentsOfFile: page, encoding: .utf8)
        let bytes = try #require(FileManager.default.contents(atPath: image)).base64EncodedString()
        #expect(text.components(separatedBy: bytes).count == 3)
        #expect(text.contains("<script>/* the library */</script>"))
        #expect(text.contains("<title>sphere1.png</title>"))
        #expect(!text.contains("{{"))
        let again = try Program.run("view", image, "-o", page, "--three", shop.path("three.js"))
        #expect(again.status == 1 && again.errors.contains("--force"))
        #expect(try Program.run("view", shop.path("a.ppm"), "-o", shop.path("b.html")).status == 1)
        let without = try Program.run("view", image, "-o", shop.path("c.html"), "--three", shop.path("none.js"))
        #expect(without.status == 1 && without.errors.contains("none.js"))
        #expect(shop.files == ["page.html", "sphere1.png", "three.js"])
    }
}
