import Imaging
import NeuralNet
import Style

/// A pan painted by one pass and by several, with as many iterations for each frame.
package struct PanOptimization {
    /// Each frame after a single pass, and after the last one of several; in network space.
    package let single: [Image]
    package let several: [Image]

    /// - Parameter settings: with the number of passes, and of iterations in each.
    /// - Throws: errors of the optimisation.
    package init(
        _ pan: MovingWindow, settings: OptimizationSettings, network: LossNetworkWeights, style: StyleImage
    ) throws {
        var settings = settings
        settings.tolerance = 0
        settings.temporalFromPass = settings.passes / 2 + 1
        let passes = try MultiPassOptimizer(settings: settings, network: network, styles: [style])
        let store = MemoryShotStore(frames: pan.frames, motions: pan.motions)
        try passes.run(store)
        several = try pan.frames.indices.map { try store.result(of: $0, pass: passes.settings.passes) }

        settings.firstIterations = settings.passes * settings.passIterations
        settings.nextIterations = settings.firstIterations
        settings.passes = 1
        let once = try ClipOptimizer(settings: settings, network: network, styles: [style])
        single = try zip(pan.frames, pan.motions).map { frame, motion in
            try once.next(
                frame,
                references: motion[.earlier].map {
                    [Reference(distance: 1, flow: $0.flow, certainty: $0.certainty)]
                } ?? [])
        }
    }

    /// The results that are compared: the first frame, which is painted by itself, and the last one by both methods.
    package var compared: [Image] { [single.first, single.last, several.last].compactMap(\.self) }
}
