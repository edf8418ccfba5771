import Imaging
import Support
import Training

/// Plots the losses of a training run, on the samples and on held-out data.
struct LossPlot {
    private let settings: TrainingSettings
    private let history: [TrainingRecord]
    private let validations: [ValidationReport]

    /// Maximum points per curve; more steps are averaged.
    private static let mostPoints = 240

    init(_ trainer: Trainer) {
        settings = trainer.settings
        history = trainer.history
        validations = trainer.validations
    }

    /// Writes an SVG file atomically.
    func write(to path: String) throws {
        try Files.write(Array(plot.svg().utf8), to: path)
    }

    private var plot: LinePlot {
        LinePlot(
            title: "\(history.count) steps", axis: "steps",
            panels: [
                LinePlot.Panel(
                    title: "weighted losses on training samples",
                    series: [
                        training("content", settings.contentWeight) { $0.losses.content },
                        training("style", settings.styleWeight) { $0.losses.style },
                        training("pixel loss", settings.pixelWeight) { $0.frames > 0 ? $0.losses.pixel : nil },
                    ], isLogarithmic: true),
                LinePlot.Panel(
                    title: "weighted losses on held-out photographs",
                    series: [
                        validation("content") { $0.photographs.map { $0.content * settings.contentWeight } },
                        validation("style") { $0.photographs.map { $0.style * settings.styleWeight } },
                    ], isLogarithmic: true),
                recursion("temporal error, relative to independent frames") { $0.temporalRatio },
                recursion("style loss, relative to independent frames") { $0.styleRatio },
                recursion("content loss, relative to independent frames") { $0.contentRatio },
            ])
    }

    /// A training run curve; each point is the mean of several steps.
    private func training(_ name: String, _ weight: Double, _ value: (TrainingRecord) -> Float?) -> LinePlot.Series {
        let stepsPerPoint = max(1, (history.count + Self.mostPoints - 1) / Self.mostPoints)
        let points = stride(from: 0, to: history.count, by: stepsPerPoint).compactMap { first -> LinePlot.Point? in
            let last = min(first + stepsPerPoint, history.count)
            let values = history[first..<last].compactMap(value)
            guard !values.isEmpty else { return nil }
            let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
            return LinePlot.Point(x: Double(first + last + 1) / 2, y: mean * weight)
        }
        return LinePlot.Series(name: name, points: points)
    }

    private func validation(_ name: String, _ value: (ValidationReport) -> Double?) -> LinePlot.Series {
        let points = validations.compactMap { report in
            value(report).map { LinePlot.Point(x: Double(report.step), y: $0) }
        }
        return LinePlot.Series(name: name, points: points, isMarked: true)
    }

    /// A panel with a curve for each number of recurrent frames.
    private func recursion(_ title: String, _ value: @escaping (ValidationReport.Recursion) -> Double) -> LinePlot.Panel
    {
        let depths = Set(validations.flatMap { $0.recursion.map(\.frames) }).sorted()
        let series = depths.map { depth in
            validation(depth == 1 ? "after 1 frame" : "after \(depth) frames") { report in
                report.recursion.first { $0.frames == depth }.map(value)
            }
        }
        return LinePlot.Panel(title: title, series: series, reference: 1)
    }
}
