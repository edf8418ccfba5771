import Imaging
import ModelFiles
import NeuralNet
import Style

/// Writes activations, losses and gradients of images, for comparison by `Benchmarks/loss_accuracy.py`.
enum LossValues {
    static let usage = "PICTURES.safetensors VALUES.safetensors [vgg16]"

    /// Reads `image`, `content` and `style`, each [3, height, width] in network space. Writes the activations of
    /// `image` in all layers of the default settings, and the content and style losses with their gradients.
    static func run(_ arguments: [String]) throws {
        guard 2...3 ~= arguments.count else { throw BenchmarkError("usage: loss-values \(usage)") }
        let tensors = try SafeTensors(contentsOf: arguments[0]).tensors
        func read(_ name: String) throws -> Image {
            guard let tensor = tensors[name], tensor.shape.count == 3, tensor.shape[0] == 3 else {
                throw BenchmarkError("\(arguments[0]) has no picture \"\(name)\"")
            }
            return Image(width: tensor.shape[2], height: tensor.shape[1], samples: tensor.values)
        }
        let weights = try LossNetworkWeights(
            contentsOf: ModelLibrary.standard.lossNetworkPath(of: arguments.count > 2 ? arguments[2] : "vgg16"))
        let settings = OptimizationSettings()
        let image = try read("image")
        let wanted = settings.contentLayers + settings.styleLayers
        let layers = weights.kind.layers.filter { layer in wanted.contains { $0 >= layer } }
        // Keeps all layers, so that the pooling reads the activations that are written.
        let network = try LossNetwork(
            weights: weights, layers: layers, pooling: settings.pooling, width: image.width, height: image.height)
        let style = try StyleTarget(
            weights: weights, layers: settings.styleLayers, pooling: settings.pooling,
            images: [(read("style"), 1)])
        try network.forward(try read("content"))
        var content: [LossLayer: ContentLoss] = [:]
        for layer in settings.contentLayers {
            content[layer] = try network.features(of: layer).map { ContentLoss(target: try $0.copy()) }
        }
        var values: [(name: String, tensor: SafeTensors.Tensor)] = []
        for part in ["content", "style"] {
            try network.forward(image)
            if values.isEmpty {
                values = layers.compactMap { layer in
                    network.features(of: layer).map {
                        (
                            "\(layer)",
                            SafeTensors.Tensor(shape: [$0.channels, $0.height, $0.width], values: $0.planar())
                        )
                    }
                }
            }
            var gradient = Image(width: image.width, height: image.height)
            var losses: [Float] = []
            try network.backward(into: &gradient) { layer, features, gradient in
                if part == "content", let loss = content[layer] {
                    losses.insert(Float(try loss.value(features)), at: 0)
                    loss.addGradient(1, at: features, to: gradient)
                }
                if part == "style", let matrix = style.gramMatrices[layer] {
                    losses.insert(
                        Float(try StyleLoss(target: matrix).addGradient(1, at: features, to: gradient)), at: 0)
                }
            }
            values.append(("\(part)Losses", SafeTensors.Tensor(shape: [losses.count], values: losses)))
            values.append(
                (
                    "\(part)Gradient",
                    SafeTensors.Tensor(shape: [3, image.height, image.width], values: gradient.samples)
                ))
        }
        try SafeTensors.write(values, metadata: [:], to: arguments[1])
    }
}
