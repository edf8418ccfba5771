import Evaluation

/// The measures of one or several stylized sequences, beside those of a baseline.
struct EvaluationReport {
    struct Scene {
        let name: String
        let measures: SequenceMeasures
        let baseline: SequenceMeasures?
    }

    let scenes: [Scene]
    /// One line each.
    let notes: [String]

    var measures: [Measure] { Set(scenes.flatMap(\.measures.measures)).sorted() }

    var hasBaseline: Bool { scenes.contains { $0.baseline != nil } }

    /// The mean over the scenes, each with the same weight; nil if none has the measure.
    func mean(_ measure: Measure) -> Double? { average(scenes.map { $0.measures.mean(measure) }) }

    /// The mean of the baseline over the scenes.
    func baselineMean(_ measure: Measure) -> Double? { average(scenes.map { $0.baseline?.mean(measure) }) }

    /// The mean over the scenes of the share of the baseline, as in the paper's table 5.
    func share(_ measure: Measure) -> Double? {
        average(scenes.map { scene in scene.baseline.flatMap { scene.measures.share(measure, of: $0) } })
    }

    private func average(_ values: [Double?]) -> Double? {
        let known = values.compactMap { $0 }
        return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
    }

    // MARK: Tables

    /// The temporal errors by scene, then all measures.
    var text: String { ([temporalTable, table(rows)].compactMap { $0 }).joined(separator: "\n\n") }

    /// A table with a row for each measure.
    var markdown: String {
        let rows = rows
        let head = rows.prefix(1) + [["---"] + rows[0].dropFirst().map { _ in "---:" }]
        return (head + rows.dropFirst()).map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
            + "\n"
    }

    private var temporalTable: String? {
        let rows = scenes.compactMap { scene -> [String]? in
            guard let report = scene.measures.temporalReport() else { return nil }
            return [
                scene.name, decimal(report.mean.overConsistentPixels, 6), decimal(report.mean.overAllPixels, 6),
                decimal(report.mean.consistentPart * 100, 1) + " %", "\(report.pairs.count)",
            ]
        }
        guard !rows.isEmpty else { return nil }
        return table([["temporal error", "consistent pixels", "all values", "consistent", "pairs"]] + rows)
    }

    private var rows: [[String]] {
        let head = ["measure", "mean"] + (hasBaseline ? ["baseline", "share"] : []) + ["frames"]
        return [head]
            + measures.map { measure in
                func cell(_ value: Double?) -> String { value.map { Self.number($0, of: measure) } ?? "-" }
                let share = share(measure).map { decimal($0 * 100, 1) + " %" } ?? "-"
                return [measure.title, cell(mean(measure))]
                    + (hasBaseline ? [cell(baselineMean(measure)), share] : [])
                    + ["\(scenes.reduce(0) { $0 + $1.measures.count(measure) })"]
            }
    }

    private static func number(_ value: Double, of measure: Measure) -> String {
        if case .consistent = measure { return decimal(value * 100, 1) + " %" }
        return decimal(value, abs(value) >= 1000 ? 0 : abs(value) >= 1 ? 3 : 6)
    }
}
