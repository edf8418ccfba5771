import Imaging
import NeuralNet

/// The energy of a frame (equations 3, 9, 11), for pictures of one size.
final class FrameEnergy {
    private let settings: OptimizationSettings

    init(
        settings: OptimizationSettings, network: LossNetworkWeights, styles: [StylePicture], width: Int, height: Int
    ) throws {
        self.settings = settings
        throw ModelError("the perceptual loss is not there yet")
    }

    /// What the picture is to show, and to stay close to.
    func aim(at frame: Image, targets: [TemporalTarget]) {}

    /// The energy of a picture's samples, and its gradient.
    func evaluate(_ point: [Float], _ gradient: inout [Float]) -> EnergyTerms { EnergyTerms() }
}

extension FrameOptimizer {
    func makeMinimizer() -> any Minimizer { fatalError() }
}
