import Imaging
import Support

/// Runs the jobs of experiments and writes the page.
public struct Reproduction {
    /// All experiments, in the order of the page.
    static var all: [any Experiment.Type] {
        [
            ShortTermTable.self, AblationTable.self, TrainingTable.self, SphereTable.self, SphereVideoTable.self,
            ShiftFigure.self, LongTerm.self, MultiPass.self, FlowErrors.self, PenaltyComparison.self, NoiseFill.self,
        ]
    }

    /// Their names, as on the command line.
    public static var names: [String] { all.map { $0.name } }

    /// The columns of table 5, for the models that may be given.
    public static var trainingMethods: [String] { TrainingMethod.allCases.map(\.rawValue) }

    /// How far the work is.
    public struct Progress {
        /// The job that begins now; nil: all are done.
        public let job: String?
        /// Why it is run again though the folder has a result of it, as a part of a sentence; nil: it has none.
        public let reason: String?
        /// Jobs that are done, and all jobs.
        public let done: Int
        public let total: Int
        /// Estimated; nil: not known yet.
        public let secondsLeft: Double?
    }

    private let experiments: [any Experiment]
    private let input: ReproductionInput
    /// Each job once.
    private let jobs: [Job]

    /// - Parameter names: of the experiments, as in ``names``.
    /// - Throws: ``ReproductionError`` for an unknown name or a missing input, `EvaluationError` for a scene without some of its
    ///   frames.
    public init(_ names: [String], input: ReproductionInput) throws {
        for name in names where !Self.names.contains(name) {
            throw ReproductionError("there is no table \(name); there are \(Self.names.joined(separator: ", "))")
        }
        for scene in input.scenes { try scene.checkFrames() }
        try Self.checkDistinct(input.styles.map(\.name), "paintings")
        try Self.checkDistinct(input.panoramas.map(SphereRun.title), "panoramas")
        experiments = try Self.all.filter { names.contains($0.name) }.map { try $0.init(input) }
        self.input = input
        var seen: Set<String> = []
        jobs = experiments.flatMap(\.jobs).filter { seen.insert($0.name).inserted }
    }

    /// Results are kept by these names.
    private static func checkDistinct(_ names: [String], _ what: String) throws {
        var seen: Set<String> = []
        if let twice = names.first(where: { !seen.insert($0).inserted }) {
            throw ReproductionError("two \(what) are called \(twice); rename one of the files")
        }
    }

    /// Runs the jobs that have no result yet and writes the page, `README.md`.
    ///
    /// - Parameter onProgress: called before each job and at the end.
    /// - Returns: the page's text.
    /// - Throws: the first error of a job; finished jobs keep their results. `Cancelled` if the calling thread's
    ///   `Cancellation` is requested.
    public func run(in store: JobStore, command: String, onProgress: (Progress) -> Void = { _ in }) throws -> String {
        var results: [String: JobResult] = [:]
        var reasons: [String: String] = [:]
        for job in jobs {
            switch store.find(job) {
            case .nothing: break
            case .result(let result): results[job.name] = result
            case .unusable(let reason): reasons[job.name] = reason
            }
        }
        let missing = jobs.filter { results[$0.name] == nil }
        var (cost, seconds) = (0.0, 0.0)
        let clock = ContinuousClock()
        for (index, job) in missing.enumerated() {
            let left = missing[index...].reduce(0) { $0 + $1.cost }
            onProgress(
                Progress(
                    job: job.name, reason: reasons[job.name], done: jobs.count - missing.count + index,
                    total: jobs.count,
                    secondsLeft: cost > 0 ? left * seconds / cost : nil))
            try Cancellation.check()
            let began = clock.now
            let result = try job.run(store)
            seconds += Double((clock.now - began) / .seconds(1))
            cost += job.cost
            try store.keep(result, of: job)
            results[job.name] = result
        }
        onProgress(Progress(job: nil, reason: nil, done: jobs.count, total: jobs.count, secondsLeft: 0))
        let text = page(Results(results), command: command)
        try store.write(text, to: "README.md")
        return text
    }

    private func page(_ results: Results, command: String) -> String {
        var lines = [
            input.budget.isQuick ? "# The paper's tables, in short (`--quick`)" : "# The paper's tables", "",
            "Made by", "", "```sh", command, "```", "",
            "*Artistic style transfer for videos and spherical images* (Ruder, Dosovitskiy, Brox) and this program, side by side. "
                + "Loss network: \(input.lossNetworkName). Paintings: \(input.styles.map(\.name).joined(separator: ", ")). "
                + "Scenes: \(input.scenes.map { "`\($0.name)`" }.joined(separator: ", ")). Computed: \(input.budget.text).",
        ]
        if input.budget.isQuick {
            lines += [
                "", "Few frames, small pictures and few iterations: the orders mean something, the numbers little.",
            ]
        }
        for experiment in experiments { lines += ["", experiment.sectionText(results)] }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension Experiment {
    /// The section in Markdown.
    fileprivate func sectionText(_ results: Results) -> String {
        let section = section(results)
        var lines = ["## \(Self.title)", "", Self.text]
        for table in section.tables + section.paper { lines += ["", table.markdown] }
        if !section.claims.isEmpty {
            lines += ["", "Orders that the paper's numbers have:", ""]
            lines += section.claims.map { claim in
                let verdict = claim.holds.map { $0 ? "holds" : "**does not hold**" } ?? "not measured"
                let reason = claim.holds == false ? claim.reason.map { ". \($0)" } ?? "" : ""
                return "- \(claim.statement): \(verdict) (\(claim.evidence))\(reason)"
            }
        }
        if !section.notes.isEmpty { lines += [""] + section.notes.map { "- \($0)" } }
        for picture in section.pictures {
            lines += ["", "![\(picture.caption)](\(JobStore.pictureName(picture.name)))", "*\(picture.caption)*"]
        }
        return lines.joined(separator: "\n")
    }
}
