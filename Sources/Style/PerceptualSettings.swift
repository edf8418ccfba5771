import NeuralNet

/// Settings shared by optimisation and training: weights and layers of the losses.
package struct PerceptualSettings {
    /// Each loss's name and weight.
    package var weights: [(name: String, weight: Double)]
    package var contentLayers: [LossLayer]
    package var styleLayers: [LossLayer]

    /// - Parameters:
    ///   - weights: of all losses except content and style.
    package init(
        contentWeight: Double, styleWeight: Double, others weights: [(name: String, weight: Double)],
        contentLayers: [LossLayer], styleLayers: [LossLayer]
    ) {
        self.weights = [("content", contentWeight), ("style", styleWeight)] + weights
        self.contentLayers = contentLayers
        self.styleLayers = styleLayers
    }

    /// Problems with the settings, one sentence each; empty: valid.
    ///
    /// - Parameter network: determines the available layers; nil: those of VGG-19.
    package func problems(with network: LossNetworkKind?) -> [String] {
        var problems: [String] = []
        func require(_ condition: Bool, _ problem: @autoclosure () -> String) {
            if !condition { problems.append(problem()) }
        }
        for (name, weight) in weights {
            require(weight.isFinite && weight >= 0, "The \(name) weight is 0 or more, not \(weight).")
        }
        let layers = [contentLayers, styleLayers]
        require(
            weights.prefix(layers.count).contains { $0.weight > 0 },
            "Content and style weight are both 0: nothing is asked for.")
        let known = (network ?? .vgg19).layers
        for ((name, weight), layers) in zip(weights, layers) {
            require(weight == 0 || !layers.isEmpty, "There is a \(name) weight, but no \(name) layer.")
            require(Set(layers).count == layers.count, "A \(name) layer appears twice.")
            for layer in layers where !known.contains(LossLayer(block: layer.block, convolution: layer.convolution)) {
                let ofBlock = known.filter { $0.block == layer.block }
                let hint = ofBlock.last.map { "; block \(layer.block) has \(ofBlock[0]) to \($0)" } ?? ""
                problems.append("\((network ?? .vgg19).rawValue) has no \(layer)\(hint).")
            }
        }
        return problems
    }
}
