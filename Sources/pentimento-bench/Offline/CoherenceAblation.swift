import Evaluation
import Imaging
import MediaIO
import Style

/// The paper's tables 2 and 4 on frames with ground-truth flow: the temporal error with each component of the method.
///
/// All variants share the result of the first frame and have the same fixed number of iterations for the other frames.
/// The optimisation uses estimated flow and certainty; the error is measured with ground-truth flow.
enum CoherenceAblation {
    static let usage =
        "[--iterations 250,125] [--ways random,previous,warped,penalty] [--write FOLDER] \(OptimizationCase.usage) SCENE ..."

    private enum Way: String, CaseIterable {
        case random, previous, warped, penalty

        var name: String {
            switch self {
            case .random: "random start"
            case .previous: "previous result"
            case .warped: "previous result, warped"
            case .penalty: "the same, with temporal loss"
            }
        }

        func apply(to settings: inout OptimizationSettings) {
            settings.nextStart = self == .random ? .random : self == .previous ? .previous : .previousWarped
            if self != .penalty { settings.temporalWeight = 0 }
        }
    }

    static func run(_ arguments: [String]) throws {
        let setting = try OptimizationCase(arguments, defaultSize: "512x218")
        let budgets = (setting.options["iterations"] ?? "250,125").split(separator: ",").compactMap { Int($0) }
        guard budgets.count == 2, !setting.paths.isEmpty else { throw BenchmarkError("usage: coherence \(usage)") }
        let wanted = setting.options["ways"]?.split(separator: ",").map(String.init)
        let ways = Way.allCases.filter { wanted?.contains($0.rawValue) ?? true }
        let style = try setting.style()
        for path in setting.paths {
            let scene = try TrueMotionScene(
                path, size: (setting.width, setting.height), threads: setting.threads)
            var first: Image?
            var worst: Double?
            for way in ways {
                var settings = OptimizationSettings()
                settings.firstIterations = budgets[0]
                settings.nextIterations = budgets[1]
                settings.tolerance = 0
                settings.threads = setting.threads
                settings.styleCrop = 0
                way.apply(to: &settings)
                let optimizer = try ClipOptimizer(settings: settings, network: setting.network, styles: [style])
                var results: [Image] = []
                var energy = ""
                for (index, frame) in scene.frames.enumerated() {
                    if index == 0, let first {
                        optimizer.adopt(first, for: frame)
                        results.append(first)
                    } else {
                        results.append(try optimizer.next(frame, references: scene.references[index]))
                        if let terms = optimizer.lastFrame?.terms {
                            energy =
                                "content \(FlowAccuracy.rounded(terms.content)) style \(FlowAccuracy.rounded(terms.style))"
                        }
                    }
                }
                first = results[0]
                let report = try TemporalReport(
                    count: results.count, direction: .forward, stylized: { results[$0].pictureSpace() },
                    motion: { scene.motions[$0] })
                let error = report.mean.overConsistentPixels
                let most = worst ?? error
                worst = most
                print(
                    "\(scene.name) | \(way.name) | \(scientific(error)) | \(FlowAccuracy.rounded(most / error)) | "
                        + "\(scientific(report.mean.overAllPixels)) | \(energy)")
                flush()
                guard let folder = setting.options["write"] else { continue }
                for (index, result) in results.enumerated() {
                    try result.pictureSpace().write(
                        to: "\(folder)/\(scene.name)_\(way.rawValue)_\(index + 1).png", replacing: true)
                }
            }
        }
    }

    /// In units of 1e-3.
    private static func scientific(_ value: Double) -> String { FlowAccuracy.rounded(value * 1000) + "e-3" }
}
