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
    private static func input(in folder: TemporaryFolder, frames: Int = 3) throws -> ReproductionInput {
        let root = folder.path("sintel")
        for path in [root, "\(root)/clean", "\(root)/flow", "\(root)/occlusions"] { try Files.makeFolder(path) }
        try writeScene("moving", frames: frames, in: root)
        try Model.writeFormulaModel(
            ModelDescription(
                kind: .video, architecture: Architecture(parsing: "c3s1-8,d8,R8,B2,c3s1-4"),
                padding: .replicate, isGated: true),
            to: folder.path("painting.safetensors"))
        let painting = folder.path("painting.png")
        try Image(contentsOf: "\(root)/clean/moving/frame_0001.png").write(to: painting)
        var budget = Budget.quick
        budget.iterations = (4, 3)
        return try ReproductionInput(
            scenes: SintelScene.scenes(in: root), styles: [TableStyle(painting: painting, model: "painting")],
            lossNetwork: .random(), lossNetworkName: "random", library: ModelLibrary(folders: [folder.path]),
            budget: budget, threads: 1)
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

    /// Results of other settings are computed again, and damaged ones.
    @Test func onlyWhatFitsIsKept() throws {
        let folder = try TemporaryFolder()
        var input = try Self.input(in: folder)
        _ = try page(of: Reproduction(["a4"], input: input), in: folder.path("out"))
        let name = Files.names(in: folder.path("out/results"))[0]
        try Files.write(Array("{".utf8), to: folder.path("out/results/\(name)"))
        #expect(try page(of: Reproduction(["a4"], input: input), in: folder.path("out")).1 == 1)
        input.budget.iterations.next = 4
        #expect(try page(of: Reproduction(["a4"], input: input), in: folder.path("out")).1 == 2)
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

    @Test func missingInputsAreNamed() throws {
        let folder = try TemporaryFolder()
        let input = try Self.input(in: folder)
        for (table, word) in [("table6", "--panoramas"), ("table5", "--photos"), ("table9", "there is no table")] {
            let error = #expect(throws: ReproductionError.self) { _ = try Reproduction([table], input: input) }
            #expect(error?.description.contains(word) == true, "\(table): \(error?.description ?? "")")
        }
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
