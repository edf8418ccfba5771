import Evaluation
import Flow
import Imaging
import NeuralNet
import Style

/// Held-back photographs and clips, to measure a network on data it was not trained on.
public struct Validation: Sendable {
    /// Numbers of recursive frames after which clips are measured.
    public static let depths = [1, 10, 50]

    /// In network space, of any size.
    public var photographs: [Image]
    /// Of any length; measured at those of ``depths`` that they reach.
    public var clips: [TrainingSequence]
    /// Number of steps between two validations; there is another one at the end.
    public var interval: Int

    /// - Parameter interval: in steps; less than 1 counts as 1.
    public init(photographs: [Image] = [], clips: [TrainingSequence] = [], interval: Int = 250) {
        self.photographs = photographs
        self.clips = clips
        self.interval = max(interval, 1)
    }

    /// Crops of held-out photographs, and synthetic camera motion over them with exact flow.
    ///
    /// - Parameters:
    ///   - heldOut: empty: nothing to measure.
    ///   - size: side of the crops in pixels.
    public init(heldOut: [Photograph], size: Int, interval: Int = 250, seed: UInt64 = 0) {
        guard !heldOut.isEmpty else {
            self.init(interval: interval)
            return
        }
        var mix = SequenceMix()
        (mix.video, mix.blocks, mix.brightness, mix.noise, mix.jitter) = (0, 0, 0, 0, 0)
        let sequences = SyntheticSequences(photographs: heldOut, mix: mix, seed: seed)
        self.init(
            photographs: sequences.batch(step: 0, count: heldOut.count, frames: 1, size: size).map { $0.frames[0] },
            clips: sequences.batch(step: 1, count: 2, frames: (Self.depths.last ?? 0) + 1, size: size),
            interval: interval)
    }

    /// Validates a model.
    ///
    /// - Parameters:
    ///   - settings: of the losses.
    ///   - styles: as for a ``Trainer``.
    ///   - step: step number for the report.
    /// - Throws: ``TrainingError``, `ModelError` if a network cannot be planned, `Cancelled`.
    public func report(
        of model: Model, settings: TrainingSettings, styles: [StyleImage], lossNetwork: LossNetworkWeights,
        step: Int = 0
    ) throws -> ValidationReport {
        let targets = try settings.styleTargets(of: styles, lossNetwork: lossNetwork)
        return try Validator(self, settings: settings, styles: targets, lossNetwork: lossNetwork)
            .report(of: Array(repeating: model, count: targets.count), step: step)
    }
}

extension TrainingSequence {
    /// A sequence that plays real frames forward and backward, with flow and certainty estimated as in live use.
    ///
    /// - Parameters:
    ///   - images: of one size, in picture space; at least one.
    ///   - count: number of frames.
    ///   - minimumFilter: window size of the minimum filter on the certainty; see `CoherentStylizer.Settings`.
    public init(
        pingPong images: [Image], count: Int, flow preset: FlowPreset = .medium,
        minimumFilter: Int = Motion.defaultMinimumFilter, threads: Int = 0
    ) {
        let estimator = FlowEstimator(preset: preset, threads: threads)
        let check = ConsistencyCheck()
        let pyramids = images.map { estimator.prepare($0.luma(threads: threads)) }
        func motion(_ flow: FlowField, _ reverse: FlowField) -> Motion {
            let certainty = check.certainty(of: flow, reverse: reverse, threads: threads)
            return Motion(flow: flow, certainty: certainty.minimumFiltered(size: minimumFilter, threads: threads))
        }
        let pairs = pyramids.indices.dropFirst().map { later in
            estimator.estimate(from: pyramids[later], to: pyramids[later - 1])
        }
        let forth = pairs.map { motion($0.backward, $0.forward) }
        let back = pairs.map { motion($0.forward, $0.backward) }
        let frames = images.map { $0.networkSpace() }
        let turn = max(2 * (images.count - 1), 1)
        let order = (0..<max(count, 1)).map { index in
            let along = index % turn
            return along < images.count ? along : turn - along
        }
        // A single image: no motion.
        let still = Motion(
            flow: FlowField(width: frames[0].width, height: frames[0].height),
            certainty: Plane(width: frames[0].width, height: frames[0].height, repeating: 1))
        let steps = zip(order, order.dropFirst()).map { last, next in
            next > last ? forth[last] : next < last ? back[next] : still
        }
        self.init(frames: order.map { frames[$0] }, motions: steps)
    }
}

/// Measures networks on the data of a ``Validation``.
final class Validator {
    let interval: Int
    private let validation: Validation
    private let settings: TrainingSettings
    private let styles: [StyleTarget]
    private let lossNetwork: LossNetworkWeights

    init(_ validation: Validation, settings: TrainingSettings, styles: [StyleTarget], lossNetwork: LossNetworkWeights) {
        self.validation = validation
        self.settings = settings
        self.styles = styles
        self.lossNetwork = lossNetwork
        interval = validation.interval
    }

    /// The report on a network of each style: the mean over all styles for photographs, the first style for clips.
    ///
    /// - Throws: `ModelError` if a network cannot be planned for an image's size, `Cancelled`.
    func report(of models: [Model], step: Int) throws -> ValidationReport {
        let reports = try zip(models, styles).enumerated().map { index, pair in
            try report(of: pair.0, style: pair.1, step: step, withClips: index == 0)
        }
        let photographs = reports.compactMap(\.photographs)
        return ValidationReport(
            step: step, photographs: photographs.isEmpty ? nil : .mean(of: photographs),
            recursion: reports.first?.recursion ?? [])
    }

    /// The mean losses of a network on the photographs; nil: there are none.
    ///
    /// - Parameter style: index of its style.
    /// - Throws: as ``report(of:step:)``.
    func losses(of model: Model, style: Int) throws -> ValidationReport.Losses? {
        try report(of: model, style: styles[style], step: 0, withClips: false).photographs
    }

    private func report(
        of model: Model, style: StyleTarget, step: Int, withClips: Bool
    ) throws -> ValidationReport {
        var lenses: [Lens] = []
        func lens(for image: Image) throws -> Lens {
            if let known = lenses.first(where: { $0.network.width == image.width && $0.network.height == image.height })
            {
                return known
            }
            let lens = try makeLens(model, style, width: image.width, height: image.height)
            lenses.append(lens)
            return lens
        }
        let photographs = try validation.photographs.map { photograph in
            let lens = try lens(for: photograph)
            return try lens.losses(of: lens.network.run(frame: photograph), frame: photograph)
        }
        let clips = try (withClips ? validation.clips : []).map {
            try lens(for: $0.frames[0]).recursion(over: $0, settings: settings)
        }
        try Cancellation.check()
        return ValidationReport(
            step: step, photographs: photographs.isEmpty ? nil : .mean(of: photographs), recursion: .mean(of: clips))
    }

    private func makeLens(_ model: Model, _ style: StyleTarget, width: Int, height: Int) throws -> Lens {
        Lens(
            takesPrior: model.description.kind == .video,
            network: try Network(model: model, width: width, height: height, threads: settings.threads),
            loss: try PerceptualLoss(
                weights: lossNetwork, style: style, contentLayers: settings.contentLayers,
                styleLayers: settings.styleLayers, contentWeight: settings.contentWeight,
                styleWeight: settings.styleWeight, pooling: settings.pooling, width: width, height: height,
                threads: settings.threads))
    }
}

/// A network and its losses, for one frame size.
private struct Lens {
    let takesPrior: Bool
    let network: Network
    let loss: PerceptualLoss

    func losses(of image: Image, frame: Image) throws -> ValidationReport.Losses {
        try loss.setContent(frame)
        let value = try loss.evaluate(image)
        return ValidationReport.Losses(content: value.content, style: value.style)
    }

    /// Measures the network on its own outputs, and for comparison on each frame by itself.
    func recursion(over clip: TrainingSequence, settings: TrainingSettings) throws -> [ValidationReport.Recursion] {
        var reports: [ValidationReport.Recursion] = []
        var errors: [(coherent: Double, perFrame: Double)] = []
        var (last, lastAlone) = (try network.run(frame: clip.frames[0]), Image(width: 0, height: 0))
        lastAlone = last
        var history = PriorHistory()
        let depth = Validation.depths.last { $0 < clip.frames.count } ?? 0
        for index in 1..<max(depth + 1, 1) {
            let (frame, motion) = (clip.frames[index], clip.motions[index - 1])
            let alone = try network.run(frame: frame)
            var image = alone
            if takesPrior {
                let prior = history.prior(
                    after: last, by: motion.flow, certainty: motion.certainty, fill: settings.priorFill,
                    threads: settings.threads)
                image = try network.run(frame: frame, prior: prior.image, certainty: prior.certainty)
            }
            func error(_ image: Image, _ before: Image) -> Double {
                temporalError(
                    of: image, against: before, flow: motion.flow, certainty: motion.certainty,
                    threads: settings.threads
                ).overConsistentPixels
            }
            errors.append((error(image, last), error(alone, lastAlone)))
            (last, lastAlone) = (image, alone)
            guard Validation.depths.contains(index) else { continue }
            reports.append(
                ValidationReport.Recursion(
                    frames: index, losses: try losses(of: image, frame: frame),
                    perFrame: try losses(of: alone, frame: frame),
                    temporalError: mean(errors.map(\.coherent)), perFrameTemporalError: mean(errors.map(\.perFrame))))
            errors = []
        }
        return reports
    }

}

private func mean(_ values: [Double]) -> Double { values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count) }

extension ValidationReport.Losses {
    fileprivate static func mean(of losses: [Self]) -> Self {
        Self(content: Training.mean(losses.map(\.content)), style: Training.mean(losses.map(\.style)))
    }
}

extension [ValidationReport.Recursion] {
    /// For each depth, the mean over the clips that reach it.
    fileprivate static func mean(of clips: [Self]) -> Self {
        Validation.depths.compactMap { depth in
            let reports = clips.compactMap { clip in clip.first { $0.frames == depth } }
            guard !reports.isEmpty else { return nil }
            return ValidationReport.Recursion(
                frames: depth, losses: .mean(of: reports.map(\.losses)), perFrame: .mean(of: reports.map(\.perFrame)),
                temporalError: Training.mean(reports.map(\.temporalError)),
                perFrameTemporalError: Training.mean(reports.map(\.perFrameTemporalError)))
        }
    }
}
