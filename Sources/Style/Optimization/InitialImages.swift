import Flow
import Imaging
import NeuralNet
import Support

/// Computes the initial images of optimisations (paper 4.1). Not thread-safe.
package final class InitialImages {
    /// Standard deviation in values of 0...255, around the mean colour, as in the authors' program. It mainly makes
    /// seeds differ: between 0.001 and 10 the loss after a few hundred iterations hardly changes.
    package static let noiseDeviation: Float = 1

    private let settings: OptimizationSettings
    /// For starts from `network`; nil if no start needs it.
    private let models: StyleModels?
    private var networks: StyleNetworks?

    /// - Throws: ``ModelLookupError`` or `ModelError` if a start needs a feed-forward network that cannot be loaded.
    package init(settings: OptimizationSettings, library: ModelLibrary, model: String) throws {
        self.settings = settings
        let starts = settings.passes > 1 ? [settings.firstStart] : [settings.firstStart, settings.nextStart]
        models = starts.contains(.network) ? try StyleModels(model: model, library: library) : nil
    }

    /// - Parameters:
    ///   - number: frame number, counted from 0 in the whole clip.
    ///   - previous: the previous result; nil: none.
    ///   - motion: flow to the frame of that result.
    package func image(
        _ start: OptimizationSettings.Start, for frame: Image, number: Int, previous: Image? = nil,
        motion: NeighborMotion? = nil
    ) throws -> Image {
        switch (start, previous) {
        case (.content, _), (.previous, nil), (.previousWarped, nil): return frame
        case (.previous, let previous?): return previous
        case (.previousWarped, let previous?):
            guard let motion else { return previous }
            return previous.warped(by: motion.flow, interpolation: .bicubic, threads: settings.threads)
        case (.random, _):
            return .noise(
                width: frame.width, height: frame.height, deviation: Self.noiseDeviation, seed: seed(number),
                threads: settings.threads)
        case (.network, _): return try styled(frame, number: number, previous: previous, motion: motion)
        }
    }

    /// The feed-forward network's output, with the previous result as prior if there is one.
    private func styled(_ frame: Image, number: Int, previous: Image?, motion: NeighborMotion?) throws -> Image {
        guard let models else { return frame }
        let size = FrameSize(width: frame.width, height: frame.height)
        let networks =
            try self.networks.flatMap { $0.frame == size ? $0 : nil }
            ?? StyleNetworks(
                models: models, frame: size, request: StyleRequest(model: models.name, threads: settings.threads))
        self.networks = networks
        guard let previous, let motion else { return try networks.run(frame: frame, prior: nil, coherence: 0) }
        let prior = Prior(
            warping: previous, by: motion.flow, certainty: motion.certainty, fill: models.fill, seed: seed(number),
            threads: settings.threads)
        return try networks.run(frame: frame, prior: prior, coherence: 0)
    }

    private func seed(_ number: Int) -> UInt64 {
        var mixed = SplitMix(seed: settings.seed)
        return mixed.next() &+ UInt64(truncatingIfNeeded: number) &* 0x9E6C_63D0_876A_3F6B
    }
}
