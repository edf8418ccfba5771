import Style

/// Table 2: short-term consistency of optimisation and networks.
struct ShortTermTable: Experiment {
    static let name = "table2"
    static let title = "Table 2: short-term consistency"
    static let text = """
        Mean squared difference between a painted frame and the next one, warped by the true flow, over visible pixels with \
        values of 0 to 1: smaller is steadier. Means over the styles. The rows below the fifth are not in the paper: balanced and live \
        are the qualities of `coherentstylize`, at whose sizes network and flow work.
        """

    private struct Row {
        let type: String
        let method: String
        /// Names of the jobs of a scene, one for each style.
        let jobs: (_ scene: String) -> [String]
    }

    private let input: ReproductionInput
    private let rows: [Row]
    let jobs: [Job]

    init(_ input: ReproductionInput) throws {
        self.input = input
        let cache = FootageCache(budget: input.budget, threads: input.threads)
        let (offline, network) = (OfflineRun(input: input, cache: cache), NetworkRun(input: input, cache: cache))
        var jobs: [Job] = []
        let withModel = input.styles.indices.filter { input.styles[$0].model != nil }
        let optimizations = [
            ("Random init", OfflineVariant.random), ("Prev frame init", .previous), ("Ours", .shortTerm),
        ]
        let networks = [("Per-frame", NetworkVariant.perFrame), ("Ours", .coherent)]
        // Without reverse flow it cannot be checked.
        let files = [input.flowFiles].compactMap(\.self).filter { $0.forward != nil }
        let further =
            [("Ours, balanced", NetworkVariant.balanced), ("Ours, live", .live), ("Ours, gate bias +2", .steady)]
            + files.map { ("Ours, flow by \($0.name)", NetworkVariant.withFlow(of: $0)) }
        for scene in input.scenes.indices {
            for style in input.styles.indices {
                jobs += try optimizations.map { try offline.job($1, scene: scene, style: style) }
                jobs += try (networks + further).compactMap { try network.job($1, scene: scene, style: style) }
                if input.styles[style].model != nil {
                    jobs.append(try offline.job(.hybrid, scene: scene, style: style))
                }
            }
        }
        self.jobs = jobs
        func row(_ type: String, _ method: String, _ name: @escaping (String, TableStyle) -> String, of styles: [Int])
            -> Row
        {
            Row(type: type, method: method) { scene in styles.map { name(scene, input.styles[$0]) } }
        }
        func offlineRow(_ entry: (String, OfflineVariant), _ styles: [Int]) -> Row {
            row("Optimization", entry.0, { offline.jobName(entry.1, scene: $0, style: $1) }, of: styles)
        }
        func networkRow(_ entry: (String, NetworkVariant)) -> Row {
            row("Network", entry.0, { network.jobName(entry.1, scene: $0, style: $1) }, of: withModel)
        }
        rows =
            optimizations.map { offlineRow($0, Array(input.styles.indices)) } + networks.map(networkRow)
            + [offlineRow(("Ours, starting from the network", .hybrid), withModel)] + further.map(networkRow)
    }

    func section(_ results: Results) -> Section {
        let names = input.scenes.map(\.name)
        func error(_ row: Row, _ scene: String) -> Double? {
            results.mean(OfflineRun.Measure.temporalError, of: row.jobs(scene))
        }
        let cells = rows.map { row in
            let seconds = names.compactMap { results.mean(OfflineRun.Measure.seconds, of: row.jobs($0)) }
            let mean = seconds.isEmpty ? nil : seconds.reduce(0, +) / Double(seconds.count)
            return [row.type, row.method] + names.map { Table.number(error(row, $0)) }
                + [Table.number(mean) + (mean == nil ? "" : " s")]
        }
        let claims = names.flatMap { scene in
            [
                Claim.falling("`\(scene)`: random init > previous frame > ours", rows[0...2].map { error($0, scene) }),
                Claim.falling("`\(scene)`: network per frame > ours", rows[3...4].map { error($0, scene) }),
            ]
        }
        let paper = Table(
            "Paper", columns: ["Type", "Method"] + PaperTables.scenes + ["Runtime"],
            rows: PaperTables.shortTerm.map { [$0.type, $0.method] + $0.errors + [$0.runtime] })
        let shown = names.prefix(1).flatMap { scene in
            rows[0...4].flatMap { row in
                row.jobs(scene).prefix(1).compactMap { results[$0]?.pictures.first }
                    .map { (name: $0, caption: "\(row.type), \(row.method)") }
            }
        }
        return Section(
            tables: [Table("Here", columns: ["Type", "Method"] + names + ["Runtime"], rows: cells)],
            paper: [paper], claims: claims, notes: results.notes(of: jobs), pictures: shown)
    }
}

extension Results {
    /// The notes of jobs, each once.
    func notes(of jobs: [Job]) -> [String] {
        var notes: [String] = []
        for note in jobs.flatMap({ self[$0.name]?.notes ?? [] }) where !notes.contains(note) { notes.append(note) }
        return notes
    }
}
