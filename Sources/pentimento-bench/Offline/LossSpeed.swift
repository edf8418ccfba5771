import Glibc
import Imaging
import NeuralNet
import Style
import Training

/// Times an evaluation of the content and style losses of images with their gradient, or measures the memory of a
/// minimisation.
enum LossSpeed {
    static let usage =
        "[--network vgg16] [--size 450x350] [--count 1] [--layers offline|training] [--threads N] [--runs N] [--serve | --memory]"

    /// Images from a formula, so that other programs can generate them: noise that activates all layers.
    private static func image(width: Int, height: Int, factor: Int) -> Image {
        Image(
            width: width, height: height,
            samples: (0..<3 * width * height).map { Float(($0 * factor % 65521) % 255) - 116 })
    }

    private static func parsed(_ arguments: [String]) throws -> (options: [String: String], flags: Set<String>) {
        var options: [String: String] = [:]
        var flags: Set<String> = []
        var rest = arguments[...]
        while let option = rest.popFirst() {
            if ["--serve", "--memory"].contains(option) {
                flags.insert(option)
            } else if option.hasPrefix("--"), let value = rest.popFirst() {
                options[String(option.dropFirst(2))] = value
            } else {
                throw BenchmarkError("usage: loss \(usage)")
            }
        }
        return (options, flags)
    }

    /// Fills the history of L-BFGS.
    private static func minimize(_ loss: PerceptualLoss, from image: Image, threads: Int) throws {
        let optimizer = LBFGS(threads: threads)
        var point = image.samples
        var gradients = [image]
        for _ in 0..<25 {
            _ = try optimizer.step(&point) { point, slope in
                gradients[0].samples = slope
                slope = []
                defer { swap(&slope, &gradients[0].samples) }
                return try loss.evaluate(
                    [Image(width: image.width, height: image.height, samples: point)], gradients: &gradients
                )[0].total
            }
        }
    }

    /// With `--serve` it evaluates once per line on standard input and prints the milliseconds, so that a script can
    /// interleave programs. With `--memory` it minimises until the history of L-BFGS is full and prints the peak memory
    /// above that before the loss network was loaded.
    static func run(_ arguments: [String]) throws {
        let (options, flags) = try parsed(arguments)
        let sides = (options["size"] ?? "450x350").split(separator: "x").compactMap { Int($0) }
        guard sides.count == 2, sides.allSatisfy({ $0 > 0 }) else { throw BenchmarkError("a size is WIDTHxHEIGHT") }
        let (width, height) = (sides[0], sides[1])
        let count = max(1, Int(options["count"] ?? "1") ?? 1)
        let isTraining = options["layers"] == "training"
        let threads = Int(options["threads"] ?? "0") ?? 0

        let idle = residentMegabytes("VmRSS")
        let weights = try LossNetworkWeights(
            contentsOf: ModelLibrary.standard.lossNetworkPath(of: options["network"] ?? "vgg16"))
        let settings = (offline: OptimizationSettings(), training: TrainingSettings())
        let contentLayers = isTraining ? settings.training.contentLayers : settings.offline.contentLayers
        let styleLayers = isTraining ? settings.training.styleLayers : settings.offline.styleLayers
        let loss = try PerceptualLoss(
            weights: weights,
            style: StyleTarget(
                weights: weights, layers: styleLayers,
                images: [(image(width: width, height: height, factor: 7919), 1)], threads: threads),
            contentLayers: contentLayers, styleLayers: styleLayers, contentWeight: settings.offline.contentWeight,
            styleWeight: settings.offline.styleWeight, width: width, height: height, count: count, threads: threads)
        let content = Array(repeating: image(width: width, height: height, factor: 104_729), count: count)
        try loss.setContent(content)
        let images = Array(repeating: image(width: width, height: height, factor: 31_337), count: count)
        var gradients = images

        if flags.contains("--memory"), count == 1 {
            try minimize(loss, from: images[0], threads: threads)
            print("\(residentMegabytes("VmHWM") - idle) MB above the idle process, which has \(idle) MB")
            return
        }

        func milliseconds() throws -> Double {
            let duration = try ContinuousClock().measure {
                // Each training step has new content targets.
                if isTraining { try loss.setContent(content) }
                _ = try loss.evaluate(images, gradients: &gradients)
            }
            return Double(duration.components.attoseconds) / 1e15 + Double(duration.components.seconds) * 1e3
        }
        let value = try loss.evaluate(images, gradients: &gradients)[0]
        if flags.contains("--serve") {
            let size = gradients[0].samples.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            print("ready \(value.total) \(size)")
            fflush(nil)
            while readLine() != nil {
                print(try milliseconds())
                fflush(nil)
            }
            return
        }
        let runs = max(1, Int(options["runs"] ?? "9") ?? 9)
        let times = try (0..<runs).map { _ in try milliseconds() }.sorted()
        print("median \(times[runs / 2]) ms, fastest \(times[0]) ms, \(runs) evaluations")
    }
}
