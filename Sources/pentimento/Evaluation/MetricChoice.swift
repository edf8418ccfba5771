import ArgumentParser
import Evaluation
import MediaIO

typealias Metric = SequenceMeasurement.Metric

/// What is measured, and why the rest is not.
struct MetricChoice {
    /// The inputs that metrics need.
    struct Inputs {
        var hasMotion = false
        var hasFrames = false
        var hasPainting = false
        /// Why there is no loss network; nil: there is one.
        var noLossNetwork: String?
    }

    let metrics: Set<Metric>
    /// One line about what cannot be measured; nil: everything can.
    let note: String?

    /// - Parameter requested: nil: all that the inputs allow.
    /// - Throws: `MediaError` if something requested cannot be measured.
    init(_ requested: Set<Metric>?, inputs: Inputs) throws {
        var missing: [(metric: Metric, reason: String)] = []
        for metric in Metric.allCases {
            if requested?.contains(metric) == false { continue }
            if let reason = Self.lack(of: metric, inputs) { missing.append((metric, reason)) }
        }
        let named = missing.map { "\($0.metric.rawValue) (\($0.reason))" }.joined(separator: ", ")
        guard requested == nil || missing.isEmpty else { throw MediaError("cannot measure \(named)") }
        metrics = (requested ?? Set(Metric.allCases)).subtracting(missing.map(\.metric))
        note = missing.isEmpty ? nil : "not measured: \(named)"
    }

    private static func lack(of metric: Metric, _ inputs: Inputs) -> String? {
        switch metric {
        case .temporal, .warping: inputs.hasMotion ? nil : "needs --frames, --flow or --sintel"
        case .content: inputs.hasFrames ? inputs.noLossNetwork : "needs --frames"
        case .style: inputs.hasPainting ? inputs.noLossNetwork : "needs --style-image"
        case .ssim: inputs.hasFrames ? nil : "needs --frames"
        case .sharpness: nil
        }
    }

    /// Parses a list such as `temporal,ssim`.
    ///
    /// - Throws: `ValidationError` that names an unknown metric.
    static func parse(_ list: String) throws -> Set<Metric> {
        Set(
            try list.split(separator: ",", omittingEmptySubsequences: false).map { name in
                guard let metric = Metric(rawValue: String(name.filter { $0 != " " })) else {
                    throw ValidationError(
                        "--metrics has \"\(name)\"; it takes \(Metric.allCases.map(\.rawValue).joined(separator: ","))")
                }
                return metric
            })
    }
}
