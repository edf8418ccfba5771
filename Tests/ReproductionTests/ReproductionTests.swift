import Evaluation
import Flow
import Imaging
import MediaIO
import NeuralNet
import Reproduction
import Style
import Support
import TestSupport
import Testing

/// Tables on a scene of three small frames, in Sintel's layout.
@Suite struct ReproductionTests {
    private static let (width, height) = (64, 48)
    /// Pixels to the right per frame.
    private static let speed = 2

    /// Frames that move to the right, their true flow and masks.
    private static func writeScene(_ name: String, frames: Int, in root: String) throws {
        for kind in ["clean", "flow", "occlusions"] { try Files.makeFolder("\(root)/\(kind)/\(name)") }
        let texture = MovingTexture(seed: UInt64(name.count))
        for number in 1...frames {
            let offset = Double(number * speed)
            let plane = texture.frame(width: width, height: height) { ($0 - offset, $1) }
            let image = Image(
                width: width, height: height,
                samples: [Float](repeating: 0, count: 3 * width * height).indices.map {
                    Float(plane.values[$0 % (width * height)])
                })
            try image.write(to: "\(root)/clean/\(name)/frame_000\(number).png")
            guard number < frames else { continue }
            var flow = FlowField(width: width, height: height)
            for index in flow.u.indices { flow.u[index] = Float(speed) }
            try flow.write(to: "\(root)/flow/\(name)/frame_000\(number).flo")
            var mask = Image(width: width, height: height)
            for index in mask.samples.indices where index % width >= width - speed { mask.samples[index] = 255 }
            try mask.write(to: "\(root)/occlusions/\(name)/frame_000\(number).png")
        }
    }

    /// Inputs with a network of pseudo-random weights.
    private static func input(
        in folder: TemporaryFolder, frames: Int = 3, keepingModel: Bool = false
    ) throws -> ReproductionInput {
        let root = folder.path("sintel")
        for path in [root, "\(root)/clean", "\(root)/flow", "\(root)/occlusions"] { try Files.makeFolder(path) }
        let painting = folder.path("painting.png")
        if !keepingModel {
            try writeScene("moving", frames: frames, in: root)
            try writeModel("painting", in: folder, architecture: "c3s1-8,d8,R8,B2,c3s1-4")
            try Image(contentsOf: "\(root)/clean/moving/frame_0001.png").write(to: painting)
        }
        var budget = Budget.quick
        budget.iterations = (4, 3)
        return try ReproductionInput(
            scenes: SintelScene.scenes(in: root), styles: [TableStyle(painting: painting, model: "painting")],
            lossNetwork: .random(), lossNetworkName: "random", library: ModelLibrary(folders: [folder.path]),
            budget: budget, threads: 1)
    }

    private static func writeModel(_ name: String, in folder: TemporaryFolder, architecture: String) throws {
        try Model.writeFormulaModel(
            ModelDescription(
                kind: .video, architecture: Architecture(parsing: architecture), padding: .replicate, isGated: true),
            to: folder.path("\(name).safetensors"))
    }

    /// The page without the lines of measured durations.
    private func withoutTimes(_ page: String) -> [Substring] {
        page.split(separator: "\n").filter { !$0.hasSuffix(" s |") }
    }

    private static let tables = ["table2", "table4", "fig3", "a3", "a4", "long-term", "multi-pass"]

    @Test func anInterruptedRunGivesTheSamePage() throws {
        let folder = try TemporaryFolder()
        let reproduction = try Reproduction(Self.tables, input: Self.input(in: folder))
        let whole = try reproduction.run(in: JobStore(folder.path("whole")), command: "reproduce")
        for stop in [1, 3, 7] {
            let cancellation = Cancellation()
            var begun = 0
            #expect(throws: Cancelled.self) {
                try cancellation.follow {
                    _ = try reproduction.run(in: JobStore(folder.path("parts")), command: "reproduce") { _ in
                        begun += 1
                        if begun == stop { cancellation.request() }
                    }
                }
            }
        }
        let (resumed, jobs) = try page(of: reproduction, in: folder.path("parts"))
        #expect(jobs > 0)
        #expect(withoutTimes(resumed) == withoutTimes(whole))
        let (again, none) = try page(of: reproduction, in: folder.path("parts"))
        #expect(none == 0)
        #expect(again == resumed)
    }

    /// The page and the number of jobs that it took.
    private func page(of reproduction: Reproduction, in path: String) throws -> (String, Int) {
        var jobs = 0
        let page = try reproduction.run(in: JobStore(path), command: "reproduce") { if $0.job != nil { jobs += 1 } }
        return (page, jobs)
    }

    /// Damaged results are computed again, and those of other inputs and settings, with a reason.
    @Test func onlyWhatFitsIsKept() throws {
        let folder = try TemporaryFolder()
        let out = folder.path("out")
        var input = try Self.input(in: folder)
        /// The reasons of the jobs that run.
        func reasons(_ table: String) throws -> [String?] {
            var reasons: [String?] = []
            _ = try Reproduction([table], input: input).run(in: JobStore(out), command: "reproduce") {
                if $0.job != nil { reasons.append($0.reason) }
            }
            return reasons
        }
        #expect(try reasons("a4") == [nil, nil])
        #expect(try reasons("fig3") == [nil, nil])
        let name = Files.names(in: "\(out)/results")[0]
        try Files.write(Array("{".utf8), to: "\(out)/results/\(name)")
        #expect(try reasons("a4") == ["results/\(name) is damaged"])
        let picture = Files.names(in: "\(out)/pictures")[0]
        Files.remove("\(out)/pictures/\(picture)")
        #expect(try reasons("a4") == ["pictures/\(picture) is missing"])
        input.budget.iterations.next = 4
        #expect(try reasons("a4") == Array(repeating: "iterations was 4,3, is 4,4", count: 2))
        #expect(try reasons("fig3").isEmpty)
        try Self.writeModel("painting", in: folder, architecture: "c3s1-8,d8,B2,c3s1-4")
        input = try Self.input(in: folder, keepingModel: true)
        input.budget.iterations.next = 4
        #expect(try reasons("fig3") == Array(repeating: "model has changed", count: 2))
        try FlowField(width: Self.width, height: Self.height).write(
            to: folder.path("sintel/flow/moving/frame_0001.flo"))
        #expect(try reasons("a4") == Array(repeating: "scene has changed", count: 2))
    }

    /// A result of a program that computed something else, as its version says.
    @Test func otherVersionsAreComputedAgain() throws {
        let folder = try TemporaryFolder()
        func job(_ version: Int, _ settings: [String: String] = ["size": "3"]) -> Job {
            Job("a/b", version: version, settings: settings, cost: 1) { _, _ in JobResult(["x": 1]) }
        }
        let store = try JobStore(folder.path("out"))
        try store.keep(JobResult(["x": 1]), of: job(1))
        func why(_ job: Job) -> String? { if case .unusable(let why) = store.find(job) { why } else { nil } }
        #expect(why(job(1)) == nil)
        #expect(why(job(2)) == "version was 1, is 2")
        #expect(why(job(1, [:])) == "size no longer counts")
        #expect(why(job(1, ["size": "3", "depth": "2"])) == "depth was not recorded")
    }

    @Test func pagesHaveTheRowsOfThePaper() throws {
        let folder = try TemporaryFolder()
        let (text, _) = try page(
            of: Reproduction(["table2", "table4"], input: Self.input(in: folder)), in: folder.path("out"))
        for row in ["Random init", "Prev frame init", "Per-frame"] {
            #expect(text.split(separator: "\n").count { $0.contains("| \(row) |") } == 2, "\(row)")
        }
        #expect(text.contains("| Optimization | Random init | 0.019 | 0.027 | 0.037 | 0.0180 | 0.023 | 540 s |"))
        #expect(text.contains("(`--quick`)"))
        for picture in text.split(separator: "](").dropFirst().compactMap({ $0.split(separator: ")").first }) {
            #expect(Files.exists(folder.path("out/\(picture)")), "\(picture)")
        }
    }

    /// True flow and flow files of another shape or size than the frames and each other.
    @Test func flowOfAnotherSizeIsNamed() throws {
        let folder = try TemporaryFolder()
        var input = try Self.input(in: folder)
        func problem(_ table: String) throws -> String {
            let error = #expect(throws: ReproductionError.self) {
                _ = try page(of: Reproduction([table], input: input), in: folder.path("out"))
            }
            return error?.description ?? ""
        }
        input.flowFiles = FlowFiles(
            name: "files", backward: folder.path("%s_b_[%d]_{%d}.flo"), forward: folder.path("%s_f_[%d]_{%d}.flo"))
        #expect(try problem("table4").contains("moving_b_2_1.flo: no such file"))
        for (name, size) in [
            ("b_2_1", (64, 48)), ("b_3_2", (64, 48)), ("f_1_2", (64, 48)), ("f_2_3", (32, 24)),
        ] {
            try FlowField(width: size.0, height: size.1).write(to: folder.path("moving_\(name).flo"))
        }
        #expect(try problem("table4").contains("moving_f_2_3.flo: is 32 x 24"))
        try FlowField(width: 64, height: 40).write(to: folder.path("moving_b_2_1.flo"))
        #expect(try problem("table4").contains("moving_b_2_1.flo: is 64 x 40, which is not the shape"))
        try FlowField(width: 32, height: 24).write(to: folder.path("sintel/flow/moving/frame_0002.flo"))
        #expect(try problem("a4").contains("true flow from frame 2 is 32 x 24"))
    }

    @Test func missingInputsAreNamed() throws {
        let folder = try TemporaryFolder()
        let input = try Self.input(in: folder)
        for (table, word) in [("table6", "--panoramas"), ("table5", "--photos"), ("table9", "there is no table")] {
            let error = #expect(throws: ReproductionError.self) { _ = try Reproduction([table], input: input) }
            #expect(error?.description.contains(word) == true, "\(table): \(error?.description ?? "")")
        }
        var both = input
        both.styles += input.styles
        let doubled = #expect(throws: ReproductionError.self) { _ = try Reproduction(["a4"], input: both) }
        #expect(doubled?.description == "two paintings are called painting; rename one of the files")
        Files.remove(folder.path("sintel/clean/moving/frame_0002.png"))
        let scenes = try SintelScene.scenes(in: folder.path("sintel"))
        var broken = input
        broken.scenes = scenes
        let gap = #expect(throws: EvaluationError.self) { _ = try Reproduction(["a4"], input: broken) }
        #expect(gap?.description.contains("frame 2 is missing") == true)
        let lonely = try TemporaryFolder()
        let short = try Self.input(in: lonely, frames: 1)
        #expect(throws: (any Error).self) {
            _ = try page(of: Reproduction(["table2"], input: short), in: lonely.path("o"))
        }
    }
}

/// Numbers and inputs of the tables.
@Suite struct TableTests {
    @Test(
        arguments: [
            (0.00061, "0.00061"), (0.0189, "0.019"), (0.1, "0.10"), (1.234, "1.2"), (180.4, "180"), (0, "0"),
            (-0.02, "-0.020"),
        ] as [(Double, String)])
    func numbersHaveTwoDigits(value: Double, text: String) { #expect(Table.number(value) == text) }

    @Test func claimsHoldOrNotOrAreNotMeasured() {
        #expect(Claim.falling("", [3, 2, 1]).holds == true)
        #expect(Claim.falling("", [3, 3]).holds == false)
        #expect(Claim.falling("", [3, nil]).holds == nil)
    }

    @Test(arguments: [0.5, 2.0]) func disturbedFlowHasTheAmountThatIsAsked(amount: Double) {
        let flow = FlowField(width: 90, height: 50)
        let error = flow.disturbed(by: amount, seed: 3)
        let squares = zip(error.u, error.v).reduce(0.0) { $0 + Double($1.0 * $1.0 + $1.1 * $1.1) }
        #expect(abs((squares / 4500).squareRoot() - amount) < 1e-3)
        #expect(flow.disturbed(by: 0, seed: 3) == flow)
    }

    /// Along the flow, an object that passes shows the same pixels wherever the motion is certain.
    @Test func aPassingObjectHasExactFlow() {
        func noise(_ seed: UInt64) -> Image {
            var generator = SeededGenerator(seed: seed)
            var image = Image(width: 40, height: 24)
            for index in image.samples.indices { image.samples[index] = Float.random(in: 0...255, using: &generator) }
            return image
        }
        let film = PassingObject(background: noise(1), object: noise(2), count: 6)
        for (frame, distance) in [(1, 1), (3, 1), (4, 2), (5, 5)] {
            let motion = film.motion(of: frame, distance: distance)
            let (now, before) = (film.frames[frame], film.frames[frame - distance])
            for index in motion.flow.u.indices where motion.certainty.values[index] == 1 {
                #expect(now.samples[index] == before.samples[index + Int(motion.flow.u[index])])
            }
        }
    }
}
