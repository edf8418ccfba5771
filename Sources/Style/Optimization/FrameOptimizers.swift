import Imaging
import NeuralNet

/// Creates the frame optimiser for the current frame size and reuses it while the size stays the same. Not thread-safe.
final class FrameOptimizers {
    private let settings: OptimizationSettings
    private let network: LossNetworkWeights
    private let styles: [StyleImage]
    private var current: FrameOptimizer?

    /// - Parameter styles: at least one if the style weight is above 0.
    /// - Throws: ``OptimizationError`` if settings or styles are invalid.
    init(settings: OptimizationSettings, network: LossNetworkWeights, styles: [StyleImage]) throws {
        try settings.validate(with: network.kind)
        try settings.validate(styles)
        self.settings = settings
        self.network = network
        self.styles = styles
    }

    /// - Throws: ``OptimizationError`` for the style images, `ModelError` if the loss network cannot be planned for
    ///   this size.
    func optimizer(for frame: Image) throws -> FrameOptimizer {
        if let current, current.width == frame.width, current.height == frame.height { return current }
        // Free the old one's memory before a new one allocates.
        current = nil
        let planned = try FrameOptimizer(
            settings: settings, network: network, styles: styles, width: frame.width, height: frame.height)
        current = planned
        return planned
    }
}
