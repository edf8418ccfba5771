import Evaluation
import Flow
import Imaging
import MediaIO
import NeuralNet
import Style
import Support

/// A way to run the feed-forward network over a scene (paper, section 5).
struct NetworkVariant {
    /// As part of a job's name, such as `coherent`.
    let name: String
    /// Whether each frame is painted on its own.
    var isPerFrame = false
    /// As by `stylize --quality`; nil: the best one, and the network works at the size of the frames.
    var preset: PaintingPreset?
    /// Added to the gate's logit.
    var coherence: Float = 0
    /// Where flow comes from; estimated: by the preset.
    var flow = FlowSource.estimated

    /// Each frame on its own.
    static let perFrame = NetworkVariant(name: "per-frame", isPerFrame: true)
    /// With the warped previous output.
    static let coherent = NetworkVariant(name: "coherent")
    /// As `stylize --quality live`.
    static let live = NetworkVariant(name: "live", preset: .live)
    /// As `stylize --quality balanced`.
    static let balanced = NetworkVariant(name: "balanced", preset: .balanced)
    /// The gate prefers the prior.
    static let steady = NetworkVariant(name: "steady", coherence: 2)

    /// With flow from files.
    static func withFlow(of files: FlowFiles) -> NetworkVariant {
        NetworkVariant(name: "files", flow: .files(backward: files.backward, forward: files.forward))
    }

    func settings(model: String, threads: Int) -> CoherentStylizer.Settings {
        var settings = CoherentStylizer.Settings(
            style: StyleRequest(model: model, threads: threads), preset: preset ?? .best)
        if preset == nil { settings.style.brush = 0 }
        settings.coherence = coherence
        settings.fade = 0
        // Neighbouring frames of a scene are no cuts.
        settings.sceneCut = 0
        return settings
    }
}

/// Runs a network over the frames of a scene and measures them.
struct NetworkRun {
    let input: ReproductionInput
    let cache: FootageCache
    /// Of the results, as for ``Job``.
    private static let version = 2

    func jobName(_ variant: NetworkVariant, scene: String, style: TableStyle) -> String {
        "network/\(style.name)/\(scene)/\(variant.name)"
    }

    /// Nil if the style has no model.
    ///
    /// - Parameters:
    ///   - scene: index in the input's scenes.
    ///   - style: index in the input's styles.
    /// - Throws: errors of a model or of files of flow that are missing.
    func job(_ variant: NetworkVariant, scene: Int, style: Int) throws -> Job? {
        let (scene, style) = (input.scenes[scene], input.styles[style])
        guard let model = style.model else { return nil }
        let name = jobName(variant, scene: scene.name, style: style)
        var settings = input.facts(of: scene)
        settings["model"] = try input.digest(ofModel: model)
        settings["flow"] = try variant.flow.fact(scene: scene, budget: input.budget)
        settings["painting"] = "\(variant.isPerFrame ? "per frame" : "") \(variant.settings(model: "", threads: 0))"
        let cost = Double(min(scene.frames.count, input.budget.frames ?? .max))
        return Job(name, version: Self.version, settings: settings, cost: cost) { store, _ in
            try run(variant, model: model, on: cache.footage(of: scene), name: name, store: store)
        }
    }

    private func run(
        _ variant: NetworkVariant, model: String, on footage: Footage, name: String, store: JobStore
    ) throws -> JobResult {
        let stylizer = try CoherentStylizer(
            variant.settings(model: model, threads: input.threads), library: input.library)
        let flow = variant.flow == .estimated ? nil : try variant.flow.pairs(of: footage)
        // A frame that is held is written later, so all stay where they are until the end.
        let frames = footage.frames.map(FrameMemory.init)
        var seconds = 0.0
        let clock = ContinuousClock()
        for (index, frame) in frames.enumerated() {
            let began = clock.now
            try stylizer.stylize(
                frame.pixels, time: Double(index) / 24, isDiscontinuous: variant.isPerFrame || index == 0,
                knownFlow: index > 0 ? flow?[index - 1] : nil)
            if index > 0 { seconds += Double((clock.now - began) / .seconds(1)) }
        }
        stylizer.finish()
        let painted = frames.map { $0.pixels.networkImage(threads: input.threads) }
        let picture = try painted.last.map { try store.write($0.shown, of: name) }
        return JobResult(
            [
                OfflineRun.Measure.temporalError: try footage.temporalError(of: painted),
                OfflineRun.Measure.seconds: seconds / Double(max(1, painted.count - 1)),
            ],
            notes: footage.notes, pictures: picture.map { [$0] } ?? [])
    }
}
