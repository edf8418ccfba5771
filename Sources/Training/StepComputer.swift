import Flow
import Imaging
import NeuralNet
import Style

/// Computes losses and gradient of a step for given samples.
///
/// Memory is allocated once. Not thread-safe.
final class StepComputer {
    struct Result {
        var losses: TrainingLosses
        /// Mean of `Image.contrast` over the outputs.
        var contrast: Double
    }

    /// One per sample of a batch, with shared weights.
    private let networks: [TrainingNetwork]
    private let loss: TrainingLoss
    private let settings: TrainingSettings
    private let styles: [StyleTarget]
    private let plan: TrainingPlan
    private var imageGradients: [Image]
    /// Gradient of the last step.
    private(set) var gradient: [Float]

    /// Memory of a training run: networks, losses, parameters, optimiser state, samples.
    ///
    /// - Throws: `ModelError` if the network or the loss network cannot be planned.
    static func cost(
        _ settings: TrainingSettings, description: ModelDescription, lossNetwork: LossNetworkWeights
    ) throws(ModelError) -> PlanCost {
        let size = settings.cropSize
        let (first, further) = try TrainingNetwork.costs(
            of: description, width: size, height: size, threads: settings.threads)
        var cost = first
        cost.add(further, times: settings.batchSize - 1)
        cost.add(
            try PerceptualLoss.cost(
                weights: lossNetwork, contentLayers: settings.contentWeight == 0 ? [] : settings.contentLayers,
                styleLayers: settings.styleWeight == 0 ? [] : settings.styleLayers, pooling: settings.pooling,
                width: size, height: size, count: settings.batchSize, threads: settings.threads))
        // Parameters, gradients and Adam's two moments, and a copy of each in the last good state.
        let parameters = try NetworkParameters.count(of: description)
        cost.add(parameters, of: 8 * MemoryLayout<Float>.size)
        // Frames, flow and certainty of the current step and of one computed ahead.
        let pixels = (settings.frames.maximumFrames + 1) * size * size
        cost.add(2 * settings.batchSize * pixels, of: 6 * MemoryLayout<Float>.size)
        return cost
    }

    /// - Throws: `ModelError` if the network or the loss network cannot be planned.
    init(
        settings: TrainingSettings, description: ModelDescription, styles: [StyleTarget],
        lossNetwork: LossNetworkWeights
    ) throws {
        self.settings = settings
        self.styles = styles
        plan = TrainingPlan(settings)
        let size = settings.cropSize
        var networks: [TrainingNetwork] = []
        for _ in 0..<settings.batchSize {
            networks.append(
                try TrainingNetwork(
                    description: description, width: size, height: size, threads: settings.threads,
                    sharingWeightsOf: networks.first))
        }
        self.networks = networks
        loss = try TrainingLoss(
            network: lossNetwork, style: styles[0], contentLayers: settings.contentLayers,
            styleLayers: settings.styleLayers,
            weights: TrainingLoss.Weights(
                content: settings.contentWeight, style: settings.styleWeight, pixel: settings.pixelWeight,
                totalVariation: settings.totalVariationWeight),
            pooling: settings.pooling,
            width: size, height: size, count: settings.batchSize, threads: settings.threads)
        imageGradients = networks.map { _ in Image(width: size, height: size) }
        gradient = [Float](repeating: 0, count: networks[0].parameterCount)
    }

    var parameterCount: Int { gradient.count }

    /// Sets the parameters.
    func load(_ parameters: [Float]) { networks[0].load(parameters) }

    /// Computes the loss of the last frame of each sample. The network first runs on its own outputs for the frames
    /// before it (paper 5.2.2); the gradient is not propagated through them.
    ///
    /// - Parameters:
    ///   - style: index of the style whose parameters are loaded.
    ///   - texture: of the style; nil: it has none.
    ///   - pixelWeight: weight of the pixel loss.
    /// - Throws: `Cancelled`, `ModelError` if memory runs out.
    /// - Precondition: number and size of the samples are those of the settings.
    func compute(
        _ samples: [TrainingSequence], step: Int, style: Int, texture: StyleTexture?, pixelWeight: Double
    ) throws -> Result {
        loss.weights.pixel = pixelWeight
        var target = styles[style]
        target.slice = step
        loss.style = target
        var images: [Image] = []
        var targets: [[TrainingLoss.PixelTarget]] = []
        for (index, sample) in samples.enumerated() {
            if let texture {
                let offset = plan.textureOffset(step: step, sample: index)
                networks[index].fill(
                    with: texture.image(
                        width: settings.cropSize, height: settings.cropSize, offset: offset, threads: settings.threads))
            }
            var outputs: [Image] = []
            var history = PriorHistory(span: plan.anchorFrames(step: step, sample: index))
            var prior = emptyPrior(seed: plan.noiseSeed(step: step, sample: index, frame: sample.frames.count))
            for (frame, image) in sample.frames.dropLast().enumerated() {
                let result = try networks[index].run(frame: image, prior: prior?.image, certainty: prior?.certainty)
                outputs.append(result)
                prior = history.prior(
                    after: result, by: sample.motions[frame].flow, certainty: sample.motions[frame].certainty,
                    fill: settings.priorFill, seed: plan.noiseSeed(step: step, sample: index, frame: frame),
                    threads: settings.threads)
            }
            images.append(
                try networks[index].forward(
                    frame: sample.frames[sample.frames.count - 1], prior: prior?.image, certainty: prior?.certainty))
            targets.append(pixelTargets(of: sample, prior: prior, outputs: outputs, step: step, index: index))
        }
        let value = try loss.evaluate(
            images, frames: samples.map { $0.frames[$0.frames.count - 1] }, targets: targets,
            gradients: &imageGradients)
        for index in gradient.indices { gradient[index] = 0 }
        for (network, imageGradient) in zip(networks, imageGradients) {
            try network.backward(imageGradient, into: &gradient)
        }
        return Result(
            losses: TrainingLosses(
                content: Float(value.content), style: Float(value.style), pixel: Float(value.pixel),
                totalVariation: Float(value.totalVariation)),
            contrast: images.reduce(0) { $0 + $1.contrast } / Double(images.count))
    }

    /// The prior and, after enough frames, an output farther back: drift from it is not visible in the prior.
    private func pixelTargets(
        of sample: TrainingSequence, prior: Prior?, outputs: [Image], step: Int, index: Int
    ) -> [TrainingLoss.PixelTarget] {
        guard let prior, let last = sample.motions.last else { return [] }
        var near = TrainingLoss.PixelTarget(prior.image, certainty: prior.certainty)
        guard settings.longTermShare > 0,
            let distance = plan.longTermDistance(step: step, sample: index, frames: outputs.count)
        else { return [near] }
        let motion = sample.motions.suffix(distance).dropLast().reversed().reduce(last) {
            $0.continued(by: $1, threads: settings.threads)
        }
        let image = outputs[outputs.count - distance]
            .warped(by: motion.flow, interpolation: .bicubic, threads: settings.threads)
        near.share = 1 - settings.longTermShare
        return [near, .init(image, certainty: motion.certainty, share: settings.longTermShare)]
    }

    /// The prior of a first frame: noise if uncertain pixels hold noise, another in each step.
    private func emptyPrior(seed: UInt64) -> Prior? {
        guard settings.kind == .video, settings.fill == .noise else { return nil }
        let size = settings.cropSize
        return .empty(width: size, height: size, fill: .noise, seed: seed, threads: settings.threads)
    }
}
