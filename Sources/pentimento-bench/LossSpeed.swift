import Glibc
import Imaging
import NeuralNet
import Style

/// Times one evaluation of a picture's content and style losses with their gradient, and takes the memory of a minimisation.
enum LossSpeed {
    static let usage = "[--network vgg16] [--size 450x350] [--threads N] [--runs N] [--serve | --memory]"

    /// Pictures from a formula, so that other programs can have the same; noise that no layer is blind to.
    private static func picture(width: Int, height: Int, factor: Int) -> Image {
        Image(
            width: width, height: height,
            samples: (0..<3 * width * height).map { Float(($0 * factor % 65521) % 255) - 116 })
    }

    /// With `--serve` an evaluation is made for each line on standard input and its milliseconds are printed, so that a
    /// script can interleave programs; with `--memory` the process minimises until L-BFGS's history is full, and says how far its
    /// memory rose above what it was before it read the loss network.
    static func run(_ arguments: [String]) throws {
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
        let sides = (options["size"] ?? "450x350").split(separator: "x").compactMap { Int($0) }
        guard sides.count == 2, sides.allSatisfy({ $0 > 0 }) else { throw BenchmarkError("a size is WIDTHxHEIGHT") }
        let (width, height) = (sides[0], sides[1])
        let threads = Int(options["threads"] ?? "0") ?? 0

        let idle = residentMegabytes("VmRSS")
        let weights = try LossNetworkWeights(
            contentsOf: ModelLibrary.standard.lossNetworkPath(of: options["network"] ?? "vgg16"))
        let settings = OptimizationSettings()
        let loss = try PerceptualLoss(
            weights: weights,
            style: StyleTarget(
                weights: weights, layers: settings.styleLayers,
                pictures: [(picture(width: width, height: height, factor: 7919), 1)], threads: threads),
            contentLayers: settings.contentLayers, styleLayers: settings.styleLayers,
            contentWeight: settings.contentWeight, styleWeight: settings.styleWeight, width: width, height: height,
            threads: threads)
        loss.setContent(picture(width: width, height: height, factor: 104_729))
        let image = picture(width: width, height: height, factor: 31_337)
        var gradient = Image(width: width, height: height)

        if flags.contains("--memory") {
            let minimizer = LBFGS(threads: threads)
            var point = image.samples
            for _ in 0..<25 {
                _ = try minimizer.step(&point) { point, slope in
                    gradient.samples = slope
                    slope = []
                    defer { swap(&slope, &gradient.samples) }
                    return loss.evaluate(
                        Image(width: width, height: height, samples: point), gradient: &gradient
                    ).total
                }
            }
            let peak = residentMegabytes("VmHWM")
            print("\(peak - idle) MB above the idle process, which has \(idle) MB")
            return
        }

        func milliseconds() -> Double {
            let duration = ContinuousClock().measure { _ = loss.evaluate(image, gradient: &gradient) }
            return Double(duration.components.attoseconds) / 1e15 + Double(duration.components.seconds) * 1e3
        }
        let value = loss.evaluate(image, gradient: &gradient)
        if flags.contains("--serve") {
            let size = gradient.samples.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            print("ready \(value.total) \(size)")
            fflush(nil)
            while readLine() != nil {
                print(milliseconds())
                fflush(nil)
            }
            return
        }
        let runs = max(1, Int(options["runs"] ?? "9") ?? 9)
        let times = (0..<runs).map { _ in milliseconds() }.sorted()
        print("median \(times[runs / 2]) ms, fastest \(times[0]) ms, \(runs) evaluations")
    }
}
