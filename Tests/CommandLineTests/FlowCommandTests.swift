import Flow
import Foundation
import MediaIO
import Support
import TestSupport
import Testing

/// The flow along videos and series of images.
@Suite struct FlowCommandTests {
    private let shop: Workshop
    /// Three frames, and a video of them without any loss.
    private let frames: String
    private let clip: String

    init() throws {
        shop = try Workshop()
        frames = try shop.makeFrames(count: 3)
        clip = shop.path("clip.mkv")
        _ = try Program.peer("ffmpeg", "-start_number", "1", "-i", frames, "-c:v", "png", clip)
    }

    private func flow(_ arguments: String...) throws -> Outcome {
        try Program.run(Program.pentimento, ["flow"] + arguments)
    }

    private func file(_ name: String) throws -> [UInt8] { try Files.read(shop.path(name)) }

    /// A video, a pattern and a folder give what their pairs of frames give.
    @Test(arguments: ["video", "pattern", "folder"]) func pairs(kind: String) throws {
        let folder = shop.path("images")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for number in 1...3 {
            try FileManager.default.copyItem(
                atPath: shop.path("frame_00\(number).png"), toPath: "\(folder)/\(number).png")
        }
        let input = ["video": clip, "pattern": frames, "folder": folder][kind] ?? ""
        let outcome = try flow(
            input, "-o", shop.path("f_[%d]_{%d}.flo"), "--reverse", shop.path("r_%04d.flo"), "--draw",
            shop.path("d_%02d.png"))
        #expect(outcome.status == 0 && outcome.output.contains("flow of 3 frames"), "\(outcome.errors)")
        for number in 1...2 {
            let pair = [number, number + 1].map { shop.path("frame_00\($0).png") }
            let alone = try flow(
                pair[0], pair[1], "-o", shop.path("one.flo"), "--reverse", shop.path("back.flo"), "--draw",
                shop.path("one.png"), "--force")
            #expect(alone.status == 0, "\(alone.errors)")
            #expect(try file("f_\(number)_\(number + 1).flo") == file("one.flo"))
            #expect(try file("r_000\(number + 1).flo") == file("back.flo"))
            #expect(try file("d_0\(number).png") == file("one.png"))
        }
        #expect(!Files.exists(shop.path("r_0001.flo")) && !Files.exists(shop.path("f_3_4.flo")))
    }

    /// What is written into a folder is what `optimize` reads.
    @Test func optimizeReadsIt() throws {
        let folder = shop.path("flow/")
        #expect(try flow(clip, "-o", folder, "--reverse", folder, "--draw", folder).status == 0)
        let names = [
            "backward_2_1.flo", "backward_3_2.flo", "flow_0001.png", "flow_0002.png", "forward_1_2.flo",
            "forward_2_3.flo",
        ]
        #expect(Files.names(in: folder) == names)
        let outcome = try Program.run(
            "/usr/bin/env",
            try LossNetworkFolder.environment() + [
                Program.pentimento, "optimize", clip, "-o", shop.path("out.mkv"), "--style-image",
                shop.path("frame_001.png"), "--iterations", "2", "--flow-pattern", folder + "backward_[%d]_{%d}.flo",
                "--reverse-flow-pattern", folder + "forward_[%d]_{%d}.flo",
            ])
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test func whatCannotBeDone() throws {
        let image = shop.path("frame_001.png")
        try Files.write([1], to: shop.path("taken_0002.flo"))
        let cases: [([String], String)] = [
            ([image, "-o", shop.path("a.flo")], "name the image that the flow points to"),
            ([clip, "-o", shop.path("a.flo")], "it needs one [%d]"),
            ([clip, "-o", shop.path("none/%d.flo")], "mkdir -p"),
            ([clip, "-o", shop.path("taken_%04d.flo")], "taken_0002.flo: exists already"),
            ([clip, "-o", shop.path("%d.flo"), "--reverse", shop.path("%d.flo")], "is the same file"),
            ([shop.path("none.mp4"), "-o", shop.path("%d.flo")], "no such file"),
        ]
        let before = shop.files
        for (arguments, words) in cases {
            let outcome = try Program.run(Program.pentimento, ["flow"] + arguments)
            #expect(outcome.status == 1 && outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        }
        #expect(shop.files == before)
    }
}
