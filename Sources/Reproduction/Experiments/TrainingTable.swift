import Evaluation
import Flow
import Imaging
import MediaIO
import NeuralNet
import Style
import Support
import Training

/// Table 5: training methods of the network.
struct TrainingTable: Experiment {
    static let name = "table5"
    static let title = "Table 5: training methods"
    static let text = """
        Content, style and temporal loss on the scenes as a percentage of those of independent per-frame processing (L). Di: \
        dilated convolutions; 2F, MF: training with two and with several frames; m: mixed with samples that have no prior; recipe: \
        this program's own. Content and style loss have the layers of the paper's networks.
        """

    /// Of the results, as for ``Job``.
    private static let version = 1
    private static let measures = ["content", "style", "temporal"]
    private let input: ReproductionInput
    let jobs: [Job]

    init(_ input: ReproductionInput) throws {
        guard let style = input.styles.first else { throw ReproductionError("table5 needs a painting: --style-image") }
        let missing = TrainingMethod.allCases.filter { input.trainedModels[$0.rawValue] == nil }
        guard missing.isEmpty || input.photographs != nil else {
            throw ReproductionError(
                "table5 trains \(missing.map(\.rawValue).joined(separator: ", ")): it needs photographs, --photos FOLDER, "
                    + "or the models, --models L=FILE,2F=FILE,...")
        }
        self.input = input
        let cache = FootageCache(budget: input.budget, threads: input.threads)
        jobs = try TrainingMethod.allCases.map { method in
            let network = MethodModel(method: method, style: style, input: input)
            var settings = input.budget.facts
            settings["scenes"] = input.scenes.map(\.identity).joined(separator: " ")
            settings["painting"] = style.digest
            settings["loss-network"] = input.lossNetwork.checksum
            settings.merge(try network.facts) { $1 }
            // A step takes about as long as an iteration.
            let cost = Double(input.trainedModels[method.rawValue] == nil ? input.budget.trainingSteps * 2 : 30)
            return Job(Self.jobName(method), version: Self.version, settings: settings, cost: cost) { store, _ in
                return try Self.measured(
                    network.load(from: store), input: input, style: style, cache: cache)
            }
        }
    }

    private static func jobName(_ method: TrainingMethod) -> String { "training/\(method.rawValue)" }

    private static func measured(
        _ model: Model, input: ReproductionInput, style: TableStyle, cache: FootageCache
    ) throws -> JobResult {
        var values: [String: Double] = [:]
        for scene in input.scenes {
            let footage = try cache.footage(of: scene)
            let (width, height) = (footage.frames[0].width, footage.frames[0].height)
            let losses = try PaperLosses(
                style, lossNetwork: input.lossNetwork, width: width, height: height, threads: input.threads)
            let painted = try styled(footage, by: model, threads: input.threads)
            var (content, texture) = (0.0, 0.0)
            for (frame, output) in zip(footage.frames, painted) {
                let value = try losses.evaluate(output, of: frame.networkSpace())
                content += value.content / Double(painted.count)
                texture += value.style / Double(painted.count)
            }
            values["content \(scene.name)"] = content
            values["style \(scene.name)"] = texture
            values["temporal \(scene.name)"] = try footage.temporalError(of: painted)
        }
        return JobResult(values)
    }

    /// Each frame with the warped previous output, as in the paper; on its own if the network takes no prior.
    private static func styled(_ footage: Footage, by model: Model, threads: Int) throws -> [Image] {
        let network = try Network(
            model: model, width: footage.frames[0].width, height: footage.frames[0].height, threads: threads)
        let fill = PriorFill(model.description.fill)
        let flow = model.description.kind == .video ? footage.estimatedFlow() : []
        var painted: [Image] = []
        for (index, frame) in footage.frames.enumerated() {
            var prior: Prior?
            if let last = painted.last, flow.indices.contains(index - 1) {
                let pair = flow[index - 1]
                let motion = Motion(flow: pair.backward, reverse: pair.forward, threads: threads)
                prior = Prior(
                    warping: last, by: motion.flow, certainty: motion.certainty, fill: fill, threads: threads)
            }
            painted.append(
                try network.run(frame: frame.networkSpace(), prior: prior?.image, certainty: prior?.certainty))
        }
        return painted
    }

    func section(_ results: Results) -> Section {
        /// The mean over scenes of a measure, relative to that of the baseline.
        func share(_ measure: String, _ method: TrainingMethod) -> Double? {
            let shares = input.scenes.compactMap { scene -> Double? in
                let key = "\(measure) \(scene.name)"
                guard let value = results.value(key, of: Self.jobName(method)),
                    let base = results.value(key, of: Self.jobName(.perFrame)), base > 0
                else { return nil }
                return value / base
            }
            guard !shares.isEmpty, shares.count == input.scenes.count else { return nil }
            return shares.reduce(0, +) / Double(shares.count)
        }
        func label(_ measure: String) -> String { measure.prefix(1).uppercased() + measure.dropFirst() }
        let methods = TrainingMethod.allCases
        let names = ["Loss"] + methods.map(\.rawValue)
        let trained = methods.filter { input.trainedModels[$0.rawValue] == nil }
        let notes =
            trained.isEmpty
            ? []
            : [
                "\(trained.map(\.rawValue).joined(separator: ", ")): trained for \(input.budget.trainingSteps) steps on crops of "
                    + "\(input.budget.trainingCrop) pixels; the paper's networks for 60,000 to 120,000."
            ]
        let reason =
            trained.isEmpty
            ? nil
            : "A training of \(input.budget.trainingSteps) steps is too short: when a network "
                + "runs on its own output, its errors grow. `--models` takes networks that were trained for longer."
        func claim(_ statement: String, _ measure: String, _ one: TrainingMethod, _ other: TrainingMethod) -> Claim {
            Claim.falling(statement, [share(measure, one), share(measure, other)], reason: reason)
        }
        return Section(
            tables: [
                Table(
                    "Here", columns: names,
                    rows: Self.measures.map { measure in
                        [label(measure)] + methods.map { Table.percent(share(measure, $0)) }
                    })
            ],
            paper: [Table("Paper", columns: Array(names.dropLast()), rows: PaperTables.training)],
            claims: [
                claim("temporal: L > Di", "temporal", .perFrame, .dilated),
                claim("temporal: L > 2F", "temporal", .perFrame, .twoFrame),
                claim("temporal: L > MFm", "temporal", .perFrame, .multiFrameMixed),
                claim("style: 2F > MFm", "style", .twoFrame, .multiFrameMixed),
                claim("content: 2F > MFm", "content", .twoFrame, .multiFrameMixed),
            ], notes: notes)
    }
}
