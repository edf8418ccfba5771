import Flow
import Foundation
import MediaIO
import NeuralNet
import Support
import TestSupport
import Testing

/// `optimize` with a loss network of random weights, on frames of a few hundred pixels.
@Suite struct OptimizeCommandTests {
    private let shop: Workshop
    private let painting: String

    init() throws {
        shop = try Workshop()
        painting = try shop.makeImage("painting.png", format: "RGB", size: (50, 40))
    }

    private func run(_ arguments: [String]) throws -> Outcome {
        try Program.run(
            "/usr/bin/env", try LossNetworkFolder.environment() + [Program.pentimento, "optimize"] + arguments)
    }

    private func run(_ arguments: String...) throws -> Outcome { try run(arguments) }

    private func contents(_ name: String) -> Data? { FileManager.default.contents(atPath: shop.path(name)) }

    @Test func stillImage() throws {
        let photo = try shop.makeImage("photo.png", format: "RGB", size: (40, 31))
        func paint(_ name: String, _ more: String...) throws -> Outcome {
            try run(
                [photo, "-o", shop.path(name), "--style-image", painting, "--iterations", "4", "--tolerance", "0"]
                    + more)
        }
        let first = try paint("one.png", "--preview", shop.path("now.png"), "--json")
        #expect(first.status == 0, "\(first.errors)")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(first.output.utf8)) as? [String: Any])
        #expect(report["frames"] as? Int == 1)
        #expect(report["iterations"] as? Int == 4)
        #expect((report["lastLoss"] as? Double ?? 0) > 0)
        // The estimated time is printed during the run.
        #expect(first.errors.contains("at most for a picture at 40x31 (4 iterations)"))
        #expect(try Workshop.size(of: shop.path("one.png")) == "40,31")
        #expect(try Workshop.size(of: shop.path("now.png")) == "40,31")
        #expect(!shop.files.contains("one.png.pentimento"))

        #expect(try paint("two.png", "--threads", "1").status == 0)
        #expect(contents("one.png") == contents("two.png"))
        #expect(try paint("other.png", "--seed", "2").status == 0)
        #expect(contents("one.png") != contents("other.png"))
        let again = try paint("one.png")
        #expect(again.status == 1)
        #expect(again.errors.contains("--force"))
    }

    /// Several inputs; --resume goes on with those that are missing.
    @Test func severalInputs() throws {
        let inputs = try ["a.png", "b.png"].map { try shop.makeImage($0, format: "RGB", size: (24, 18)) }
        let arguments = ["-o", shop.path("out/"), "--style-image", painting, "--iterations", "2"]
        #expect(try run([inputs[0]] + arguments).status == 0)
        let first = contents("out/a.png")
        let refused = try run(inputs + arguments)
        #expect(refused.status == 1 && refused.errors.contains("out/a.png: exists already"), "\(refused.errors)")
        let outcome = try run(inputs + arguments + ["--resume"])
        #expect(outcome.status == 0 && outcome.output.contains("1 of 1 files painted"), "\(outcome.errors)")
        #expect(outcome.output.contains("1 were there already"))
        #expect(contents("out/a.png") == first)
        #expect(try Workshop.size(of: shop.path("out/b.png")) == "24,18")
        #expect(try run(inputs + arguments + ["--preview", shop.path("now.png")]).status == 2)
    }

    @Test func clipWithSound() throws {
        let clip = try shop.makeClip(frames: 4, size: (48, 32))
        let outcome = try run(
            clip, "-o", shop.path("out.mp4"), "--style-image", "\(painting):2", "--style-image", painting,
            "--iterations",
            "2", "--long-term", "1,2,40", "--init", "content,previous-warped", "--flow", "fast", "--temporal-loss",
            "absolute", "--pooling", "average", "--style-loss", "sliced", "--style-normalization", "layer",
            "--optimizer", "adam")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try Workshop.times(of: shop.path("out.mp4")) == Workshop.times(of: clip))
        #expect(try Workshop.soundDigest(of: shop.path("out.mp4")) == Workshop.soundDigest(of: clip))
    }

    @Test func severalPassesWithInitNetwork() throws {
        let frames = try shop.makeFrames(count: 3)
        let outcome = try run(
            frames, "-o", shop.path("out_%03d.png"), "--style-image", painting, "--passes", "3", "--pass-iterations",
            "2",
            "--temporal-from-pass", "2", "--init", "network", "--style", "scream", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect(report["iterations"] as? Int == 3 * 3 * 2)
        #expect((1...3).allSatisfy { contents("out_00\($0).png") != nil })
    }

    /// Which differ from frame 4 on: before, there is one reference.
    @Test func longTermReferencesChangeTheResult() throws {
        let frames = try shop.makeFrames(count: 4)
        for (name, options) in [
            ("short", ["1"]), ("long", ["1,3"]), ("all", ["1,3", "--long-term-weights", "all"]),
        ] {
            let outcome = try run(
                [
                    frames, "-o", shop.path("\(name)_%03d.png"), "--style-image", painting, "--iterations", "3",
                    "--flow",
                    "fast", "--long-term",
                ] + options)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        #expect((1...3).allSatisfy { contents("short_00\($0).png") == contents("long_00\($0).png") })
        #expect((1...3).allSatisfy { contents("long_00\($0).png") == contents("all_00\($0).png") })
        #expect(Set(["short", "long", "all"].map { contents("\($0)_004.png") }).count == 3)
    }

    /// After Ctrl-C, SIGKILL and a full disk, --resume produces the frames of an uninterrupted run.
    @Test func interruptedRunResumes() throws {
        let frames = try shop.makeFrames(count: 5)
        let common = ["--style-image", painting, "--iterations", "40,40", "--tolerance", "0", "--flow", "fast"]
        func numbered(_ name: String) -> [Data?] { (1...5).map { contents("\(name)_00\($0).png") } }
        #expect(try run([frames, "-o", shop.path("whole_%03d.png")] + common).status == 0)
        #expect(numbered("whole").allSatisfy { $0 != nil })

        let arguments = [frames, "-o", shop.path("part_%03d.png")] + common
        let state = shop.path("part_%03d.png.pentimento")
        func kept() -> Int {
            ((try? FileManager.default.contentsOfDirectory(atPath: state)) ?? [])
                .count { $0.hasSuffix(".safetensors") }
        }
        /// Runs until a number of results is stored, then stops the program.
        func stop(after count: Int, _ more: String..., by signal: Int32) throws -> (
            ending: ChildProcess.Ending, errors: String
        ) {
            let process = try Program.start(
                "/usr/bin/env",
                try LossNetworkFolder.environment() + [Program.pentimento, "optimize"] + arguments + more)
            process.wait { kept() >= count }
            return (process.end(by: signal, within: 300), process.errors)
        }

        let interrupted = try stop(after: 1, by: SIGINT)
        #expect(interrupted.ending == .exited(130))
        #expect(interrupted.errors.contains("--resume goes on from there"))
        #expect(kept() >= 1 && kept() < 5)

        let refused = try run(arguments)
        #expect(refused.status == 1)
        #expect(refused.errors.contains("--resume") && refused.errors.contains("--force"))
        let others = try run(arguments + ["--resume", "--style-weight", "21"])
        #expect(others.status == 1)
        #expect(others.errors.contains("style-weight was 20.0, is 21.0"))
        let anotherPainting = try run(
            arguments.map { $0 == painting ? shop.path("frame_001.png") : $0 } + ["--resume"])
        #expect(anotherPainting.status == 1)
        #expect(anotherPainting.errors.contains("style-image"))

        let before = kept()
        #expect(try stop(after: before + 1, "--resume", by: SIGKILL).ending == .killed(SIGKILL))
        #expect(kept() > before && kept() < 5)

        // A file size limit of one kilobyte: the next result cannot be written.
        let full = try Program.run(
            "/bin/bash",
            ["-c", "ulimit -f 1; exec \"$@\"", "-", "/usr/bin/env"] + LossNetworkFolder.environment()
                + [Program.pentimento, "optimize"] + arguments + ["--resume"])
        #expect(full.status == 1)
        #expect(full.errors.split(whereSeparator: \.isNewline).last?.hasPrefix("pentimento: ") == true)
        #expect(full.errors.contains("--resume goes on from there"))
        #expect(kept() > before)

        let resumed = try run(arguments + ["--resume", "--json"])
        #expect(resumed.status == 0, "\(resumed.errors)")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(resumed.output.utf8)) as? [String: Any])
        #expect((report["framesKept"] as? Int ?? 0) > before)
        #expect(numbered("part") == numbered("whole"))
        #expect(!FileManager.default.fileExists(atPath: state))
    }

    @Test func existingPreviewIsNotReplaced() throws {
        let arguments = [painting, "-o", shop.path("out.png"), "--style-image", painting, "--iterations", "1"]
        let mine = shop.path("mine.png")
        try Files.write(Array("mine".utf8), to: mine)
        #expect(try failure(arguments + ["--preview", mine]).contains("mine.png"))
        #expect(try Files.read(mine) == Array("mine".utf8))
        #expect(try run(arguments + ["--preview", shop.path("out.png")]).status == 2)
        let linked = shop.path("linked")
        try FileManager.default.createSymbolicLink(atPath: linked, withDestinationPath: shop.folder)
        #expect(try failure(arguments + ["--preview", "\(linked)/out.png"]).contains("same file"))
        #expect(try run(arguments + ["--preview", mine, "--force"]).status == 0)
        #expect(try Files.read(mine) != Array("mine".utf8))
    }

    @Test func stateFolderInUseOrOfTheUser() throws {
        let arguments = [painting, "-o", shop.path("out.png"), "--style-image", painting, "--iterations", "1"]
        let state = shop.path("out.png.pentimento")
        do {
            let other = try OwnedFolder(state, unindexed: .takeEmpty)
            try other.lock()
            #expect(try failure(arguments).contains("in use by another run"))
            #expect(try failure(arguments + ["--force"]).contains("in use by another run"))
            #expect(Files.names(in: state) == [OwnedFolder.indexName])
        }
        // A user's file in the state folder is kept. A folder without the program's marker file is not used.
        try Files.write(Array("mine".utf8), to: "\(state)/film.mp4.part")
        #expect(try run(arguments).status == 0)
        #expect(try run(arguments + ["--force"]).status == 1, "the mark went, so the folder is the user's")
        #expect(Files.names(in: state) == ["film.mp4.part"])
        #expect(try failure(arguments + ["--force"]).contains("film.mp4.part"))
        #expect(try Files.read("\(state)/film.mp4.part") == Array("mine".utf8))
        try FileManager.default.removeItem(atPath: "\(state)/film.mp4.part")
        #expect(try run(arguments + ["--force"]).status == 0)
        #expect(!Files.exists(state))
    }

    /// The command has an option for each property of `styleoptimize`, apart from those that it sets itself.
    @Test func everyPropertyHasAnOption() throws {
        let path = "\(TestData.repository)/Docs/elements/gst_plugins_cache.json"
        var cache = try JSONSerialization.jsonObject(with: Data(Files.read(path))) as? [String: Any]
        for key in ["pentimento", "elements", "styleoptimize", "properties"] { cache = cache?[key] as? [String: Any] }
        let properties = try #require(cache?.keys)
        let help = try Program.run("optimize", "--help").output
        let missing = properties.filter { !help.contains("--\($0) ") }
        // style-images and style-blend come from --style-image, model from --style, first-frame from --shot.
        #expect(missing.sorted() == ["first-frame", "metas", "model", "state-location", "style-blend", "style-images"])
    }

    @Test(arguments: [
        ["--long-term", "0"], ["--long-term", "1,-2"], ["--long-term", "x"], ["--long-term", ""], ["--passes", "0"],
        ["--init", "sunshine"], ["--iterations", "0"], ["--iterations", "1,2,3"], ["--style-layers", "relu9_9"],
        ["--style-image", "a.png:0"], ["--style-image", "a.png:-1"], ["--passes", "2", "--long-term", "1"],
        ["--flow-pattern", "a_[%d]_{%d}.flo"], ["--preview", "a.gif"], ["--temporal-weight", "-1"], ["--blend", "2"],
        ["--style-crop", "0.5"], ["--pooling", "mean"], ["--threads", "1025"], ["--init", "previous,content"],
        ["--seed", "-1"], ["--quality", "0"],
    ])
    func wrongArguments(arguments: [String]) throws {
        let outcome = try run(["none.mp4", "-o", "x.mp4", "--style-image", "a.png"] + arguments)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("Usage: pentimento"))
        #expect(try Program.run("optimize", "a.mp4", "-o", "b.mp4").status == 2)
    }

    @Test func errorsNameOptionAndRange() throws {
        let outcome = try run("none.mp4", "-o", "x.mp4", "--style-image", "a.png", "--blend", "2")
        #expect(outcome.errors.contains("--blend") && outcome.errors.contains("allowed values are 0 to 1"))
    }

    /// Expects exit code 1, one line of error, and no remaining files.
    private func failure(_ arguments: String...) throws -> String { try failure(arguments) }

    private func failure(_ arguments: [String]) throws -> String {
        let before = shop.files
        let outcome = try run(arguments)
        #expect(outcome.status == 1)
        let lines = outcome.errors.split(whereSeparator: \.isNewline)
        #expect(lines.count == 1 && outcome.errors.hasPrefix("pentimento: "), "\(outcome.errors)")
        #expect(shop.files == before)
        return outcome.errors
    }

    @Test func invalidArguments() throws {
        let frames = try shop.makeFrames(count: 3)
        let out = shop.path("out_%03d.png")
        #expect(
            try failure(frames, "-o", out, "--style-image", shop.path("none.png")).contains("none.png: no such file"))
        let text = "\(TestData.repository)/LICENSE"
        #expect(try failure(frames, "-o", out, "--style-image", text).contains("neither a video nor a picture"))
        #expect(try failure(frames, "-o", out, "--style-image", Workshop.bundledClip).contains("still picture"))
        #expect(
            try failure(frames, "-o", out, "--style-image", painting, "--loss-network", "vgg19").contains("vgg19"))
        #expect(
            try failure(frames, "-o", out, "--style-image", painting, "--init", "network", "--style", "screm")
                .contains("scream"))
        let patterns = [
            "--flow-pattern", shop.path("b_[%d]_{%d}.flo"), "--reverse-flow-pattern", shop.path("f_[%d]_{%d}.flo"),
        ]
        #expect(try failure([frames, "-o", out, "--style-image", painting] + patterns).contains("b_2_1.flo"))
        // A flow file of another size is reported before the first frame is finished.
        let flow = FlowField(width: 9, height: 40)
        for name in ["b_2_1", "b_3_2", "f_1_2", "f_2_3"] { try flow.write(to: shop.path("\(name).flo")) }
        #expect(try failure([frames, "-o", out, "--style-image", painting] + patterns).contains("9x40"))
        let alone = try Program.run(
            "/usr/bin/env",
            [
                "XDG_DATA_HOME=/nowhere", Program.pentimento, "optimize", painting, "-o", shop.path("out.png"),
                "--style-image", painting,
            ])
        #expect(alone.status == 1)
        #expect(alone.errors.contains("run: pentimento models fetch vgg16"))
    }

    /// Weights for which activations overflow.
    @Test func nonFiniteLosses() throws {
        let path = shop.path("huge.safetensors")
        try LossNetworkFile(
            kind: .vgg16,
            convolutions: LossNetworkFolder.weights().convolutions.map {
                LossNetworkWeights.Convolution(
                    outputs: $0.outputs, inputs: $0.inputs, weight: $0.weight.map { $0 * 1e20 }, bias: $0.bias)
            }, input: .networkSpace
        ).write(to: path)
        let message = try failure(
            painting, "-o", shop.path("out.png"), "--style-image", painting, "--loss-network", path)
        #expect(message.contains("not finite"))
    }

    @Test(arguments: [("GRAY8", 30, 20), ("RGBA", 30, 20), ("RGB", 8000, 24), ("RGB", 1, 1)])
    func unusualStyleImages(format: String, width: Int, height: Int) throws {
        let odd = try shop.makeImage("odd, one.png", format: format, size: (width, height))
        let outcome = try run(
            painting, "-o", shop.path("out.png"), "--style-image", odd, "--iterations", "2", "--style-layers", "relu1_1"
        )
        // A style image of one pixel is valid.
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try Workshop.size(of: shop.path("out.png")) == "50,40")
    }
}

/// A folder with a loss network of random weights, created once per process.
enum LossNetworkFolder {
    private static let made = Result {
        let weights = try LossNetworkWeights.random()
        let folder = FileManager.default.temporaryDirectory.path + "/pentimento-loss-network"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try LossNetworkFile(
            kind: .vgg16, convolutions: weights.convolutions, input: .networkSpace, source: "random numbers"
        ).write(to: "\(folder)/vgg16.safetensors")
        return (folder: folder, weights: weights)
    }

    static func weights() throws -> LossNetworkWeights { try made.get().weights }

    static func path() throws -> String { try made.get().folder + "/vgg16.safetensors" }

    /// Arguments for `env` that set the model path.
    static func environment() throws -> [String] {
        let styles = "\(TestData.repository)/Plugins/GstPentimento/Models"
        return ["PENTIMENTO_MODEL_PATH=\(try made.get().folder):\(styles)"]
    }
}

extension Workshop {
    /// An image of noise.
    func makeImage(_ name: String, format: String, size: (Int, Int)) throws -> String {
        try Pipeline(
            parsing: """
                videotestsrc pattern=snow num-buffers=1 ! video/x-raw,format=\(format),width=\(size.0),height=\(size.1) \
                ! pngenc ! filesink location="\(path(name))"
                """, input: name
        ).run()
        return path(name)
    }
}
