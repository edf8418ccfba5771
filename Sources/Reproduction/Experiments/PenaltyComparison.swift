import Style

/// A.4: squared against absolute differences in the temporal loss.
struct PenaltyComparison: Experiment {
    static let name = "a4"
    static let title = "Appendix A.4: squared against absolute differences"
    static let text = """
        The measure of table 2 with both penalties of the temporal loss; absolute differences have twice the weight, as in the \
        paper. The paper shows pictures of it and no numbers.
        """

    private let input: ReproductionInput
    private let offline: OfflineRun
    private let variants = [("squared", OfflineVariant.shortTerm), ("absolute", OfflineVariant.absolute)]
    let jobs: [Job]

    init(_ input: ReproductionInput) throws {
        self.input = input
        let offline = OfflineRun(input: input, cache: FootageCache(budget: input.budget, threads: input.threads))
        self.offline = offline
        let variants = variants
        jobs = try input.scenes.indices.flatMap { scene in
            try input.styles.indices.flatMap { style in
                try variants.map { try offline.job($0.1, scene: scene, style: style) }
            }
        }
    }

    func section(_ results: Results) -> Section {
        let names = input.scenes.map(\.name)
        let cells = variants.map { name, variant in
            [name]
                + names.map { scene in
                    Table.number(
                        results.mean(
                            OfflineRun.Measure.temporalError,
                            of: input.styles.map { offline.jobName(variant, scene: scene, style: $0) }))
                }
        }
        let pictures = names.prefix(1).flatMap { scene in
            variants.compactMap { name, variant in
                input.styles.first
                    .flatMap { results[offline.jobName(variant, scene: scene, style: $0)]?.pictures.first }
                    .map { (name: $0, caption: "\(name) differences") }
            }
        }
        return Section(
            tables: [Table("Here", columns: ["penalty"] + names, rows: cells)], notes: results.notes(of: jobs),
            pictures: pictures)
    }
}
