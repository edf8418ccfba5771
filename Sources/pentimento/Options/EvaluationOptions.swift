import ArgumentParser
import Evaluation
import Imaging
import MediaIO
import NeuralNet
import Style

/// What `evaluate` measures.
struct EvaluationOptions: ParsableArguments {
    @Option(help: "The painting, for the style loss.")
    var styleImage: String?

    @Option(help: "Loss network of the content and style losses, a name or a path.")
    var lossNetwork = "vgg16"

    @Option(
        help: """
            What is measured, separated by commas: \(Metric.allCases.map(\.rawValue).joined(separator: ",")). \
            Default: all that the inputs allow.
            """)
    var metrics: String?

    @Option(
        help: """
            Measure temporal and warping error also against the frame this many frames before, and against the first frame. \
            The flow between them is estimated.
            """)
    var interval = 1

    func validate() throws {
        guard 1...10_000 ~= interval else { throw ValidationError("--interval is 1 or more, not \(interval)") }
        if let metrics { _ = try MetricChoice.parse(metrics) }
    }

    /// Nil: all that the inputs allow.
    var requested: Set<Metric>? { metrics.flatMap { try? MetricChoice.parse($0) } }

    /// Whether none of the options was given.
    var isDefault: Bool { styleImage == nil && metrics == nil && interval == 1 }

    /// Why there is no loss network; nil: there is one.
    var noLossNetwork: String? {
        do {
            _ = try ModelLibrary.standard.lossNetworkPath(of: lossNetwork)
            return nil
        } catch { return oneLine(error) }
    }

    /// - Throws: if the painting or the loss network cannot be read.
    func measurement(of metrics: Set<Metric>) throws -> SequenceMeasurement {
        var measurement = SequenceMeasurement(metrics: metrics)
        if interval > 1 { measurement.earlier = [.before(1), .before(interval), .first] }
        if metrics.contains(.content) || metrics.contains(.style) {
            let painting = metrics.contains(.style) ? try styleImage.map { try Image(contentsOf: $0) } : nil
            measurement.perceptual = PerceptualMeasure(
                weights: try LossNetworkFile(contentsOf: ModelLibrary.standard.lossNetworkPath(of: lossNetwork))
                    .weights,
                painting: painting, measuresContent: metrics.contains(.content))
        }
        return measurement
    }
}
