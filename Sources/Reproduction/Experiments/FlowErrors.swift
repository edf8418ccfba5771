import Evaluation
import Flow
import Imaging
import NeuralNet
import Style

/// A.3: what errors of the flow do, for both approaches.
struct FlowErrors: Experiment {
    static let name = "a3"
    static let title = "Appendix A.3: errors of the flow"
    static let text = """
        The true flow with a smooth random error added, whose root mean square length is given in pixels. True flow leads to the \
        next frame; so the frames are painted from the last to the first one, each with the result of the frame after it. The \
        measure is that of table 2. The paper shows a picture of it and no numbers.
        """

    /// Of the results, as for ``Job``.
    private static let version = 1
    /// In pixels.
    private static let amounts = [0.0, 0.5, 1, 2, 4]
    private let input: ReproductionInput
    let jobs: [Job]

    init(_ input: ReproductionInput) throws {
        self.input = input
        let cache = FootageCache(budget: input.budget, threads: input.threads)
        guard let style = input.styles.first else { throw ReproductionError("a3 needs a painting: --style-image") }
        jobs = try input.scenes.flatMap { scene in
            try Path.allCases.filter { $0 == .optimization || style.model != nil }.flatMap { path in
                try Self.amounts.map { amount in
                    let name = Self.jobName(path, scene: scene.name, amount: amount)
                    var settings =
                        path == .optimization
                        ? input.facts(of: scene, style, input.optimizationSettings) : input.facts(of: scene)
                    if path == .network { settings["model"] = try style.model.map(input.digest(ofModel:)) }
                    settings["amount"] = "\(amount)"
                    let count = Double(min(scene.frames.count, input.budget.frames ?? .max))
                    let cost =
                        path == .network
                        ? count
                        : Double(input.budget.iterations.first) + (count - 1) * Double(input.budget.iterations.next)
                    return Job(name, version: Self.version, settings: settings, cost: cost) { store, _ in
                        try Self.run(
                            path, on: cache.footage(of: scene), style: style, amount: amount, input: input, name: name,
                            store: store)
                    }
                }
            }
        }
    }

    private enum Path: String, CaseIterable {
        case optimization, network
    }

    private static func jobName(_ path: Path, scene: String, amount: Double) -> String {
        "flow-errors/\(scene)/\(path.rawValue)-\(amount)"
    }

    private static func run(
        _ path: Path, on footage: Footage, style: TableStyle, amount: Double, input: ReproductionInput, name: String,
        store: JobStore
    ) throws -> JobResult {
        let indices = footage.longestRunWithFlow
        let frames = indices.map { footage.frames[$0].networkSpace() }
        let motions = indices.dropLast().compactMap { footage.motions[$0] }
        let disturbed = motions.enumerated().map { index, motion in
            Motion(flow: motion.flow.disturbed(by: amount, seed: UInt64(index)), certainty: motion.certainty)
        }
        let painted: [Image]
        switch path {
        case .optimization: painted = try optimized(frames, disturbed, style: style, input: input)
        case .network: painted = try styled(frames, disturbed, style: style, input: input)
        }
        let shown = painted.map(\.shown)
        let errors = motions.enumerated().map { index, motion in
            temporalError(
                of: shown[index], against: shown[index + 1], flow: motion.flow, certainty: motion.certainty,
                threads: input.threads
            ).overConsistentPixels
        }
        let picture = try shown.first.map { try store.write($0, of: name) }
        return JobResult(
            [OfflineRun.Measure.temporalError: errors.reduce(0, +) / Double(max(1, errors.count))],
            notes: footage.notes, pictures: picture.map { [$0] } ?? [])
    }

    /// In the order of the frames, painted from the last to the first.
    private static func optimized(
        _ frames: [Image], _ motions: [Motion], style: TableStyle, input: ReproductionInput
    ) throws -> [Image] {
        let optimizer = try ClipOptimizer(
            settings: input.optimizationSettings, network: input.lossNetwork, styles: [style.painting],
            library: input.library)
        return try frames.indices.reversed().map { index in
            let references =
                index < motions.count
                ? [Reference(distance: 1, flow: motions[index].flow, certainty: motions[index].certainty)] : []
            return try optimizer.next(frames[index], references: references)
        }.reversed()
    }

    private static func styled(
        _ frames: [Image], _ motions: [Motion], style: TableStyle, input: ReproductionInput
    ) throws -> [Image] {
        guard let name = style.model, let size = frames.first else { return [] }
        let model = try input.library.model(name)
        let network = try Network(model: model, width: size.width, height: size.height, threads: input.threads)
        let fill = PriorFill(model.description.fill)
        var last: Image?
        return try frames.indices.reversed().map { index in
            let prior = last.flatMap { last in
                motions.indices.contains(index)
                    ? Prior(
                        warping: last, by: motions[index].flow, certainty: motions[index].certainty, fill: fill,
                        threads: input.threads) : nil
            }
            let output = try network.run(frame: frames[index], prior: prior?.image, certainty: prior?.certainty)
            last = output
            return output
        }.reversed()
    }

    func section(_ results: Results) -> Section {
        func error(_ path: Path, _ scene: String, _ amount: Double) -> Double? {
            results.value(
                OfflineRun.Measure.temporalError, of: Self.jobName(path, scene: scene, amount: amount))
        }
        let names = input.scenes.map(\.name)
        let cells = names.flatMap { scene in
            Path.allCases.map { path in
                [path.rawValue, scene] + Self.amounts.map { Table.number(error(path, scene, $0)) }
            }
        }
        let headings = ["approach", "scene"] + Self.amounts.map { "\($0) px" }
        let largest = Self.amounts.last ?? 0
        let claims =
            names.map { scene in
                Claim.falling(
                    "`\(scene)`: worse flow is worse for the optimisation",
                    [error(.optimization, scene, largest), error(.optimization, scene, 0)])
            }
            + names.map { scene in
                let (worst, best) = (
                    Path.allCases.map { error($0, scene, largest) }, Path.allCases.map { error($0, scene, 0) }
                )
                let growth = zip(worst, best).map { worst, best in worst.flatMap { worst in best.map { worst / $0 } } }
                return Claim.falling(
                    "`\(scene)`: the optimisation suffers more than the network (growth of the error)", growth)
            }
        return Section(
            tables: [Table("Here", columns: headings, rows: cells)], claims: claims, notes: results.notes(of: jobs))
    }
}
