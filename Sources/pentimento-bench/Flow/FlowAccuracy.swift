import Flow
import Imaging

/// End-point errors of the presets on pairs with ground-truth flow.
enum FlowAccuracy {
    static let usage = "NAME ... (reads NAME_a.pgm, NAME_b.pgm and NAME.flo)"

    static func run(_ arguments: [String]) throws {
        let overrides = arguments.filter { $0.contains("=") }
        let names = arguments.filter { !$0.contains("=") }
        var presets = FlowPreset.allCases
        for entry in overrides where entry.hasPrefix("preset=") {
            presets = entry.dropFirst(7).split(separator: ",").compactMap { FlowPreset(rawValue: String($0)) }
        }
        for name in names {
            let from = try Plane<UInt8>(contentsOfPGM: "\(name)_a.pgm")
            let to = try Plane<UInt8>(contentsOfPGM: "\(name)_b.pgm")
            let truth = try FlowField(contentsOf: "\(name).flo")
            var line = name.split(separator: "/").last.map(String.init) ?? name
            line += String(repeating: " ", count: max(1, 13 - line.count))
            for preset in presets {
                var parameters = FlowParameters(preset)
                for entry in overrides { apply(entry, to: &parameters) }
                let estimator = FlowEstimator(preset: preset, parameters: parameters, threads: 2)
                let (first, second) = (estimator.prepare(from), estimator.prepare(to))
                // The ground truth goes from the first frame to the second, which is the forward flow here.
                var before: FlowPair?
                if let frame = try? Plane<UInt8>(contentsOfPGM: "\(name)_p.pgm") {
                    before = estimator.estimate(from: first, to: estimator.prepare(frame))
                }
                let pair = estimator.estimate(from: second, to: first, startingFrom: before)
                line += " " + rounded(error(pair.forward, truth))
            }
            print(line)
        }
    }

    static func rounded(_ value: Double) -> String {
        let thousandths = Int((value * 1000).rounded())
        let fraction = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }

    /// Mean end-point error over the pixels with ground truth.
    static func error(_ flow: FlowField, _ truth: FlowField) -> Double {
        var sum = 0.0
        var count = 0
        for index in flow.u.indices where abs(truth.u[index]) < 1e9 && abs(truth.v[index]) < 1e9 {
            let du = Double(flow.u[index] - truth.u[index])
            let dv = Double(flow.v[index] - truth.v[index])
            sum += (du * du + dv * dv).squareRoot()
            count += 1
        }
        return count > 0 ? sum / Double(count) : 0
    }

    private static func apply(_ entry: String, to parameters: inout FlowParameters) {
        let parts = entry.split(separator: "=")
        guard parts.count == 2, let value = Float(parts[1]) else { return }
        switch parts[0] {
        case "finest": parameters.finestScale = Int(value)
        case "step": parameters.patchStep = Int(value)
        case "search": parameters.searchIterations = Int(value)
        case "refine": parameters.refinementIterations = Int(value)
        case "warps": parameters.refinementWarps = Int(value)
        case "sweeps": parameters.relaxationSweeps = Int(value)
        case "alpha": parameters.smoothness = value
        case "delta": parameters.brightness = value
        case "gamma": parameters.gradient = value
        case "omega": parameters.overRelaxation = value
        default: break
        }
    }
}
