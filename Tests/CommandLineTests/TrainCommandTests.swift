import Conversions
import Foundation
import FoundationXML
import MediaIO
import NeuralNet
import Support
import TestSupport
import Testing

/// `train` with a loss network of random weights, a network of a few channels and samples of 32 pixels.
@Suite struct TrainCommandTests {
    private let shop: Workshop
    private let painting: String
    private let photos: String
    /// Options for a minimal training run.
    private let tiny = [
        "--arch", "c3s1-4,d4,R4,U2,c3s1-4", "--crop", "32", "--batch", "2", "--content-layers", "relu1_2",
        "--style-layers", "relu1_1,relu2_1", "--style-size", "32", "--frames", "0:1/2", "--preview-every", "0",
        "--validate-every", "0",
    ]

    init() throws {
        shop = try Workshop()
        painting = try shop.makeImage("painting.png", format: "RGB", size: (50, 40))
        photos = shop.path("photos")
        try FileManager.default.createDirectory(atPath: photos, withIntermediateDirectories: true)
        for (number, pattern) in ["smpte", "snow", "circular", "zone-plate", "gamut", "chroma-zone-plate"].enumerated()
        {
            try makePhoto("\(number).png", pattern: pattern)
        }
    }

    private func makePhoto(_ name: String, pattern: String, format: String = "RGB", size: (Int, Int) = (96, 72)) throws
    {
        let encoder = name.hasSuffix("png") ? "pngenc" : "jpegenc"
        try Pipeline(
            parsing: """
                videotestsrc pattern=\(pattern) num-buffers=1 ! video/x-raw,format=\(format),width=\(size.0),height=\(size.1) \
                ! \(encoder) ! filesink location="\(photos)/\(name)"
                """, input: name
        ).run()
    }

    /// Runs the program with a model folder that contains the loss network.
    private func command(_ arguments: [String]) throws -> [String] {
        try LossNetworkFolder.environment() + [Program.pentimento, "train"] + arguments
    }

    private func run(_ arguments: [String]) throws -> Outcome {
        try Program.run("/usr/bin/env", try command(arguments))
    }

    /// Runs a minimal training run that writes `output`.
    private func train(_ output: String, _ more: String...) throws -> Outcome {
        try run(["--style-image", painting, "--photos", photos, "-o", shop.path(output)] + tiny + more)
    }

    private func contents(_ name: String) -> Data? { FileManager.default.contents(atPath: shop.path(name)) }

    /// Expects exit code 1, one line of error, and no remaining files.
    private func failure(_ outcome: Outcome, keeps files: [String]) -> String {
        #expect(outcome.status == 1)
        #expect(outcome.errors.split(whereSeparator: \.isNewline).last?.hasPrefix("pentimento: ") == true)
        #expect(shop.files == files, "\(outcome.errors)")
        return outcome.errors
    }

    // MARK: From a painting to a style

    @Test func trainedModelStylizes() throws {
        let first = try train(
            "mine.safetensors", "--steps", "6", "--title", "Snow", "--painter", "Nobody", "--year", "2026", "--source",
            "made up", "--license", "MIT", "--json")
        #expect(first.status == 0, "\(first.errors)")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(first.output.utf8)) as? [String: Any])
        #expect(report["steps"] as? Int == 6)
        #expect(report["photographs"] as? Int == 6)
        #expect((report["losses"] as? [String: Double])?["style"] ?? 0 > 0)
        // Few photographs give a warning.
        #expect(first.errors.contains("6 photographs"))
        #expect(!shop.files.contains("mine.safetensors.pentimento"))

        let model = try Model(contentsOf: shop.path("mine.safetensors"))
        #expect(model.description.kind == .video && model.description.isGated)
        #expect(model.description.style == "mine" && model.description.license == "MIT")
        let info = try Program.run("models", "info", shop.path("mine.safetensors"), "--json")
        let facts = try #require(try JSONSerialization.jsonObject(with: Data(info.output.utf8)) as? [String: String])
        #expect(facts["painting"] == "Snow, Nobody, 2026 (made up)")
        #expect(facts["training"]?.contains("\"steps\"") == true)

        let clip = try shop.makeClip(frames: 3)
        let played = try Program.run(
            "stylize", clip, "-o", shop.path("out.mp4"), "--style", shop.path("mine.safetensors"))
        #expect(played.status == 0, "\(played.errors)")

        // The result is the same with one thread, and differs with another seed.
        #expect(try train("again.safetensors", "--steps", "6", "--threads", "1").status == 0)
        #expect(try train("other.safetensors", "--steps", "6", "--seed", "2").status == 0)
        func weights(_ name: String) throws -> String { try Model(contentsOf: shop.path(name)).checksum }
        #expect(try weights("again.safetensors") == weights("mine.safetensors"))
        #expect(try weights("other.safetensors") != weights("mine.safetensors"))

        // Existing files are not replaced without --force, and --init-from accepts the trained model.
        #expect(try train("mine.safetensors", "--steps", "6").errors.contains("--force"))
        let next = try train(
            "next.safetensors", "--steps", "2", "--init-from", shop.path("mine.safetensors"), "--force")
        #expect(next.status == 0, "\(next.errors)")
    }

    @Test(arguments: [
        ["--kind", "image", "--arch", "c3s1-4,d4,R4,U2,c3s1-3"],
        ["--gate", "none", "--arch", "c3s1-4,d4,R4,U2,c3s1-3"],
        ["--dilated"], ["--fill", "mean", "--padding", "reflect"], ["--frames", "0:0,50%:1", "--prior-dropout", "0"],
        [
            "--mix", "still:1,shift:2,noise:0.5", "--pooling", "average", "--rate-schedule", "50%:0.1",
            "--convolution-rate", "0%:0",
        ],
    ])
    func otherKinds(arguments: [String]) throws {
        // Of a repeated option the last value counts.
        let outcome = try run(
            ["--style-image", "\(painting):2", "--style-image", "\(photos)/0.png", "--photos", photos, "-o"]
                + [shop.path("mine.safetensors")] + tiny + arguments + ["--steps", "2"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let model = try Model(contentsOf: shop.path("mine.safetensors")).description
        #expect(model.kind == (arguments.contains("image") ? .image : .video))
        #expect(model.isGated == (model.kind == .video && !arguments.contains("--gate")))
        #expect(model.fill == (arguments.contains("mean") || model.kind == .image ? .mean : .texture))
    }

    /// Training on videos, without and with cached flow.
    @Test func trainingOnVideos() throws {
        let videos = shop.path("videos")
        try FileManager.default.createDirectory(atPath: videos, withIntermediateDirectories: true)
        _ = try shop.makeClip("videos/ball.mp4", frames: 16, size: (96, 80))
        try Data("notes".utf8).write(to: URL(fileURLWithPath: "\(videos)/notes.txt"))
        func train(_ output: String, cache: String) throws -> String {
            let outcome = try self.train(
                output, "--steps", "6", "--videos", videos, "--cache", shop.path(cache), "--mix", "still:1,video:3")
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.errors.contains("videos: 1 file is left out: notes.txt"))
            return try Model(contentsOf: shop.path(output)).checksum
        }
        let first = try train("one.safetensors", cache: "cache")
        #expect(try !FileManager.default.contentsOfDirectory(atPath: shop.path("cache")).isEmpty)
        #expect(try train("two.safetensors", cache: "cache") == first)
        #expect(try train("three.safetensors", cache: "other cache") == first)
        let without = try self.train("four.safetensors", "--steps", "6", "--mix", "still:1,video:3")
        #expect(without.status == 0, "\(without.errors)")
        #expect(try Model(contentsOf: shop.path("four.safetensors")).checksum != first)
        let alone = try self.train("five.safetensors", "--steps", "6", "--mix", "video:3")
        #expect(alone.status == 1 && alone.errors.contains("--videos"))
    }

    @Test func severalStylesInOneModel() throws {
        let other = try shop.makeImage("other#1.png", format: "GRAY8", size: (48, 52))
        let outcome = try train(
            "both.safetensors", "--style-image", other, "--separate-styles", "--steps", "4", "--preview-every", "1h")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let info = try Program.run("models", "info", shop.path("both.safetensors"))
        #expect(info.output.contains("painting, other-1"), "\(info.output)")
        var images: [Data?] = []
        for style in ["", "#painting", "#other-1", "#none"] {
            let name = "out\(images.count).png"
            let result = try Program.run(
                "stylize", painting, "-o", shop.path(name), "--style", shop.path("both.safetensors") + style)
            #expect(result.status == (style == "#none" ? 1 : 0), "\(result.errors)")
            images.append(contents(name))
        }
        #expect(images[0] != nil && images[0] == images[1])
        #expect(images[2] != nil && images[2] != images[0] && images[3] == nil)
    }

    // MARK: Previews and plots

    @Test(arguments: ["mine.preview.png", "mine.preview.mp4", "mine.losses.svg"])
    func existingPreviewIsNotReplaced(name: String) throws {
        try Files.write(Array("mine".utf8), to: shop.path(name))
        let outcome = try train("mine.safetensors", "--steps", "1", "--preview-every", "1h")
        #expect(outcome.status == 1 && outcome.errors.contains(name), "\(outcome.errors)")
        #expect(try Files.read(shop.path(name)) == Array("mine".utf8))
        #expect(try train("mine.safetensors", "--steps", "1", "--preview-every", "1h", "--force").status == 0)
    }

    @Test func previewsAndPlot() throws {
        // Enough photographs for a held-out set.
        for number in 0..<4 { try makePhoto("more-\(number).png", pattern: "snow") }
        let outcome = try train(
            "mine.safetensors", "--steps", "20", "--preview-every", "0.3s", "--validate-every", "8")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("step 8: held out: content"))
        #expect(outcome.errors.contains("after 1/10/50 frames"))
        #expect(
            shop.files.filter { $0.hasPrefix("mine") } == [
                "mine.losses.svg", "mine.preview.mp4", "mine.preview.png", "mine.safetensors",
            ])
        #expect(try Workshop.size(of: shop.path("mine.preview.mp4")) == "640,240")
        #expect(try Workshop.times(of: shop.path("mine.preview.mp4")).count == 72)
        #expect(try MediaInput(shop.path("mine.preview.png")).kind == .still)

        let plot = try Plot(try #require(contents("mine.losses.svg")))
        #expect(plot.texts.contains("20 steps"))
        for name in ["content", "style", "after 10 frames", "after 50 frames"] { #expect(plot.texts.contains(name)) }
        // Three training losses, two validation losses, and three ratios at three depths.
        #expect(plot.curves.count == 3 + 2 + 9)
        #expect(
            plot.curves.allSatisfy {
                !$0.isEmpty && $0.allSatisfy { (0...720).contains($0.0) && (0...230).contains($0.1) }
            })
        // A point per step, and validations after steps 8, 16 and 20.
        #expect(plot.curves[0].count == 20 && plot.curves[3].count == 3)
    }

    /// The texts and curves of an SVG plot.
    private final class Plot: NSObject, XMLParserDelegate {
        private(set) var texts: [String] = []
        private(set) var curves: [[(Double, Double)]] = []
        private var isText = false

        init(_ svg: Data) throws {
            super.init()
            let parser = XMLParser(data: svg)
            parser.delegate = self
            try #require(parser.parse())
        }

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            isText = name == "text"
            if isText { texts.append("") }
            guard name == "polyline" else { return }
            curves.append(
                (attributes["points"] ?? "").split(separator: " ").map { point in
                    let numbers = point.split(separator: ",").map { Double($0) ?? .nan }
                    return (numbers.first ?? .nan, numbers.last ?? .nan)
                })
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) {
            if isText { texts[texts.count - 1] += string }
        }

        func parser(
            _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
        ) { isText = false }
    }

    // MARK: Interruptions

    /// After Ctrl-C, SIGKILL and a full disk, --resume produces the weights of an uninterrupted run.
    @Test func interruptedTrainingResumes() throws {
        let length = ["--steps", "300"]
        func arguments(_ output: String) -> [String] {
            ["--style-image", painting, "--photos", photos, "-o", shop.path(output)] + tiny + length
        }
        #expect(try run(arguments("whole.safetensors")).status == 0)
        let whole = try Model(contentsOf: shop.path("whole.safetensors")).checksum
        let state = "part.safetensors.pentimento"
        func checkpoint() -> Data? { contents("\(state)/checkpoint.safetensors") }
        /// Runs until there is another checkpoint, then stops the program.
        func stop(_ more: String..., by signal: Int32) throws -> (ending: ChildProcess.Ending, errors: String) {
            let before = checkpoint()
            let process = try Program.start(
                "/usr/bin/env", try command(arguments("part.safetensors") + ["--save-every", "0.05s"] + more))
            process.wait { checkpoint() != before }
            return (process.end(by: signal, within: 300), process.errors)
        }

        let interrupted = try stop(by: SIGINT)
        #expect(interrupted.ending == .exited(130))
        #expect(interrupted.errors.contains("--resume goes on from there"))
        // The current model can be used.
        let tried = try Program.run(
            "stylize", painting, "-o", shop.path("tried.png"), "--style", shop.path("\(state)/model.safetensors"))
        #expect(tried.status == 0, "\(tried.errors)")

        let refused = try run(arguments("part.safetensors"))
        #expect(refused.status == 1)
        #expect(refused.errors.contains("--resume") && refused.errors.contains("--force"))
        func resumed(_ more: [String]) throws -> Outcome {
            try run(arguments("part.safetensors") + ["--resume"] + more)
        }
        for (more, name) in [
            (["--style-weight", "13"], "style-weight"),
            (["--arch", "c3s1-4,d8,R8,U2,c3s1-4"], "c3s1-4,d8,R8,U2,c3s1-4"),
            (["--style-image", "\(photos)/0.png"], "style-image"), (["--mix", "still:1"], "mix"),
        ] {
            let outcome = try resumed(more)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains(name), "\(outcome.errors)")
        }
        #expect(checkpoint() != nil)

        #expect(try stop("--resume", by: SIGKILL).ending == .killed(SIGKILL))
        let kept = checkpoint()
        // A file size limit of one kilobyte: the next checkpoint cannot be written.
        let full = try Program.run(
            "/bin/bash",
            ["-c", "ulimit -f 1; exec \"$@\"", "-", "/usr/bin/env"]
                + command(arguments("part.safetensors") + ["--resume", "--save-every", "0.05s"]))
        #expect(full.status == 1)
        #expect(full.errors.split(whereSeparator: \.isNewline).last?.hasPrefix("pentimento: ") == true)
        #expect(full.errors.contains("--resume goes on from there"))
        #expect(checkpoint() == kept)

        let done = try resumed(["--json"])
        #expect(done.status == 0, "\(done.errors)")
        #expect(try Model(contentsOf: shop.path("part.safetensors")).checksum == whole)
        #expect(!shop.files.contains(state))
    }

    @Test func damagedCheckpoint() throws {
        let state = shop.path("mine.safetensors.pentimento")
        try OwnedFolder(state, unindexed: .takeEmpty).write(
            Array("no checkpoint".utf8), to: "checkpoint.safetensors")
        let outcome = try train("mine.safetensors", "--steps", "2", "--resume")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("checkpoint.safetensors"))
        #expect(outcome.errors.split(whereSeparator: \.isNewline).count == 1)
        // A training run is restarted only with --force.
        #expect(try train("mine.safetensors", "--steps", "2").status == 1)
        #expect(try train("mine.safetensors", "--steps", "2", "--force").status == 0)
    }

    // MARK: Bad input

    @Test(arguments: [
        ["--steps", "0"], ["--steps", "5", "--time", "1m"], ["--time", "x"], ["--time", "1m1h"], ["--time", "0"],
        ["--time", "-1m"], ["--frames", "1:1"], ["--frames", "0:x"], ["--mix", "sunshine:1"], ["--mix", "noise:0.5"],
        ["--prior-dropout", "2"], ["--gate", "garden"], ["--crop", "5"], ["--batch", "0"], ["--arch", "c3s1"],
        ["--style-layers", "relu9_9"], ["--style-image", "a.png:0"], ["--seed", "-1"], ["--learning-rate", "0"],
        ["--rate-schedule", "60:0.5"],
        ["--style-crop", "0.5"], ["--save-every", "0"], ["-o", "mine.pt"], ["--kind", "sculpture"],
    ])
    func wrongArguments(arguments: [String]) throws {
        let outcome = try run(
            ["--style-image", painting, "--photos", photos, "-o", shop.path("mine.safetensors")] + arguments)
        #expect(outcome.status == 2, "\(outcome.errors)")
        #expect(outcome.errors.contains("Usage: pentimento train"))
        #expect(shop.files == ["painting.png", "photos"])
    }

    @Test func invalidArguments() throws {
        let files = shop.files
        func failed(_ more: String...) throws -> String {
            failure(
                try run(
                    ["--style-image", painting, "--photos", photos, "-o", shop.path("mine.safetensors")] + tiny
                        + ["--steps", "2"] + more), keeps: files)
        }
        #expect(try failed("--photos", shop.path("none")).contains("none: no such folder"))
        #expect(try failed("--photos", "\(TestData.repository)/Pipelines").contains("among its files"))
        #expect(try failed("--style-image", shop.path("none.png")).contains("none.png: no such file"))
        #expect(try failed("--style-image", Workshop.bundledClip).contains("video"))
        #expect(try failed("--loss-network", "vgg19").contains("vgg19"))
        #expect(try failed("--init-from", "screm").contains("scream"))
        // The shipped model has another architecture.
        #expect(try failed("--init-from", "scream").contains("layer"))
        #expect(try failed("-o", "/nowhere/mine.safetensors").contains("the folder does not exist"))
        // The samples are too small for this network.
        let speck = try Workshop()
        let dot = try speck.makeImage("speck.png", format: "RGB", size: (5, 5))
        #expect(try failed("--style-image", dot).contains("5x5"))
    }

    /// Unusable photographs are reported; training uses the others.
    @Test func unusablePhotographs() throws {
        try makePhoto("tiny.png", pattern: "snow", size: (20, 20))
        try makePhoto("grey.jpg", pattern: "snow", format: "GRAY8")
        try makePhoto("cut.jpg", pattern: "snow")
        try Data("notes".utf8).write(to: URL(fileURLWithPath: "\(photos)/notes.txt"))
        let image = try #require(contents("photos/cut.jpg"))
        try image.prefix(image.count / 2).write(to: URL(fileURLWithPath: "\(photos)/cut.jpg"))
        let outcome = try train("mine.safetensors", "--steps", "2", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("3 files are left out"))
        let report = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect(report["photographs"] as? Int == 7)
        let skipped = try #require(report["skipped"] as? [[String: String]])
        #expect(skipped.compactMap { $0["file"] } == ["cut.jpg", "notes.txt", "tiny.png"].map { "\(photos)/\($0)" })
        #expect(skipped[0]["reason"]?.contains("cut short") == true)
        #expect(skipped[2]["reason"]?.contains("20 x 20") == true)
    }
}
