import NeuralNet
import Style

extension TrainingSettings {
    /// Problems with the settings, one sentence each; empty: valid.
    ///
    /// - Parameter network: determines the available layers; nil: those of VGG-19.
    public func problems(with network: LossNetworkKind? = nil) -> [String] {
        let losses = PerceptualSettings(
            contentWeight: contentWeight, styleWeight: styleWeight,
            others: [("pixel", pixelWeight), ("total variation", totalVariationWeight)], contentLayers: contentLayers,
            styleLayers: styleLayers)
        var problems = losses.problems(with: network)
        func require(_ condition: Bool, _ problem: @autoclosure () -> String) {
            if !condition { problems.append(problem()) }
        }
        switch length {
        case .steps(let steps): require(steps >= 1, "Training takes at least 1 step, not \(steps).")
        case .seconds(let seconds):
            require(seconds.isFinite && seconds > 0, "The training time must be above 0, not \(seconds) seconds.")
        }
        require(0...1 ~= priorDropout, "The prior dropout is a share of 0 to 1, not \(priorDropout).")
        require(
            Self.cropSizes ~= cropSize,
            "The crop is \(Self.cropSizes.lowerBound) to \(Self.cropSizes.upperBound) pixels, not \(cropSize).")
        require(1...64 ~= batchSize, "A batch has 1 to 64 samples, not \(batchSize).")
        require(learningRate > 0 && learningRate <= 1, "The learning rate is above 0, at most 1, not \(learningRate).")
        require(
            styleDrift == 0 || 0.1...100 ~= styleDrift,
            "The style drift is 0 (the pixel weight is never held back) or 0.1 to 100, not \(styleDrift).")
        require(0...1 ~= longTermShare, "The long-term share is 0 to 1, not \(longTermShare).")
        require(-4...4 ~= coherence, "The coherence is -4 to 4, not \(coherence).")
        require(gradientLimit > 0, "The gradient's limit is above 0, not \(gradientLimit).")
        require(16...4096 ~= styleSize, "The style size is 16 to 4096 pixels, not \(styleSize).")
        require(0...0.4 ~= styleCrop, "The style crop is 0 to 0.4, not \(styleCrop).")
        require(0...1024 ~= threads, "Threads are 0 (one for each processor) to 1024, not \(threads).")
        return problems
    }

    /// - Throws: ``TrainingError/settings(_:)`` with all problems.
    public func validate(with network: LossNetworkKind? = nil) throws(TrainingError) {
        let problems = problems(with: network)
        if !problems.isEmpty { throw .settings(problems) }
    }

    /// Smaller crops leave no pixel in the deepest layers; larger ones need too much memory.
    static let cropSizes = 16...1024
}
