import Imaging
import NeuralNet

/// Makes the optimizer for frames of the size at hand, and keeps it for those that follow. For one thread at a time.
final class FrameOptimizers {
    private let settings: OptimizationSettings
    private let network: LossNetworkWeights
    private let styles: [StylePicture]
    private var current: FrameOptimizer?

    /// - Parameter styles: at least one, if style has a weight.
    /// - Throws: ``OptimizationError`` if settings or styles cannot be used.
    init(settings: OptimizationSettings, network: LossNetworkWeights, styles: [StylePicture]) throws {
        try settings.validate(with: network.kind)
        try settings.validate(styles)
        self.settings = settings
        self.network = network
        self.styles = styles
    }

    /// - Throws: ``OptimizationError`` for the style pictures, `ModelError` if the loss network has no place for frames of this size.
    func optimizer(for frame: Image) throws -> FrameOptimizer {
        if let current, current.width == frame.width, current.height == frame.height { return current }
        // The old one's memory goes before the new one's comes.
        current = nil
        let planned = try FrameOptimizer(
            settings: settings, network: network, styles: styles, width: frame.width, height: frame.height)
        current = planned
        return planned
    }
}
