import Evaluation

/// The report as JSON, CSV and SVG.
extension EvaluationReport {
    private struct JSONReport: Encodable {
        let scenes: [JSONScene]
        let measures: [String: Double]
        let baseline: [String: Double]?
        let shares: [String: Double]?
        let notes: [String]
    }

    private struct JSONScene: Encodable {
        let name: String
        /// The temporal errors of neighbouring frames.
        let report: TemporalReport?
        let measures: [String: Double]
        let baseline: [String: Double]?
        let shares: [String: Double]?
        let frames: [JSONFrame]
        /// Pairs without a known motion, by the name of their measure.
        let skippedPairs: [String: Int]
    }

    private struct JSONFrame: Encodable {
        /// Counted from 0.
        let frame: Int
        let values: [String: Double]
        let baseline: [String: Double]?
    }

    /// Indented JSON.
    func json() throws -> String {
        try jsonText(
            JSONReport(
                scenes: scenes.map(Self.json), measures: named(mean),
                baseline: hasBaseline ? named(baselineMean) : nil, shares: hasBaseline ? named(share) : nil,
                notes: notes))
    }

    private static func json(_ scene: Scene) -> JSONScene {
        let base = scene.baseline
        func named(_ value: (Measure) -> Double?) -> [String: Double] {
            Dictionary(
                uniqueKeysWithValues: scene.measures.measures.compactMap { measure in
                    value(measure).map { (measure.name, $0) }
                })
        }
        return JSONScene(
            name: scene.name, report: scene.measures.temporalReport(), measures: named { scene.measures.mean($0) },
            baseline: base.map { base in named { base.mean($0) } },
            shares: base.map { base in named { scene.measures.share($0, of: base) } },
            frames: scene.measures.frames.enumerated().map { index, frame in
                JSONFrame(
                    frame: frame.index, values: names(frame.values),
                    baseline: base.map { names($0.frames[index].values) })
            },
            skippedPairs: Dictionary(
                uniqueKeysWithValues: scene.measures.skipped.map { (Measure.warping($0.key).name, $0.value) }))
    }

    private static func names(_ values: [Measure: Double]) -> [String: Double] {
        Dictionary(uniqueKeysWithValues: values.map { ($0.key.name, $0.value) })
    }

    private func named(_ value: (Measure) -> Double?) -> [String: Double] {
        Dictionary(uniqueKeysWithValues: measures.compactMap { measure in value(measure).map { (measure.name, $0) } })
    }

    /// A row for each frame, counted from 1; a cell is empty where there is no value.
    var csv: String {
        let measures = measures
        let head =
            ["scene", "frame"] + measures.map(\.name) + (hasBaseline ? measures.map { "baseline_\($0.name)" } : [])
        let rows = scenes.flatMap { scene in
            scene.measures.frames.enumerated().map { index, frame in
                let base = scene.baseline?.frames[index]
                func cells(_ frame: SequenceMeasures.Frame?) -> [String] {
                    measures.map { measure in frame?.values[measure].map { "\($0)" } ?? "" }
                }
                return [Self.quoted(scene.name), "\(frame.index + 1)"] + cells(frame) + (hasBaseline ? cells(base) : [])
            }
        }
        return ([head] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
    }

    private static func quoted(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"" + text.reduce(into: "") { $0 += $1 == "\"" ? "\"\"" : "\($1)" } + "\""
    }

    /// The values over time, a panel for each measure.
    var plot: String {
        let panels = measures.filter { measure in
            switch measure {
            case .temporalOverAll, .consistent, .warpingRoot: false
            default: true
            }
        }.map { measure in
            LinePlot.Panel(
                title: measure.title,
                series: scenes.flatMap { scene -> [LinePlot.Series] in
                    let name = scenes.count == 1 ? "stylized" : fileName(of: scene.name)
                    let base = scenes.count == 1 ? "baseline" : "\(name), baseline"
                    return [series(name, scene.measures, measure)]
                        + (scene.baseline.map { [series(base, $0, measure)] } ?? [])
                })
        }
        return LinePlot(
            title: scenes.map { fileName(of: $0.name) }.joined(separator: ", "), axis: "frame", panels: panels
        )
        .svg()
    }

    private func series(_ name: String, _ measures: SequenceMeasures, _ measure: Measure) -> LinePlot.Series {
        LinePlot.Series(
            name: name,
            points: measures.frames.compactMap { frame in
                frame.values[measure].map { LinePlot.Point(x: Double(frame.index + 1), y: $0) }
            }, isMarked: measures.frames.count <= 60)
    }
}
