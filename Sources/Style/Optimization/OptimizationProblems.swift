import NeuralNet

extension OptimizationSettings {
    /// Problems with the settings, one sentence each; empty: valid.
    ///
    /// - Parameter network: determines the available layers; nil: those of VGG-19.
    public func problems(with network: LossNetworkKind? = nil) -> [String] {
        let losses = PerceptualSettings(
            contentWeight: contentWeight, styleWeight: styleWeight,
            others: [("temporal", temporalWeight), ("total variation", totalVariationWeight)],
            contentLayers: contentLayers,
            styleLayers: styleLayers)
        var problems = losses.problems(with: network)
        func require(_ condition: Bool, _ problem: @autoclosure () -> String) {
            if !condition { problems.append(problem()) }
        }
        require(
            ![.previous, .previousWarped].contains(firstStart),
            "A first frame has none before it: it starts from random, content or network, not \(firstStart.rawValue).")
        require(firstIterations >= 1, "The first frame needs at least 1 iteration, not \(firstIterations).")
        require(nextIterations >= 1, "A frame needs at least 1 iteration, not \(nextIterations).")
        require(passIterations >= 1, "A pass needs at least 1 iteration, not \(passIterations).")
        require(0..<1 ~= tolerance, "The tolerance is a share of the loss from 0 to below 1, not \(tolerance).")
        require(toleranceWindow >= 1, "The tolerance's window is at least 1 iteration, not \(toleranceWindow).")
        require(passes >= 1, "There is at least 1 pass, not \(passes).")
        require(
            temporalFromPass >= 1, "Passes are counted from 1; the temporal loss cannot begin in \(temporalFromPass).")
        require(0...1 ~= blend, "The blend is 0 to 1, not \(blend).")
        require(0.01...100 ~= styleScale, "The style scale is 0.01 to 100, not \(styleScale).")
        require(0...0.4 ~= styleCrop, "The style crop is 0 to 0.4, not \(styleCrop).")
        require(threads >= 0, "Threads are 0 (one for each processor) or more, not \(threads).")
        return problems
    }

    /// - Throws: ``OptimizationError/settings(_:)`` with all problems.
    public func validate(with network: LossNetworkKind? = nil) throws(OptimizationError) {
        let problems = problems(with: network)
        if !problems.isEmpty { throw .settings(problems) }
    }

    /// Layers of the losses that have a weight.
    var usedLayers: [LossLayer] {
        (contentWeight > 0 ? contentLayers : []) + (styleWeight > 0 ? styleLayers : [])
    }
}

extension OptimizationSettings {
    /// - Throws: ``OptimizationError`` if there is no style image, one is too small, or the weights are invalid.
    public func validate(_ styles: [StyleImage]) throws(OptimizationError) {
        guard styleWeight == 0 || !styles.isEmpty else {
            throw .style("No style picture is given; name at least one painting.")
        }
        guard styles.allSatisfy({ $0.weight.isFinite && $0.weight >= 0 }),
            styles.isEmpty || styles.contains(where: { $0.weight > 0 })
        else { throw .style("The style pictures' weights are 0 or more, and not all of them 0.") }
        for style in styles where styleWeight > 0 {
            _ = try style.withoutEdge(styleCrop).size(forFramesOf: 1, 1, scale: 1, layers: styleLayers)
        }
    }
}
