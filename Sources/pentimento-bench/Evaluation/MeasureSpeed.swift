import Evaluation
import Flow
import Imaging
import MediaIO
import NeuralNet
import Style
import Support

/// Times the measures of `pentimento evaluate`, each alone, in milliseconds per frame.
enum MeasureSpeed {
    static let usage = "STYLIZED FRAMES PAINTING [--network vgg16] [--count 8] [--runs 5]"

    /// What `Benchmarks/measures.py` does too, on the first pictures of the two folders.
    static func run(_ arguments: [String]) throws {
        var options: [String: String] = [:]
        var paths: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument.hasPrefix("--"), let value = rest.popFirst() {
                options[String(argument.dropFirst(2))] = value
            } else {
                paths.append(argument)
            }
        }
        guard paths.count == 3 else { throw BenchmarkError("usage: measures \(usage)") }
        let (count, runs) = (Int(options["count"] ?? "") ?? 8, Int(options["runs"] ?? "") ?? 5)
        func files(_ folder: String) -> [String] {
            Files.names(in: folder).filter { $0.hasSuffix(".png") }.prefix(count).map { "\(folder)/\($0)" }
        }
        let (painted, originals) = (files(paths[0]), files(paths[1]))
        guard painted.count == originals.count, painted.count > 1 else {
            throw BenchmarkError("\(paths[0]) and \(paths[1]): need as many pictures (.png), two or more")
        }
        func time(_ name: String, _ body: () throws -> Void) throws {
            let times = try (0..<max(runs, 1)).map { _ in
                let duration = try ContinuousClock().measure(body)
                return Double(duration.components.attoseconds) / 1e15 + Double(duration.components.seconds) * 1e3
            }.sorted()
            print("\(name) \(times[times.count / 2] / Double(painted.count))")
        }
        var (frames, stylized): ([Image], [Image]) = ([], [])
        try time("decoding") {
            stylized = try painted.map { try Image(contentsOf: $0) }
            frames = try originals.map { try Image(contentsOf: $0) }
        }
        let size = frames[0]
        var flow = FlowField(width: size.width, height: size.height)
        for i in flow.u.indices { (flow.u[i], flow.v[i]) = (1.3 + Float(i % 7) * 0.01, -0.6) }
        var reverse = flow
        for i in flow.u.indices { (reverse.u[i], reverse.v[i]) = (-flow.u[i], -flow.v[i]) }
        try time("temporal+warping") {
            var measurement = SequenceMeasurement(metrics: [.temporal, .warping])
            measurement.estimatesMotion = false
            _ = try measurement.measures(
                stylized: { stylized.indices.contains($0) ? stylized[$0] : nil },
                motion: { _, _ in .known(PairMotion(flow: flow, reverse: reverse)) })
        }
        try time("ssim") {
            for (one, other) in zip(stylized, frames) { _ = structuralSimilarity(of: one.luma(), to: other.luma()) }
        }
        try time("sharpness") { for image in stylized { _ = sharpness(of: image) } }
        let network = try ModelLibrary.standard.lossNetworkPath(of: options["network"] ?? "vgg16")
        let losses = PerceptualMeasure(
            weights: try LossNetworkFile(contentsOf: network).weights, painting: try Image(contentsOf: paths[2]))
        _ = try losses.losses(of: stylized[0], original: frames[0])
        try time("content+style") {
            for (one, other) in zip(stylized, frames) { _ = try losses.losses(of: one, original: other) }
        }
    }
}
