import Evaluation
import Flow
import Imaging
import NeuralNet
import Style
import Support

/// A variant of the optimisation (paper, section 4) on a scene.
struct OfflineVariant {
    /// As part of a job's name, such as `warped`.
    let name: String
    let start: OptimizationSettings.Start
    var hasTemporalLoss = false
    var penalty = TemporalPenalty.squared
    var flow = FlowSource.estimated

    /// Random initialisation of each frame.
    static let random = OfflineVariant(name: "random", start: .random)
    /// The previous frame's result.
    static let previous = OfflineVariant(name: "previous", start: .previous)
    /// The previous frame's result, warped.
    static let warped = OfflineVariant(name: "warped", start: .previousWarped)
    /// The short-term method of the paper.
    static let shortTerm = OfflineVariant(name: "short-term", start: .previousWarped, hasTemporalLoss: true)
    /// The same with absolute differences (A.4).
    static let absolute = OfflineVariant(
        name: "absolute", start: .previousWarped, hasTemporalLoss: true, penalty: .absolute)
    /// Starts from the feed-forward network's picture, with the temporal loss.
    static let hybrid = OfflineVariant(name: "hybrid", start: .network, hasTemporalLoss: true)

    /// The same with other flow.
    func with(_ flow: FlowSource) -> OfflineVariant {
        var variant = self
        variant.flow = flow
        return variant
    }

    func apply(to settings: inout OptimizationSettings) {
        settings.nextStart = start
        settings.temporalPenalty = penalty
        if !hasTemporalLoss { settings.temporalWeight = 0 }
    }
}

/// Optimises the frames of a scene and measures them.
struct OfflineRun {
    let input: ReproductionInput
    let cache: FootageCache
    /// Of the results, as for ``Job``.
    private static let version = 1

    /// Names of the measures of a job.
    enum Measure {
        /// Mean squared difference along the true flow, values 0...1 (7.1).
        static let temporalError = "temporal error"
        /// Of a frame after the first one.
        static let seconds = "seconds per frame"
        /// Of a frame after the first one.
        static let iterations = "iterations"
        /// Content and style loss of the last frame, with their weights.
        static let content = "content"
        static let style = "style"
    }

    func jobName(_ variant: OfflineVariant, scene: String, style: TableStyle) -> String {
        "offline/\(style.name)/\(scene)/\(variant.name)-\(variant.flow.name)"
    }

    /// - Parameters:
    ///   - scene: index in the input's scenes.
    ///   - style: index in the input's styles.
    /// - Throws: errors of a model or of files of flow that are missing.
    func job(_ variant: OfflineVariant, scene: Int, style: Int) throws -> Job {
        let (scene, style) = (input.scenes[scene], input.styles[style])
        let name = jobName(variant, scene: scene.name, style: style)
        var settings = input.facts(of: scene, style, optimization(variant))
        settings["flow"] = try variant.flow.fact(scene: scene, budget: input.budget)
        if variant.start == .network { settings["model"] = try style.model.map(input.digest(ofModel:)) ?? "" }
        let count = Double(min(scene.frames.count, input.budget.frames ?? .max))
        let budget = input.budget.iterations
        let cost = Double(budget.first) + (count - 1) * Double(variant.start == .random ? budget.first : budget.next)
        return Job(name, version: Self.version, settings: settings, cost: cost) { store, settings in
            try run(variant, on: cache.footage(of: scene), style: style, name: name, settings: settings, store: store)
        }
    }

    private func run(
        _ variant: OfflineVariant, on footage: Footage, style: TableStyle, name: String, settings: [String: String],
        store: JobStore
    ) throws -> JobResult {
        let references = try variant.flow.references(of: footage, threads: input.threads)
        let optimizer = try ClipOptimizer(
            settings: optimization(variant), network: input.lossNetwork, styles: [style.painting],
            library: input.library, model: style.model ?? "")
        // All variants begin with the same first frame, which does not depend on what makes them differ.
        let first = "offline/\(style.name)/\(footage.name)/first"
        var firstSettings = settings
        for key in ["flow", "model", "optimization", "iterations"] { firstSettings[key] = nil }
        firstSettings["first"] = input.optimizationSettings.fact
        var (painted, seconds, iterations): ([Image], Double, Double) = ([], 0, 0)
        var terms = EnergyTerms()
        let clock = ContinuousClock()
        for (index, frame) in footage.frames.enumerated() {
            let kept =
                index == 0
                ? store.frame(0, of: first, settings: firstSettings)
                : store.frame(index, of: name, settings: settings)
            let content = frame.networkSpace()
            if let kept, kept.image.width == frame.width, kept.image.height == frame.height {
                optimizer.adopt(kept.image, for: content)
                painted.append(kept.image)
                if index > 0 {
                    seconds += kept.facts["seconds"] ?? 0
                    iterations += kept.facts["iterations"] ?? 0
                }
                continue
            }
            let began = clock.now
            let result = try optimizer.next(content, references: references[index])
            let took = Double((clock.now - began) / .seconds(1))
            let count = Double(optimizer.lastFrame?.iterations ?? 0)
            terms = optimizer.lastFrame?.terms ?? terms
            painted.append(result)
            let facts = ["seconds": took, "iterations": count]
            if index == 0 {
                try store.keep(result, as: 0, of: first, settings: firstSettings, facts: facts)
            } else {
                seconds += took
                iterations += count
                try store.keep(result, as: index, of: name, settings: settings, facts: facts)
            }
        }
        let later = Double(max(1, painted.count - 1))
        let picture = try painted.last.map { try store.write($0.shown, of: name) }
        return JobResult(
            [
                Measure.temporalError: try footage.temporalError(of: painted),
                Measure.seconds: seconds / later, Measure.iterations: iterations / later,
                Measure.content: terms.content, Measure.style: terms.style,
            ],
            notes: footage.notes, pictures: picture.map { [$0] } ?? [])
    }

    private func optimization(_ variant: OfflineVariant) -> OptimizationSettings {
        var settings = input.optimizationSettings
        if variant.start == .random { settings.nextIterations = settings.firstIterations }
        variant.apply(to: &settings)
        return settings
    }
}
