import Flow
import Foundation
import Imaging
import MediaIO
import Sphere
import Support
import TestSupport
import Testing

/// `flow`, `check`, `evaluate`, `models`, `doctor`.
@Suite struct MeasureCommandTests {
    /// A window into a larger image without straight lines, moved by 3 pixels to the right and 1 down per step.
    private func writeFrames(_ shop: Workshop, _ count: Int) throws -> [String] {
        try (0..<count).map { number in
            var image = Image(width: 96, height: 64, channels: 3)
            for y in 0..<64 {
                for x in 0..<96 {
                    let (u, v) = (Float(x + 3 * number), Float(y + number))
                    let value = 128 + 50 * sin(u * 0.31 + 2 * sin(v * 0.11)) + 50 * cos(v * 0.27 + 2 * sin(u * 0.13))
                    for channel in 0..<3 { image.samples[(channel * 64 + y) * 96 + x] = value }
                }
            }
            let path = shop.path("frame_\(number + 1).ppm")
            try image.writePNM(to: path)
            return path
        }
    }

    @Test func flowOfAShift() throws {
        let shop = try Workshop()
        let frames = try writeFrames(shop, 2)
        let outcome = try Program.run(
            "flow", frames[1], frames[0], "-o", shop.path("flow.flo"), "--reverse", shop.path("reverse.flo"), "--draw",
            shop.path("flow.png"),
            "--preset", "quality")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let flow = try FlowField(contentsOf: shop.path("flow.flo"))
        let reverse = try FlowField(contentsOf: shop.path("reverse.flo"))
        let middle = 32 * 96 + 48
        #expect(abs(flow.u[middle] - 3) < 0.1 && abs(flow.v[middle] - 1) < 0.1)
        #expect(abs(reverse.u[middle] + 3) < 0.1 && abs(reverse.v[middle] + 1) < 0.1)
        #expect(try Workshop.size(of: shop.path("flow.png")) == "96,64")
        #expect(try Program.run("flow", frames[1], frames[0], "-o", shop.path("flow.flo")).status == 1)
        let twice = try Program.run(
            "flow", frames[1], frames[0], "-o", shop.path("one.flo"), "--reverse", "\(shop.folder)/./one.flo")
        #expect(twice.status == 1 && twice.errors.contains("same file"))
        #expect(!shop.files.contains("one.flo"))

        #expect(
            try Program.run("check", shop.path("flow.flo"), shop.path("reverse.flo"), "-o", shop.path("mask.pgm"))
                .status == 0)
        let mask = try Plane<UInt8>(contentsOfPGM: shop.path("mask.pgm"))
        #expect(Set(mask.values) == [0, 255])
        #expect(mask[48, 32] == 255)
        #expect(mask[95, 32] == 0)
    }

    @Test func invalidFlows() throws {
        let shop = try Workshop()
        let frames = try writeFrames(shop, 2)
        #expect(try Program.run("flow", frames[0], frames[1], "-o", shop.path("flow.flo")).status == 0)
        let whole = try #require(FileManager.default.contents(atPath: shop.path("flow.flo")))
        try whole.prefix(1000).write(to: URL(fileURLWithPath: shop.path("cut.flo")))
        let before = shop.files
        for flow in ["cut.flo", "none.flo", "frame_1.ppm"] {
            let outcome = try Program.run("check", shop.path(flow), shop.path("flow.flo"), "-o", shop.path("mask.pgm"))
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains(flow))
        }
        #expect(try Program.run("flow", frames[0], shop.path("none.png"), "-o", shop.path("x.flo")).status == 1)
        #expect(shop.files == before)
    }

    @Test(arguments: [(2, 1), (3, 2)])
    func theAuthorsMasks(from: Int, to: Int) throws {
        let flow = try TestData.real("data/marple/backward_\(from)_\(to).flo")
        let reverse = try TestData.real("data/marple/forward_\(to)_\(from).flo")
        let truth = try TestData.real("data/marple/certain_\(from)_\(to).pgm")
        let shop = try Workshop()
        #expect(try Program.run("check", flow, reverse, "-o", shop.path("mask.pgm")).status == 0)
        let (mask, expected) = (
            try Plane<UInt8>(contentsOfPGM: shop.path("mask.pgm")), try Plane<UInt8>(contentsOfPGM: truth)
        )
        #expect(zip(mask.values, expected.values).count { ($0 > 127) != ($1 > 127) } <= 10)
    }

    @Test func evaluation() throws {
        let shop = try Workshop()
        _ = try writeFrames(shop, 3)
        // The original frames match the flow; brightening frames do not.
        let steady = try Program.run("evaluate", "--frames", shop.folder, "--stylized", shop.folder, "--json", "-")
        #expect(steady.status == 0, "\(steady.errors)")
        let brighter = try Workshop()
        for number in 1...3 {
            var image = try Image(contentsOfPNM: shop.path("frame_\(number).ppm"))
            for index in image.samples.indices {
                image.samples[index] = image.samples[index] / 2 + Float(number) * 25.5
            }
            try image.writePNM(to: brighter.path("frame_\(number).ppm"))
        }
        let flickering = try Program.run(
            "evaluate", "--frames", shop.folder, "--stylized", brighter.folder, "--json", "-")
        let errors = try [steady, flickering].map { outcome in
            let report = try #require(
                try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
            let scene = try #require((report["scenes"] as? [[String: Any]])?.first)
            let mean = try #require((scene["report"] as? [String: Any])?["mean"] as? [String: Double])
            return try #require(mean["overConsistentPixels"])
        }
        #expect(errors[0] < 0.0005)
        // A change of 0.1 of the range per frame, squared.
        #expect(abs(errors[1] - 0.01) < 0.001)
        let table = try Program.run("evaluate", "--frames", shop.folder, "--stylized", brighter.folder)
        #expect(table.output.contains("temporal error"))
        #expect(try Program.run("evaluate", "--frames", shop.folder, "--stylized", shop.path("none")).status == 1)
    }

    /// `evaluate --sphere`.
    @Test func seamsOfSpheres() throws {
        let panorama = TestData.fixture("panorama.ppm", of: "SphereTests")
        let whole = try Program.run(
            "evaluate", "--sphere", "--stylized", panorama, "--overlap", "3", "--json", "-")
        #expect(whole.status == 0, "\(whole.errors)")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(whole.output.utf8)) as? [String: Any])
        let mean = try #require(report["mean"] as? [String: Double])
        // An unstylized image has no seams.
        for name in ["cutEdges", "innerEdges"] { #expect(try abs(#require(mean[name]) - 1) < 0.35) }
        let table = try Program.run("evaluate", "--sphere", "--stylized", panorama, "--overlap", "3")
        #expect(table.output.contains("inner edges"))
        let tooMuch = try Program.run("evaluate", "--sphere", "--stylized", panorama)
        #expect(tooMuch.status == 1 && tooMuch.errors.contains("too small for an overlap of 64"), "\(tooMuch.errors)")
        #expect(try Program.run("evaluate", "--sphere", "--stylized", panorama, "--layout", "5x5").status == 2)
    }

    /// `evaluate --sphere --faces`: faces before they are joined.
    @Test func seamsOfFaces() throws {
        let shop = try Workshop()
        let panorama = TestData.fixture("panorama.ppm", of: "SphereTests")
        let whole = try Image(contentsOfPNM: panorama)
        var column = try CubeSplitter(
            from: .equirectangular, width: whole.width, height: whole.height,
            to: CubeGeometry(faceSize: 24, overlap: 4)
        ).split(whole)
        try column.write(to: shop.path("faces.png"))
        // Each face brighter than the one before.
        let side = column.width
        for i in column.samples.indices {
            column.samples[i] = column.samples[i] * 0.5 + Float(i / side % column.height / side) * 20
        }
        try column.write(to: shop.path("uneven.png"))
        let errors = try ["faces.png", "uneven.png"].map { name in
            let outcome = try Program.run(
                "evaluate", "--sphere", "--faces", "--stylized", shop.path(name), "--overlap", "4", "--json", "-")
            #expect(outcome.status == 0, "\(outcome.errors)")
            let report = try #require(
                try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
            return try #require((report["mean"] as? [String: Double])?["cutEdges"])
        }
        #expect(abs(errors[0] - 1) < 0.35 && errors[1] > 2, "\(errors)")
        let joined = try Program.run("evaluate", "--sphere", "--faces", "--stylized", panorama, "--overlap", "4")
        #expect(joined.status == 1 && joined.errors.contains("six times as high"), "\(joined.errors)")
    }

    @Test func models() throws {
        #expect(try Program.run("models", "list").output.contains("scream"))
        let info = try Program.run("models", "info", "scream", "--json")
        let facts = try #require(try JSONSerialization.jsonObject(with: Data(info.output.utf8)) as? [String: String])
        #expect(facts["arch"]?.hasPrefix("c5s1-8,d24") == true)
        #expect(facts["style"] == "scream" && facts["styles"]?.contains("wheat-field") == true)
        #expect(facts["painting"]?.hasPrefix("The Scream, Edvard Munch, 1893") == true)
        #expect(facts["spheres"] == "tuned for borders of faces")
        let wrong = try Program.run("models", "info", "screm")
        #expect(wrong.status == 1)
        #expect(wrong.errors.contains("scream"))
    }

    @Test func doctor() throws {
        let outcome = try Program.run("doctor")
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.output.contains("GStreamer 1."))
        #expect(
            outcome.output.contains(
                "models: composition-viii, grande-jatte, great-wave, jas-de-bouffan, moulin-rouge, primavesi, primroses, "
                    + "scream, starry-night, wheat-field"),
            "\(outcome.output)")
        let lonely = try Program.run(
            "/usr/bin/env",
            [
                "PENTIMENTO_MODEL_PATH=", "HOME=/dev/null/nowhere", "XDG_DATA_HOME=/nowhere", Program.pentimento,
                "doctor",
            ])
        // A build beside the tests may contain the shipped models.
        if !FileManager.default.fileExists(
            atPath: (Program.pentimento as NSString).deletingLastPathComponent + "/pentimento-models")
        {
            #expect(lonely.status == 1)
            #expect(lonely.output.contains("MISSING"))
        }
    }

    @Test func comparison() throws {
        let shop = try Workshop()
        let clip = try shop.makeClip(frames: 5)
        let outcome = try Program.run("compare", clip, "-o", shop.path("sheet.png"), "--columns", "3")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("each frame on its own"))
        #expect(outcome.output.contains("occlusioncheck"))
        #expect(try Workshop.size(of: shop.path("sheet.png")) == "216,240")
    }

    /// A picture in chosen styles; a file that is no style is named, and stops only those who asked for it.
    @Test func aPictureInAllStyles() throws {
        let shop = try Workshop()
        let photo = try shop.makeImage("photo.png", format: "RGB", size: (64, 48))
        let sheet = shop.path("sheet.png")
        let some = try Program.run(
            "models", "try", photo, "-o", sheet, "--style", "scream", "--style", "great-wave", "--columns", "2")
        #expect(some.status == 0, "\(some.errors)")
        // Two rows of two pictures, each below a label of 24 lines; 6 pixels between all.
        #expect(try Workshop.size(of: sheet) == "146,162")
        let missing = try Program.run("models", "try", photo, "-o", shop.path("a.png"), "--style", "screm")
        #expect(missing.status == 1 && missing.errors.contains("did you mean \"scream\""), "\(missing.errors)")
        let folder = shop.path("models")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Files.write(Array("no model".utf8), to: "\(folder)/broken.safetensors")
        let all = try Program.run(
            "/usr/bin/env",
            [
                "PENTIMENTO_MODEL_PATH=\(folder):\(TestData.repository)/Plugins/GstPentimento/Models",
                Program.pentimento, "models", "try", photo, "-o", sheet, "--force",
            ])
        #expect(all.status == 0 && all.errors.contains("broken: left out"), "\(all.errors)")
    }
}
