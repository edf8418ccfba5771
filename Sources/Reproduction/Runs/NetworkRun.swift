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
    /// Preset of the flow estimator.
    var flow = FlowPreset.medium
    /// 2: the network paints every second frame.
    var every = 1
    /// Added to the gate's logit.
    var coherence: Float = 0

    /// Each frame on its own.
    static let perFrame = NetworkVariant(name: "per-frame", isPerFrame: true)
    /// With the warped previous output, as `stylize --quality best` does.
    static let coherent = NetworkVariant(name: "coherent")
    /// With fast flow.
    static let fast = NetworkVariant(name: "fast", flow: .fast)
    /// Every second frame is painted.
    static let everySecond = NetworkVariant(name: "every-second", every: 2)
    /// The gate prefers the prior.
    static let steady = NetworkVariant(name: "steady", coherence: 2)
}

/// Runs a network over the frames of a scene and measures them.
struct NetworkRun {
    let input: ReproductionInput
    let cache: FootageCache

    func jobName(_ variant: NetworkVariant, scene: String, style: TableStyle) -> String {
        "network/\(style.name)/\(scene)/\(variant.name)"
    }

    /// Nil if the style has no model.
    ///
    /// - Parameters:
    ///   - scene: index in the input's scenes.
    ///   - style: index in the input's styles.
    func job(_ variant: NetworkVariant, scene: Int, style: Int) -> Job? {
        let (scene, style) = (input.scenes[scene], input.styles[style])
        guard let model = style.model else { return nil }
        let name = jobName(variant, scene: scene.name, style: style)
        var settings = input.budget.facts
        settings["scene"] = scene.identity
        settings["model"] = model
        settings["variant"] = "\(variant)"
        return Job(name, settings: settings, cost: Double(min(scene.frames.count, input.budget.frames ?? .max))) {
            try run(variant, model: model, on: cache.footage(of: scene), name: name, store: $0)
        }
    }

    private func run(
        _ variant: NetworkVariant, model: String, on footage: Footage, name: String, store: JobStore
    ) throws -> JobResult {
        var settings = CoherentStylizer.Settings(
            style: StyleRequest(model: model, brush: 0, threads: input.threads))
        settings.flow = variant.flow
        settings.every = variant.every
        settings.coherence = variant.coherence
        settings.fade = 0
        // Neighbouring frames of a scene are no cuts.
        settings.sceneCut = 0
        let stylizer = try CoherentStylizer(settings, library: input.library)
        var (painted, seconds): ([Image], Double) = ([], 0)
        let clock = ContinuousClock()
        for (index, frame) in footage.frames.enumerated() {
            var bytes = frame.packedRGB()
            try bytes.withUnsafeMutableBytes { memory in
                guard let base = memory.baseAddress else { return }
                let pixels = PackedPixels(
                    base: base, stride: memory.count / frame.height, width: frame.width, height: frame.height,
                    layout: .rgb)
                let began = clock.now
                try stylizer.stylize(
                    pixels, time: Double(index) / 24, isDiscontinuous: variant.isPerFrame || index == 0)
                if index > 0 { seconds += Double((clock.now - began) / .seconds(1)) }
                painted.append(pixels.networkImage(threads: input.threads))
            }
        }
        let picture = try painted.last.map { try store.write($0.shown, of: name) }
        return JobResult(
            [
                OfflineRun.Measure.temporalError: try footage.temporalError(of: painted),
                OfflineRun.Measure.seconds: seconds / Double(max(1, painted.count - 1)),
            ],
            notes: footage.notes, pictures: picture.map { [$0] } ?? [])
    }
}
