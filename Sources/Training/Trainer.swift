import Imaging
import NeuralNet
import Style

/// Trains a network for a style (paper section 5). Each step runs the network recurrently on a few samples and updates
/// the weights with the gradient of the last frame's loss.
///
/// If the length is given in steps, the same settings, inputs and samples give the same model, byte for byte, on any
/// number of threads, with or without interruptions. Not thread-safe.
public final class Trainer {
    /// Settings of the training.
    public let settings: TrainingSettings
    /// Description of the network, from the settings and the initial model.
    public let description: ModelDescription
    /// Names of the styles, if they are separate.
    public let names: [String]
    /// Other inputs that results depend on, as readable text.
    public let inputs: [String: String]
    /// Number of finished steps, including those of earlier runs.
    public var step: Int { history.count }
    /// One record per step.
    public private(set) var history: [TrainingRecord] = []
    /// Reports of the validations, in order.
    public private(set) var validations: [ValidationReport] = []
    /// Training time in seconds, including that of earlier runs.
    public private(set) var seconds = 0.0
    /// Factor of all learning rates; halved after each divergence.
    public private(set) var rateFactor = 1.0

    private let plan: TrainingPlan
    private let source: any SequenceSource
    private let computer: StepComputer
    private let validator: Validator?
    private var parameters: NetworkParameters
    private var optimizer: AdamState
    private var bank: StyleBank
    /// The texture of each style; empty: they have none.
    private var textures: [StyleTexture] = []
    private let convolutionRate: FactorSchedule
    private var monitor: DivergenceMonitor
    private var drift: StyleDrift
    private var lastGood: Checkpoint?
    private let latestFraction = ProgressValue()
    /// Duration of the last validation.
    private var validationSeconds = 0.0
    /// Expected duration of a validation, in steps, before there was one.
    private static let stepsOfValidation = 50.0

    /// - Parameters:
    ///   - styles: in network space, of any size; blended by weight, or each a style of its own
    ///     (``TrainingSettings/separatesStyles``).
    ///   - names: of the styles, if they are separate; otherwise ignored.
    ///   - source: of the samples; called on other threads for the next steps while one is computed.
    ///   - initial: a model to continue from instead of random weights (`--init-from`).
    ///   - inputs: other inputs that results depend on, as readable text, such as `["photos": "260 files, 3f2a..."]`; a
    ///     checkpoint with different ones is rejected.
    ///   - checkpoint: state to resume from.
    /// - Throws: ``TrainingError``, or `ModelError` if the network or the loss network cannot be planned, or everything
    ///   together takes more memory than `MemoryLimit` allows.
    public init(
        settings: TrainingSettings, styles: [StyleImage], names: [String] = [], lossNetwork: LossNetworkWeights,
        source: any SequenceSource, validation: Validation? = nil, initial: Model? = nil,
        inputs: [String: String] = [:], checkpoint: Checkpoint? = nil
    ) throws {
        try settings.validate(with: lossNetwork.kind)
        self.settings = settings
        let plan = TrainingPlan(settings)
        self.plan = plan
        let description = try settings.network(from: initial?.description)
        self.description = description
        self.names = settings.separatesStyles ? names : []
        guard !settings.separatesStyles || (names.count == styles.count && Set(names).count == names.count) else {
            throw TrainingError.style("Each of \(styles.count) separate styles needs a name of its own.")
        }
        try StepComputer.cost(settings, description: description, lossNetwork: lossNetwork).check(
            "training with \(settings.batchSize) pictures of \(settings.cropSize)x\(settings.cropSize) a step",
            remedy: "take a smaller crop, a smaller batch or another architecture")
        let targets = try settings.styleTargets(of: styles, lossNetwork: lossNetwork)
        var own = [
            "network": "\(description.architecture), \(description.padding.rawValue)",
            "style-image": settings.digest(of: styles), "loss-network": "\(lossNetwork.kind) \(lossNetwork.checksum)",
        ]
        own["init-from"] = initial?.checksum
        let inputs = inputs.merging(own) { $1 }
        self.inputs = inputs

        parameters = try Self.parameters(of: description, from: initial, settings)
        optimizer = AdamState(count: parameters.values.count)
        computer = try StepComputer(
            settings: settings, description: description, styles: targets, lossNetwork: lossNetwork)
        validator = validation.map {
            Validator($0, settings: settings, styles: targets, lossNetwork: lossNetwork)
        }
        let (validator, parameters) = (validator, parameters)
        bank = try StyleBank(
            parameters,
            starts: targets.indices.map { index in
                let name = settings.separatesStyles ? names[index] : nil
                // A checkpoint holds the norms.
                return checkpoint == nil ? try initial?.start(named: name, nearestTo: index, by: validator) : nil
            })
        bank.load(0, into: &self.parameters.values)
        let isAdapting = !settings.separatesStyles && (initial?.styles.count ?? 1) > 1
        convolutionRate = settings.convolutionRate ?? (isAdapting ? .adapting : .constant)
        (monitor, drift) = (DivergenceMonitor(settings: settings), StyleDrift(limit: settings.styleDrift))
        self.source = Self.prefetcher(of: source, settings, plan, latestFraction)
        if let checkpoint {
            try checkpoint.check(settings: settings, inputs: inputs, parameterCount: parameters.values.count)
            try restore(checkpoint)
        }
        if textures.isEmpty {
            let clock = ContinuousClock()
            let start = clock.now
            textures = try settings.textures(of: styles, named: names, lossNetwork: lossNetwork, initial: initial)
            seconds += (clock.now - start).inSeconds
        }
        lastGood = checkpoint ?? self.checkpoint()
    }

    /// Those of a model, or random ones.
    private static func parameters(
        of description: ModelDescription, from initial: Model?, _ settings: TrainingSettings
    ) throws -> NetworkParameters {
        guard let initial else { return try NetworkParameters(random: description, seed: settings.seed) }
        let adapted = try NetworkParameters(description: description, adapting: initial)
        return initial.description.isGated ? adapted.addingGateBias(-Float(settings.coherence)) : adapted
    }

    private static func prefetcher(
        of source: any SequenceSource, _ settings: TrainingSettings, _ plan: TrainingPlan, _ latest: ProgressValue
    ) -> Prefetcher {
        Prefetcher(source) { step in
            let fraction: Double
            switch settings.length {
            case .steps(let steps):
                guard step < steps else { return nil }
                fraction = plan.fraction(step: step, seconds: 0)
            // A prediction: the durations of future steps are not known.
            case .seconds: fraction = latest.value
            }
            return plan.request(at: step, fraction: fraction)
        }
    }

    /// Runs all remaining steps.
    ///
    /// - Parameter onProgress: called after each step; returning false stops.
    /// - Returns: whether the training is finished.
    /// - Throws: ``TrainingError/diverged(what:step:lastGood:)`` with the state to resume from; `Cancelled` if the
    ///   calling thread's `Cancellation` is requested, which leaves the state of the last complete step; errors of
    ///   source and observer.
    @discardableResult
    public func run(onProgress: (TrainingProgress) throws -> Bool = { _ in true }) throws -> Bool {
        let clock = ContinuousClock()
        let (start, earlier) = (clock.now, seconds)
        func updateSeconds() { seconds = earlier + (clock.now - start).inSeconds }
        var time = TimeEstimate()
        time.begin(at: seconds, units: step)
        // A previous run was cancelled before this validation.
        if let validator, step > 0, (validations.last?.step ?? 0) < step,
            isDue(validator, time) || isFinished(time)
        {
            _ = try validate(validator)
            updateSeconds()
        }
        while !isFinished(time) {
            let fraction = plan.fraction(step: step, seconds: seconds, reserved: lastSeconds(time))
            latestFraction.value = fraction
            let rate = settings.learningRate * settings.rateSchedule.factor(at: fraction) * rateFactor
            let frames = plan.frames(at: step, fraction: fraction)
            let pixelFactor = drift.factor
            let pixelWeight = settings.pixelWeight(at: fraction) * pixelFactor
            let losses = try takeStep(
                frames: frames, pixelWeight: pixelWeight, rate: rate,
                convolutionRate: rate * convolutionRate.factor(at: fraction))
            updateSeconds()
            time.record(units: step, at: seconds)
            var report: ValidationReport?
            if let validator, isDue(validator, time) || isFinished(time) {
                report = try validate(validator)
                updateSeconds()
                time.record(units: step, at: seconds)
            }
            let steps = estimatedSteps(time)
            let progress = TrainingProgress(
                step: step, steps: steps, frames: frames, losses: losses,
                total: losses.total(settings, pixelWeight: pixelWeight),
                learningRate: rate, pixelFactor: pixelFactor, seconds: seconds,
                secondsLeft: time.seconds(for: Double(steps - step)),
                validation: report)
            guard try onProgress(progress) else { break }
            updateSeconds()
        }
        return isFinished(time)
    }

    /// The current state.
    public func checkpoint() -> Checkpoint {
        Checkpoint(
            settings: settings, inputs: inputs, step: step, seconds: seconds, rateFactor: rateFactor,
            history: history, validations: validations, parameters: parameters.values, optimizer: optimizer, bank: bank,
            textures: textures)
    }

    /// The current network of each style, with the settings' coherence applied.
    ///
    /// - Throws: `ModelError` if a weight is not finite.
    func models() throws -> [Model] {
        try bank.values.indices.map { style in
            var parameters = parameters
            bank.load(style, into: &parameters.values)
            return try parameters.addingGateBias(Float(settings.coherence)).model(
                texture: textures.isEmpty ? nil : textures[style])
        }
    }

    /// The current network, of the first style if there are several, with the settings' coherence applied.
    ///
    /// - Throws: `ModelError` if a weight is not finite.
    public func model() throws -> Model { try models()[0] }

    /// The current network as a model file, with the training's settings in its metadata.
    ///
    /// - Parameters:
    ///   - style: name of the style.
    ///   - license: license of the file.
    ///   - paintings: facts about each style image, such as `["title": "The Scream", "painter": "Edvard Munch"]`. If
    ///     the styles are not separate, only the first are kept.
    public func encodedModel(
        style: String? = nil, license: String? = nil, paintings: [[String: String]] = []
    ) throws -> [UInt8] {
        var description = description
        description.style = style
        description.license = license
        description.training = try sortedJSON(
            Making(
                painting: settings.separatesStyles ? nil : paintings.first,
                paintings: settings.separatesStyles ? Dictionary(zip(names, paintings)) { first, _ in first } : nil,
                settings: settings, inputs: inputs, steps: step, rateFactor: rateFactor,
                validation: validations.last))
        if settings.separatesStyles { description.styles = names }
        let parameters = try NetworkParameters(description: description, values: parameters.values)
            .addingGateBias(Float(settings.coherence))
        return settings.separatesStyles
            ? parameters.encoded(norms: bank.values, textures: textures)
            : parameters.encoded(texture: textures.first)
    }

    /// The training metadata of a model.
    private struct Making: Encodable {
        let program = "pentimento train"
        let painting: [String: String]?
        let paintings: [String: [String: String]]?
        let settings: TrainingSettings
        let inputs: [String: String]
        let steps: Int
        let rateFactor: Double
        let validation: ValidationReport?
    }

    private func restore(_ checkpoint: Checkpoint) throws {
        guard let saved = checkpoint.bank(for: parameters), saved.values.count == bank.values.count else {
            throw TrainingError.checkpoint("The checkpoint does not hold these styles. Start again.")
        }
        bank = saved
        guard checkpoint.textures.isEmpty || checkpoint.textures.count == bank.values.count else {
            throw TrainingError.checkpoint("The checkpoint does not hold these styles' textures. Start again.")
        }
        textures = checkpoint.textures
        parameters.values = checkpoint.parameters
        optimizer = checkpoint.optimizer
        history = checkpoint.history
        validations = checkpoint.validations
        seconds = checkpoint.seconds
        rateFactor = checkpoint.rateFactor
        for record in history {
            _ = monitor.record(record.losses, contrast: nil)
            drift.record(record)
        }
    }
}

// MARK: One step

extension Trainer {
    /// Number of steps between two saved good states.
    private static let keepInterval = 50

    private func takeStep(
        frames: Int, pixelWeight: Double, rate: Double, convolutionRate: Double
    ) throws -> TrainingLosses {
        let samples = try source.batch(
            step: step, count: settings.batchSize, frames: frames + 1, size: settings.cropSize)
        try Cancellation.check()
        try check(samples)
        if step % Self.keepInterval == 0 && monitor.isHealthy { lastGood = checkpoint() }
        let style = plan.style(at: step, of: bank.values.count)
        bank.load(style, into: &parameters.values)
        computer.load(parameters.values)
        let result = try computer.compute(
            samples, step: step, style: style, texture: textures.isEmpty ? nil : textures[style],
            pixelWeight: pixelWeight)
        // Not cancellable: the state is updated as a whole or not at all.
        try Cancellation().follow {
            if let problem = monitor.record(result.losses, contrast: result.contrast) { throw diverged(problem) }
            var gradient = computer.gradient
            guard gradient.clipNorm(to: settings.gradientLimit) else { throw diverged("the gradient is not finite") }
            optimizer.step(&parameters.values, gradient: gradient, rate: convolutionRate, threads: settings.threads)
            // The optimiser's state of the norms is each style's own.
            bank.step(style, &parameters.values, gradient: gradient, rate: rate, threads: settings.threads)
        }
        let record = TrainingRecord(frames: frames, losses: result.losses)
        history.append(record)
        drift.record(record)
        return result.losses
    }

    private func diverged(_ what: String) -> TrainingError {
        var state = lastGood ?? checkpoint()
        state.rateFactor = rateFactor / 2
        return .diverged(what: what, step: step + 1, lastGood: state)
    }

    private func check(_ samples: [TrainingSequence]) throws {
        let size = settings.cropSize
        let fits = samples.allSatisfy { sample in
            sample.frames.allSatisfy { $0.width == size && $0.height == size && $0.channels == 3 }
        }
        guard samples.count == settings.batchSize, fits else {
            throw TrainingError.samples(
                "Step \(step + 1): the source gave no batch of \(settings.batchSize) samples of \(size)x\(size) pixels."
            )
        }
    }

    private func validate(_ validator: Validator) throws -> ValidationReport {
        if let last = validations.last, last.step == step { return last }
        let clock = ContinuousClock()
        let start = clock.now
        let report = try validator.report(of: models(), step: step)
        validationSeconds = (clock.now - start).inSeconds
        validations.append(report)
        return report
    }
}

// MARK: Length

extension Trainer {
    private func isFinished(_ time: TimeEstimate) -> Bool {
        switch settings.length {
        case .steps(let steps): return step >= steps
        case .seconds(let total):
            // Stops so that the end, including a last validation, is as close as possible to the given time.
            return step > 0 && seconds + (time.secondsPerUnit ?? 0) / 2 + lastSeconds(time) >= total
        }
    }

    /// Expected duration of the validation at the end.
    private func lastSeconds(_ time: TimeEstimate) -> Double {
        guard validator != nil else { return 0 }
        return validations.isEmpty ? Self.stepsOfValidation * (time.secondsPerUnit ?? 0) : validationSeconds
    }

    /// Whether the samples are validated after this step. Not when the training ends soon: the time is needed for steps.
    private func isDue(_ validator: Validator, _ time: TimeEstimate) -> Bool {
        guard step % validator.interval == 0 else { return false }
        switch settings.length {
        case .steps: return true
        case .seconds(let total): return total - seconds > 8 * lastSeconds(time)
        }
    }

    private func estimatedSteps(_ time: TimeEstimate) -> Int {
        switch settings.length {
        case .steps(let steps): return steps
        case .seconds(let total):
            guard !isFinished(time), let pace = time.secondsPerUnit, pace > 0 else { return step }
            return step + max(1, Int(min((total - seconds) / pace, 1e9).rounded()))
        }
    }
}
