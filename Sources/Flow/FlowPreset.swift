/// How much work goes into a flow estimate.
///
/// The first three search where OpenCV's `DISOpticalFlow` presets of the same names do (finest scale, patches and their
/// spacing) and are at least as accurate. They search less and refine more, which costs less and finds more:
/// `ultrafast` is refined a little too. `Benchmarks/flow_accuracy.py` and `Benchmarks/flow.py` compare them.
public enum FlowPreset: String, CaseIterable, Sendable {
    /// Patches every 4 pixels at a quarter of the resolution, one solution of the refinement.
    case ultrafast
    /// Patches every 4 pixels at a quarter of the resolution, refined.
    case fast
    /// Patches every 3 pixels at half the resolution, refined.
    case medium
    /// Patches every 3 pixels and refinement up to the full resolution.
    case quality
}

/// What the presets stand for.
package struct FlowParameters: Sendable, Equatable {
    /// Halvings from the frame to the finest scale that is searched.
    package var finestScale: Int
    /// Pixels between patches, which are 8 x 8.
    package var patchStep: Int
    /// Steps of inverse search for each patch, over both passes.
    package var searchIterations: Int
    /// Solutions of the refinement with renewed robust weights, a level; 0: no refinement.
    package var refinementIterations: Int
    /// Times that the other frame is warped anew, a level.
    package var refinementWarps: Int
    /// Sweeps of over-relaxation a solution.
    package var relaxationSweeps = 5
    package var smoothness: Float = 20
    package var brightness: Float = 5
    package var gradient: Float = 10
    package var overRelaxation: Float = 1.6

    package init(_ preset: FlowPreset) {
        switch preset {
        case .ultrafast: (finestScale, patchStep, searchIterations) = (2, 4, 8)
        case .fast: (finestScale, patchStep, searchIterations) = (2, 4, 8)
        case .medium: (finestScale, patchStep, searchIterations) = (1, 3, 12)
        case .quality: (finestScale, patchStep, searchIterations) = (0, 3, 12)
        }
        switch preset {
        case .ultrafast: (refinementIterations, refinementWarps) = (1, 1)
        case .fast, .medium: (refinementIterations, refinementWarps) = (5, 2)
        case .quality: (refinementIterations, refinementWarps) = (5, 4)
        }
    }
}
