import Imaging
import NeuralNet
import Style

/// Measures the overhead of L-BFGS over its evaluations of the content and style losses.
enum OptimizerOverhead {
    static let usage =
        "[--iterations 60] [--history N,N,...] [--content PICTURE] \(OptimizationCase.usage) (its own work over the evaluations')"

    static func run(_ arguments: [String]) throws {
        let setting = try OptimizationCase(arguments, defaultSize: "450x350")
        let (width, height) = (setting.width, setting.height)
        let iterations = Int(setting.options["iterations"] ?? "60") ?? 60
        let histories = (setting.options["history"] ?? "20").split(separator: ",").compactMap { Int($0) }
        let style = try setting.style()
        let content =
            try setting.options["content"].map { try setting.frame($0) }
            ?? style.image.resized(width: width, height: height)
        let settings = OptimizationSettings()
        let loss = try PerceptualLoss(
            weights: setting.network,
            style: StyleTarget(
                weights: setting.network, layers: settings.styleLayers,
                images: [(style.image.resized(width: width, height: height), 1)], threads: setting.threads),
            contentLayers: settings.contentLayers, styleLayers: settings.styleLayers,
            contentWeight: settings.contentWeight, styleWeight: settings.styleWeight, width: width, height: height,
            threads: setting.threads)
        try loss.setContent(content)
        let noise = (0..<3 * width * height).map { Float(($0 &* 2_654_435_761) >> 7 & 1023) / 512 - 1 }
        for history in histories {
            let optimizer = LBFGS(historySize: history, threads: setting.threads)
            var point = noise
            var evaluations = 0
            var inside = Duration.zero
            var value = 0.0
            let clock = ContinuousClock()
            let start = clock.now
            for _ in 0..<iterations {
                let step = try optimizer.step(&point) { point, gradient in
                    let begin = clock.now
                    defer { inside += clock.now - begin }
                    let image = Image(width: width, height: height, samples: point)
                    var slope = Image(width: width, height: height, samples: gradient)
                    gradient = []
                    let value = try loss.evaluate(image, gradient: &slope)
                    swap(&gradient, &slope.samples)
                    return value.total
                }
                evaluations += step.evaluations
                value = step.loss
            }
            let outside = clock.now - start - inside
            let overhead = outside / .milliseconds(1) / Double(iterations)
            let each = inside / .milliseconds(1) / Double(evaluations)
            print(
                "\(width)x\(height), \(history) steps remembered: \(iterations) iterations, \(evaluations) evaluations of "
                    + "\(FlowAccuracy.rounded(each)) ms, own work \(FlowAccuracy.rounded(overhead)) ms per iteration, "
                    + "\(FlowAccuracy.rounded(100 * (outside / inside))) %, loss \(FlowAccuracy.rounded(value))")
            flush()
        }
    }
}
