import Foundation
import Support
import TestSupport
import Testing

/// Names of outputs that are links, inputs, long, or hold percent signs.
@Suite struct OutputTests {
    private let shop: Workshop
    private let image: String

    init() throws {
        shop = try Workshop()
        image = try shop.makeImage("in.png", format: "RGB", size: (40, 30))
    }

    private func stylize(_ arguments: String...) throws -> Outcome {
        try Program.run(Program.pentimento, ["stylize", "--strength", "0"] + arguments)
    }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: shop.path(name), withDestinationPath: target)
    }

    /// With --force, a link is written where it leads; without, it is noticed before the work.
    @Test func symbolicLinks() throws {
        try link("nowhere.png", to: "target.png")
        try link("loop.png", to: "loop.png")
        try link("input.png", to: image)
        #expect(Glibc.link(image, shop.path("hard.png")) == 0)
        let cases = [
            ("nowhere", "which does not exist; --force"), ("loop", "symbolic links"), ("input", "is the input"),
            ("hard", "is the input"),
        ]
        let before = shop.files
        for (name, words) in cases {
            let outcome = try stylize(image, "-o", shop.path("\(name).png"))
            #expect(outcome.status == 1 && outcome.errors.contains(words), "\(name): \(outcome.errors)")
            let forced = try stylize(image, "-o", shop.path("\(name).png"), "--force")
            #expect(forced.status == (name == "nowhere" ? 0 : 1), "\(name): \(forced.errors)")
        }
        #expect(shop.files == (before + ["target.png"]).sorted())
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: shop.path("nowhere.png")) == "target.png")
        #expect(try Workshop.size(of: shop.path("target.png")) == "40,30")
    }

    @Test func percentSigns() throws {
        for name in ["100%.png", "50%d.png"] {
            try FileManager.default.copyItem(atPath: image, toPath: shop.path(name))
        }
        #expect(try stylize(shop.path("100%.png"), "-o", shop.path("a%%d.png")).status == 0)
        #expect(try stylize(shop.path("50%d.png"), "-o", shop.path("b%%.png")).status == 0)
        let outcome = try stylize(shop.path("50%%d.png"), "-o", shop.path("c%%03d.png"), "--json")
        #expect(outcome.status == 0 && outcome.output.contains("/c%03d.png"), "\(outcome.errors)")
        #expect(shop.files == ["100%.png", "50%d.png", "a%d.png", "b%%.png", "c%03d.png", "in.png"])
    }

    /// Names as long as the file system takes them, also with the folder of the finished frames beside them.
    @Test(arguments: [244, 245, 255]) func longNames(length: Int) throws {
        let name = String(repeating: "é", count: (length - 4) / 2) + (length % 2 == 0 ? ".png" : "x.png")
        #expect(name.utf8.count == length)
        #expect(try stylize(image, "-o", shop.path(name)).status == 0)
        let outcome = try Program.run(
            "/usr/bin/env",
            try LossNetworkFolder.environment() + [
                Program.pentimento, "optimize", image, "-o", shop.path(name), "--force", "--style-image", image,
                "--iterations", "2",
            ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(shop.files == ["in.png", name].sorted())
    }

    /// A series has a folder and is not the input; both are noticed before the work.
    @Test func outputsOfASeries() throws {
        let frames = try shop.makeFrames(count: 2)
        let same = try stylize(frames, "-o", frames, "--force")
        #expect(same.status == 1 && same.errors.contains("frame_001.png: is the input"), "\(same.errors)")
        let none = try stylize(frames, "-o", shop.path("no folder/frame_%d.png"))
        #expect(none.status == 1 && none.errors.contains("mkdir -p '\(shop.path("no folder"))'"), "\(none.errors)")
    }

    /// A remedy is named only where it helps.
    @Test func remediesThatHelp() throws {
        let text = shop.path("paper.pdf")
        try Files.write(Array("%PDF-1.4\n".utf8), to: text)
        let outcome = try stylize(text, "-o", shop.path("out.mp4"))
        #expect(outcome.status == 1 && outcome.errors.contains("application/pdf"), "\(outcome.errors)")
        #expect(!outcome.errors.contains("apt install"), "\(outcome.errors)")
    }
}
