import Style

/// Table 6: seams of stylized still spheres.
struct SphereTable: Experiment {
    static let name = "table6"
    static let title = "Table 6: spherical images"
    static let text = """
        E_gradient (equation 23): gradients at the cut edges, and at the inner edges of the borders that a face gets from its \
        neighbours, relative to those of the whole sphere; 1 means no visible seam. It is measured on the faces before they are \
        joined. Content and style loss are relative to those of independent faces. Means over the panoramas.
        """

    private struct Row {
        let label: String
        let variant: SphereVariant
        let isOurs: Bool
    }

    private let run: SphereRun
    private let rows: [Row]
    let jobs: [Job]

    init(_ input: ReproductionInput) throws {
        let run = try SphereRun(input, for: Self.name)
        self.run = run
        let hasTuned = run.tunedModel != nil
        rows =
            [
                Row(label: "Per-frame (independent faces)", variant: .independent, isOurs: false),
                Row(label: "Video net", variant: .prior(softness: 0, isTuned: false), isOurs: false),
            ]
            + (hasTuned
                ? [Row(label: "Video net, ft", variant: .prior(softness: 0, isTuned: true), isOurs: false)] : [])
            + [Row(label: "Video net, soft borders", variant: .prior(softness: 0.5, isTuned: false), isOurs: true)]
            + (hasTuned
                ? [
                    Row(
                        label: "Video net, ft, soft borders", variant: .prior(softness: 0.5, isTuned: true),
                        isOurs: true)
                ]
                : [])
            + [Row(label: "Shared statistics, blended borders", variant: .blended(isTuned: false), isOurs: true)]
        let rows = rows
        jobs = try input.panoramas.flatMap { panorama in
            try rows.compactMap { try run.job($0.variant, panorama: panorama, frames: 1) }
        }
    }

    func section(_ results: Results) -> Section {
        func mean(_ row: Row, _ measure: String) -> Double? {
            results.mean(measure, of: run.input.panoramas.map { run.jobName(row.variant, panorama: $0, frames: 1) })
        }
        func errors(_ row: Row) -> [Double?] {
            let cut = mean(row, SphereRun.Measure.cutEdges(1))
            let inner = mean(row, SphereRun.Measure.innerEdges(1))
            return [cut, inner, cut.flatMap { cut in inner.map { (cut + $0) / 2 } }]
        }
        let base = [SphereRun.Measure.content, SphereRun.Measure.style].map { mean(rows[0], $0) }
        let cells = rows.map { row in
            let losses = zip([SphereRun.Measure.content, SphereRun.Measure.style], base).map { measure, base in
                mean(row, measure).flatMap { value in base.map { value / $0 } }
            }
            return [row.label + (row.isOurs ? " (not in the paper)" : "")]
                + errors(row).map { $0.map { Table.decimal($0, 2) } ?? "-" } + losses.map(Table.percent)
        }
        var claims = [
            Claim.falling(
                "cut edges: independent faces > borders as prior", [errors(rows[0])[0], errors(rows[1])[0]]),
            Claim.falling(
                "inner edges: borders as prior > independent faces", [errors(rows[1])[1], errors(rows[0])[1]]),
        ]
        if let tuned = rows.first(where: { $0.label == "Video net, ft" }) {
            claims.append(
                Claim.falling("mean of both: video net > fine-tuned", [errors(rows[1])[2], errors(tuned)[2]]))
        }
        let notes =
            run.tunedModel == nil
            ? ["There is no model fine-tuned for borders, `\(run.style.model ?? "")-sphere`."] : []
        return Section(
            tables: [
                Table(
                    "Here", columns: ["faces", "cut edges", "inner edges", "mean", "content", "style"], rows: cells)
            ],
            claims: claims,
            notes: notes + [
                "The paper's table 6 has the same rows; the text about it names the orders below its numbers."
            ],
            pictures: run.input.panoramas.prefix(1).flatMap { panorama in
                [rows.first, rows.last].compactMap { $0 }.compactMap { row in
                    results[run.jobName(row.variant, panorama: panorama, frames: 1)]?.pictures.first
                        .map { (name: $0, caption: row.label) }
                }
            })
    }
}

/// Table 7: seams over time.
struct SphereVideoTable: Experiment {
    static let name = "table7"
    static let title = "Table 7: spherical videos"
    static let text = """
        E_gradient, the mean of cut and inner edges, at frames of a stylized spherical video: a camera that turns and moves in \
        each panorama, with exact flow.
        """

    private static let frames = [1, 2, 10]
    private let run: SphereRun
    private let rows: [(label: String, variant: SphereVariant)]
    let jobs: [Job]

    init(_ input: ReproductionInput) throws {
        let run = try SphereRun(input, for: Self.name)
        self.run = run
        let isTuned = run.tunedModel != nil
        rows = [
            (isTuned ? "Video net, ft" : "Video net", .prior(softness: 0, isTuned: isTuned)),
            ("Independent faces (not in the paper)", .independent),
            ("Shared statistics, blended borders (not in the paper)", .blended(isTuned: false)),
        ]
        let rows = rows
        jobs = try input.panoramas.flatMap { panorama in
            try rows.compactMap { try run.job($0.variant, panorama: panorama, frames: Self.frames.max() ?? 1) }
        }
    }

    func section(_ results: Results) -> Section {
        func error(_ variant: SphereVariant, _ frame: Int) -> Double? {
            let names = run.input.panoramas.map {
                run.jobName(variant, panorama: $0, frames: Self.frames.max() ?? 1)
            }
            guard let cut = results.mean(SphereRun.Measure.cutEdges(frame), of: names),
                let inner = results.mean(SphereRun.Measure.innerEdges(frame), of: names)
            else { return nil }
            return (cut + inner) / 2
        }
        let headings = ["faces"] + Self.frames.map { "Frame #\($0)" }
        return Section(
            tables: [
                Table(
                    "Here", columns: headings,
                    rows: rows.map { row in
                        [row.label] + Self.frames.map { error(row.variant, $0).map { Table.decimal($0, 2) } ?? "-" }
                    })
            ],
            paper: [Table("Paper", columns: headings, rows: [["Video net, ft", "1.21", "1.12", "0.98"]])],
            claims: [
                Claim.falling(
                    "the seams become fainter from frame to frame", Self.frames.map { error(rows[0].variant, $0) },
                    reason:
                        "With soft borders they do (`pentimento-bench sphere-seams`, Measurements/Sphere.md); the borders "
                        + "here have a hard edge as in the paper")
            ])
    }
}

/// Section 8.3: what missing regions of the prior are filled with.
struct NoiseFill: Experiment {
    static let name = "noise-fill"
    static let title = "Section 8.3: filling missing regions"
    static let text = """
        E_gradient of still spheres, the mean of cut and inner edges, where the prior's missing regions are filled with the mean \
        pixel or with noise. Borders are the prior, with a hard edge.
        """

    private let run: SphereRun
    private let isTuned: Bool
    let jobs: [Job]

    init(_ input: ReproductionInput) throws {
        let run = try SphereRun(input, for: Self.name)
        self.run = run
        let isTuned = run.tunedModel != nil
        self.isTuned = isTuned
        jobs = try input.panoramas.flatMap { panorama in
            try PriorFill.allCases.compactMap {
                try run.job(.prior(softness: 0, fill: $0, isTuned: isTuned), panorama: panorama, frames: 1)
            }
        }
    }

    func section(_ results: Results) -> Section {
        func error(_ fill: PriorFill) -> Double? {
            let names = run.input.panoramas.map {
                run.jobName(.prior(softness: 0, fill: fill, isTuned: isTuned), panorama: $0, frames: 1)
            }
            guard let cut = results.mean(SphereRun.Measure.cutEdges(1), of: names),
                let inner = results.mean(SphereRun.Measure.innerEdges(1), of: names)
            else { return nil }
            return (cut + inner) / 2
        }
        let headings = ["", "mean pixel", "noise"]
        let values = [error(.mean), error(.noise)]
        return Section(
            tables: [
                Table(
                    "Here", columns: headings,
                    rows: [["E_gradient"] + values.map { $0.map { Table.decimal($0, 2) } ?? "-" }])
            ],
            paper: [Table("Paper", columns: headings, rows: [["E_gradient", "1.21", "1.18"]])],
            claims: [Claim.falling("mean pixel > noise", values)])
    }
}
