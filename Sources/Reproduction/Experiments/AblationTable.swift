import Style

/// Table 4: initialisation, temporal loss and flow method of the optimisation.
struct AblationTable: Experiment {
    static let name = "table4"
    static let title = "Table 4: initialisation, temporal loss and flow"
    static let text = """
        The measure of table 2 for parts of the optimisation, with this project's flow (preset `quality`) and, where its files are \
        given, that of another method.
        """

    private let input: ReproductionInput
    private let offline: OfflineRun
    private let rows: [(start: String, penalty: String, flow: String, variant: OfflineVariant)]
    let jobs: [Job]

    init(_ input: ReproductionInput) throws {
        self.input = input
        let offline = OfflineRun(input: input, cache: FootageCache(budget: input.budget, threads: input.threads))
        self.offline = offline
        var rows: [(String, String, String, OfflineVariant)] = [
            ("prev", "no", "n/a", .previous), ("prev warped", "no", "ours", .warped),
            ("prev warped", "yes", "ours", .shortTerm),
        ]
        if let files = input.flowFiles {
            let source = FlowSource.files(backward: files.backward, forward: files.forward)
            rows.append(("prev warped", "no", files.name, OfflineVariant.warped.with(source)))
            rows.append(("prev warped", "yes", files.name, OfflineVariant.shortTerm.with(source)))
        }
        self.rows = rows
        jobs = try input.scenes.indices.flatMap { scene in
            try input.styles.indices.flatMap { style in
                try rows.map { try offline.job($0.3, scene: scene, style: style) }
            }
        }
    }

    func section(_ results: Results) -> Section {
        let names = input.scenes.map(\.name)
        func error(_ variant: OfflineVariant, _ scene: String) -> Double? {
            results.mean(
                OfflineRun.Measure.temporalError,
                of: input.styles.map { offline.jobName(variant, scene: scene, style: $0) })
        }
        let cells = rows.map { row in
            [row.start, row.penalty, row.flow] + names.map { Table.number(error(row.variant, $0)) }
        }
        let headings = ["initialization", "penalizer", "opt. flow"]
        let paper = Table(
            "Paper", columns: headings + PaperTables.scenes,
            rows: PaperTables.ablation.map { [$0.start, $0.penalty, $0.flow] + $0.errors })
        var notes = results.notes(of: jobs)
        if input.flowFiles == nil {
            notes.append("The rows of a second flow method need its files (`--flow-pattern`).")
        }
        return Section(
            tables: [Table("Here", columns: headings + names, rows: cells)], paper: [paper],
            claims: names.map { scene in
                Claim.falling(
                    "`\(scene)`: previous frame > warped > with temporal loss",
                    rows[0...2].map { error($0.variant, scene) })
            }, notes: notes)
    }
}
