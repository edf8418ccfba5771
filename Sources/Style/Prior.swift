import Flow
import Imaging

/// Fill of the uncertain pixels of the prior (paper 8.3).
public enum PriorFill: String, CaseIterable, Sendable {
    /// The mean colour: zero in network space.
    case mean
    /// Uniform noise in 0...255.
    case noise
}

/// The previous stylized frame warped to the current one, and its per-pixel weight.
public struct Prior: Sendable {
    /// In network space, with uncertain pixels filled: an input of the network.
    public package(set) var image: Image
    /// Per-pixel weight from the occlusion check (paper: c), 0...1.
    public package(set) var certainty: Plane<Float>

    /// - Precondition: image and certainty have one size.
    public init(image: Image, certainty: Plane<Float>) {
        precondition(
            image.width == certainty.width && image.height == certainty.height, "a prior's planes have one size")
        self.image = image
        self.certainty = certainty
    }

    /// Warps the previous output and fills uncertain pixels.
    ///
    /// - Parameters:
    ///   - last: output for the previous frame, in network space, at the network's resolution.
    ///   - lastCertainty: where `last` is an output, at any resolution, 0...1; elsewhere it is filled, and so is the
    ///     prior made from it. Nil: everywhere.
    ///   - flow: from this frame to the previous one, at any resolution.
    ///   - certainty: of `flow`, 0...1, at any resolution.
    ///   - seed: of the noise. The same for all frames of a video: static noise does not make them flicker.
    public init(
        warping last: Image, lastCertainty: Plane<Float>? = nil, by flow: FlowField, certainty: Plane<Float>,
        interpolation: Interpolation = .bicubic, fill: PriorFill = .mean, seed: UInt64 = 0, threads: Int = 0
    ) {
        var history = PriorHistory(span: 1)
        self = history.prior(
            after: last, lastCertainty: lastCertainty, by: flow, certainty: certainty, interpolation: interpolation,
            fill: fill, seed: seed, threads: threads)
    }

    /// Fills the uncertain pixels of a warped image.
    ///
    /// - Parameter motion: of the image's size.
    init(
        warped image: consuming Image, by motion: Motion, lastCertainty: Plane<Float>?, fill: PriorFill, seed: UInt64,
        threads: Int
    ) {
        self.init(image: image, certainty: motion.certainty)
        self.image.fill(where: motion.certainty, noise: fill == .noise ? seed : nil, threads: threads)
        if let lastCertainty { restrict(to: lastCertainty, warpedBy: motion.flow) }
    }

    /// Sets the certainty to 0 where the warped image was itself uncertain, since it holds only fill there.
    private mutating func restrict(to lastCertainty: Plane<Float>, warpedBy flow: FlowField) {
        var last = Image(
            width: lastCertainty.width, height: lastCertainty.height, channels: 1, samples: lastCertainty.values)
        last.batchSize = batchSize
        let warped = last.resized(width: image.width, height: image.height, by: .linear)
            .warped(by: flow, interpolation: .bilinear)
        for index in certainty.values.indices where warped.samples[index] < 0.999 { certainty.values[index] = 0 }
    }

    /// Number of images stacked in the image and in the certainty.
    package var batchSize: Int {
        get { image.batchSize }
        set { (image.batchSize, certainty.batchSize) = (newValue, newValue) }
    }

    /// A prior with certainty 0 everywhere, for the first frame and after a cut.
    public static func empty(
        width: Int, height: Int, fill: PriorFill, batchSize: Int = 1, seed: UInt64 = 0, threads: Int = 0
    ) -> Prior {
        let certainty = Plane<Float>(width: width, height: height, repeating: 0).withBatchSize(batchSize)
        var image = Image(width: width, height: height)
        image.batchSize = batchSize
        if fill == .noise { image.fill(where: certainty, noise: seed, threads: threads) }
        return Prior(image: image, certainty: certainty)
    }

    /// Whether at least three quarters of the pixels are certain.
    var isMostlyCertain: Bool {
        let certain = certainty.values.reduce(0) { $0 + ($1 >= 0.99 ? 1 : 0) }
        return 4 * certain >= 3 * certainty.values.count
    }

    /// The prior at another resolution.
    func resized(width: Int, height: Int, threads: Int) -> Prior {
        if width == image.width && height == image.height { return self }
        return Prior(
            image: image.resized(width: width, height: height, threads: threads),
            certainty: certainty.minimumResized(width: width, height: height, threads: threads))
    }
}
