/// Trade-off between speed and accuracy of the flow.
///
/// The first three use the finest scale, patch size and patch spacing of OpenCV's `DISOpticalFlow` presets with the
/// same names, and are at least as accurate. They use fewer search iterations and more refinement, which is faster and
/// more accurate; `ultrafast` is refined too. `Benchmarks/flow_accuracy.py` and `Benchmarks/flow.py` compare them.
public enum FlowPreset: String, CaseIterable, Sendable {
    /// Patches every 4 pixels at a quarter of the resolution, refined with one solve per level.
    case ultrafast
    /// Patches every 4 pixels at a quarter of the resolution, refined.
    case fast
    /// Patches every 3 pixels at half the resolution, refined.
    case medium
    /// Patches every 3 pixels and refinement up to the full resolution.
    case quality
}

/// Parameters of a preset.
package struct FlowParameters: Sendable, Equatable {
    /// Number of halvings from the frame to the finest search scale.
    package var finestScale: Int
    /// Spacing of the 8 x 8 patches, in pixels.
    package var patchStep: Int
    /// Inverse search iterations per patch, over both passes.
    package var searchIterations: Int
    /// Solves with updated robust weights per level; 0: no refinement.
    package var refinementIterations: Int
    /// Number of warps of the other frame per level.
    package var refinementWarps: Int
    /// Successive over-relaxation sweeps per solve.
    package var relaxationSweeps = 5
    package var smoothness: Float = 20
    package var brightness: Float = 5
    package var gradient: Float = 10
    package var overRelaxation: Float = 1.6
    /// Whether plain areas get the motion of what is around them; see `PlainAreas`.
    package var smoothsPlainAreas: Bool

    package init(_ preset: FlowPreset) {
        switch preset {
        case .ultrafast: (finestScale, patchStep, searchIterations) = (2, 4, 8)
        case .fast: (finestScale, patchStep, searchIterations) = (2, 4, 8)
        case .medium: (finestScale, patchStep, searchIterations) = (1, 3, 12)
        case .quality: (finestScale, patchStep, searchIterations) = (0, 3, 12)
        }
        // It would take longer than the rest of `ultrafast`.
        smoothsPlainAreas = preset != .ultrafast
        switch preset {
        case .ultrafast: (refinementIterations, refinementWarps) = (1, 1)
        case .fast, .medium: (refinementIterations, refinementWarps) = (5, 2)
        case .quality: (refinementIterations, refinementWarps) = (5, 4)
        }
    }
}
