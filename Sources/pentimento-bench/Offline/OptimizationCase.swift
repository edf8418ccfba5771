import CGStreamer
import Imaging
import MediaIO
import NeuralNet
import Style

/// Common parameters of the optimisation benchmarks: loss network, style image and frame size.
struct OptimizationCase {
    static let usage = "--style PAINTING [--network vgg16] [--size WIDTHxHEIGHT] [--threads N]"

    let network: LossNetworkWeights
    let stylePath: String
    let width: Int
    let height: Int
    let threads: Int
    /// Further options by name, without dashes.
    let options: [String: String]
    /// Positional arguments.
    let paths: [String]

    init(_ arguments: [String], defaultSize: String) throws {
        var options: [String: String] = [:]
        var paths: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else {
                paths.append(argument)
                continue
            }
            guard let value = rest.popFirst() else { throw BenchmarkError("\(argument) needs a value") }
            options[String(argument.dropFirst(2))] = value
        }
        let size = (options["size"] ?? defaultSize).split(separator: "x").compactMap { Int($0) }
        guard size.count == 2, size.allSatisfy({ $0 > 0 }) else { throw BenchmarkError("a size is WIDTHxHEIGHT") }
        (width, height) = (size[0], size[1])
        threads = Int(options["threads"] ?? "0") ?? 0
        guard let style = options["style"] else { throw BenchmarkError("--style says which painting") }
        stylePath = style
        let path = try ModelLibrary.standard.lossNetworkPath(of: options["network"] ?? "vgg16")
        network = try LossNetworkFile(contentsOf: path).weights
        self.options = options
        self.paths = paths
        gst_init(nil, nil)
    }

    func style() throws -> StyleImage {
        StyleImage(image: try Image(contentsOf: stylePath).networkSpace())
    }

    /// An image file in network space, at the requested size.
    func frame(_ path: String) throws -> Image {
        try Image(contentsOf: path).resized(width: width, height: height).networkSpace()
    }
}
