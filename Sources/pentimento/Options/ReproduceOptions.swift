import ArgumentParser
import Evaluation
import Flow
import MediaIO
import NeuralNet
import Reproduction
import Style
import Support

/// The inputs of `reproduce`.
struct ReproduceOptions: ParsableArguments {
    @Option(help: "Folder of the MPI Sintel training data, with frames, flow and occlusions.")
    var sintel: String

    @Option(help: "Sintel render pass: clean or final.")
    var pass = "clean"

    @Option(help: "Names of scenes, separated by commas. (default: all that are there)")
    var scenes: String?

    @Option(help: "A painting; may be repeated.")
    var styleImage: [String]

    @Option(
        help: """
            The model of each painting, in their order; none: without one. May be repeated. (default: the model with the \
            painting's file name, if there is one)
            """)
    var style: [String] = []

    @Option(help: "Loss network of the optimisation: vgg16, vgg19 (as in the paper) or a path.")
    var lossNetwork = "vgg16"

    @Option(
        help: """
            Backward flow of another method for table 4, such as deepflow/%s/backward_[%d]_{%d}.flo: %s is the scene, [%d] the \
            current frame, {%d} the earlier one, counted from 1.
            """)
    var flowPattern: String?

    @Option(help: "Its reverse, such as deepflow/%s/forward_[%d]_{%d}.flo.")
    var reverseFlowPattern: String?

    @Option(help: "Name of that method in the table.")
    var flowName = "files"

    @Option(help: "Models of table 5, such as L=per-frame.safetensors,2F=two.safetensors; the others are trained.")
    var models: String?

    @Option(help: "Folder of photographs for the trainings of table 5. (default: the 48 included ones)")
    var photos: String?

    @Option(
        help:
            "A model with dilated convolutions, for figure 3. (default: that of table 5; without --quick only a given one)"
    )
    var dilatedModel: String?

    @Option(help: "Folder of equirectangular pictures, for spheres; or a single one.")
    var panoramas: String?

    func validate() throws {
        guard !styleImage.isEmpty else { throw ValidationError("--style-image says which painting") }
        guard style.isEmpty || style.count == styleImage.count else {
            throw ValidationError("\(style.count) --style for \(styleImage.count) --style-image; say one for each")
        }
        guard reverseFlowPattern == nil || flowPattern != nil else {
            throw ValidationError("--reverse-flow-pattern goes with --flow-pattern")
        }
        for pattern in [flowPattern, reverseFlowPattern].compactMap({ $0 }) {
            do { _ = try FlowFilePattern(pattern) } catch { throw ValidationError("\(error)") }
        }
    }

    func input(budget: Budget, threads: Int) throws -> ReproductionInput {
        let library = ModelLibrary.standard
        var input = ReproductionInput(
            scenes: try chosenScenes(), styles: try styles(in: library),
            lossNetwork: try LossNetworkFile(contentsOf: library.lossNetworkPath(of: lossNetwork)).weights,
            lossNetworkName: lossNetwork, library: library, budget: budget, threads: threads)
        input.photographs = photos ?? InstalledFiles.folders("photographs").first(where: Files.exists)
        input.dilatedModel = dilatedModel
        input.trainedModels = try trainedModels()
        input.panoramas = panoramas.map { Files.isFolder($0) ? pictures(in: $0) : [$0] } ?? []
        input.flowFiles = flowPattern.map { FlowFiles(name: flowName, backward: $0, forward: reverseFlowPattern) }
        return input
    }

    private func trainedModels() throws -> [String: String] {
        let known = Reproduction.trainingMethods
        return try (models ?? "").split(separator: ",").reduce(into: [:]) { models, entry in
            let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, known.contains(parts[0]) else {
                throw MediaError("--models: \(entry) is no METHOD=FILE; methods are \(known.joined(separator: ", "))")
            }
            models[parts[0]] = parts[1]
        }
    }

    private func pictures(in folder: String) -> [String] {
        Files.names(in: folder).filter { name in [".png", ".jpg", ".jpeg"].contains { name.lowercased().hasSuffix($0) }
        }
        .map { "\(folder)/\($0)" }
    }

    private func chosenScenes() throws -> [SintelScene] {
        let known = try SintelScene.scenes(in: sintel, pass: pass)
        guard let scenes else { return known }
        return try scenes.split(separator: ",").map(String.init).map { name in
            guard let scene = known.first(where: { $0.name == name }) else {
                throw MediaError(
                    "\(sintel): has no scene \(name); there are \(known.map(\.name).joined(separator: ", "))")
            }
            return scene
        }
    }

    private func styles(in library: ModelLibrary) throws -> [TableStyle] {
        let models = Set(library.listModels().map(\.name))
        return try styleImage.enumerated().map { index, painting in
            guard style.isEmpty else {
                return try TableStyle(painting: painting, model: style[index] == "none" ? nil : style[index])
            }
            let file = painting.split(separator: "/").last ?? ""
            let name = file.split(separator: ".").dropLast().joined(separator: ".")
            return try TableStyle(painting: painting, model: models.contains(name) ? name : nil)
        }
    }
}

/// How much `reproduce` computes.
struct ReproductionAmount: ParsableArguments {
    @Flag(help: "Few frames, small pictures, few iterations: all tables in half an hour on two cores.")
    var quick = false

    @Option(help: "Frames of a scene. (default: all; quick: \(Budget.quick.frames ?? 0))")
    var frames: Int?

    @Option(
        help: "Longer side of the frames in pixels. (default: as in the files; quick: \(Budget.quick.longerSide ?? 0))")
    var longerSide: Int?

    @Option(help: "Maximum iterations of a first frame and of the following ones. (default: 2000,1000; quick: 100,60)")
    var iterations: String?

    func validate() throws {
        guard frames ?? 2 >= 2 else { throw ValidationError("--frames is 2 or more") }
        guard longerSide ?? 64 >= 64 else { throw ValidationError("--longer-side is 64 or more") }
        guard iterations == nil || iterationPair != nil else {
            throw ValidationError("--iterations are two numbers such as 2000,1000, not \(iterations ?? "")")
        }
    }

    private var iterationPair: (first: Int, next: Int)? {
        let numbers = (iterations ?? "").split(separator: ",").compactMap { Int($0) }
        return numbers.count == 2 && numbers.allSatisfy { (1...1_000_000).contains($0) }
            ? (numbers[0], numbers[1]) : nil
    }

    var budget: Budget {
        var budget = quick ? Budget.quick : Budget.full
        if let frames { budget.frames = frames }
        if let longerSide { budget.longerSide = longerSide }
        if let iterationPair { budget.iterations = iterationPair }
        return budget
    }
}
