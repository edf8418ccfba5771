/// The content loss of one layer (paper, equation 1): the mean of (F - P)^2 over all values, where F are the layer's
/// activations and P those of the content image.
public struct ContentLoss {
    private let target: FeatureMap
    private let threads: Int

    /// - Parameters:
    ///   - target: P; it must not be modified elsewhere.
    ///   - threads: the maximum number of threads; 0: one for each processor. Results do not depend on it.
    public init(target: FeatureMap, threads: Int = 0) {
        self.target = target
        self.threads = threads
    }

    /// Replaces P by a copy of `features`.
    func replaceTarget(by features: FeatureMap) { target.update(from: features) }

    /// The loss of the activations F.
    ///
    /// - Parameter features: F, of P's shape.
    /// - Throws: an error if an allocation fails.
    public func value(_ features: FeatureMap) throws(ModelError) -> Double {
        try features.squaredDistance(to: target, threads: threads) / count
    }

    /// Adds `weight` times the loss's gradient with respect to F: weight * 2 (F - P) / (N M), for N channels and M
    /// pixels.
    public func addGradient(_ weight: Double, at features: FeatureMap, to gradient: FeatureMap) {
        gradient.add(Float(2 * weight / count), timesDifferenceOf: features, and: target, threads: threads)
    }

    private var count: Double { Double(target.channels * target.height * target.width) }
}
