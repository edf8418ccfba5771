import Imaging

/// What the network sees of a prior: the prior itself, with the style's texture where it is uncertain if the model asks for
/// that, or a missing prior.
struct PriorInput {
    private let width: Int
    private let height: Int
    private let threads: Int
    /// Whether uncertain pixels are filled with a texture.
    private let takesTexture: Bool
    private var texture: StyleTexture?
    /// A missing prior, as in training: three planes of zeros or noise, and a certainty of 0. No planes for a network that
    /// takes no prior.
    private let empty: [Float]
    /// The same with the texture, for each offset that was asked for.
    private var textured: [TextureOffset: [Float]] = [:]
    private var filled: [Float] = []

    init(_ description: ModelDescription, width: Int, height: Int, threads: Int) {
        (self.width, self.height, self.threads) = (width, height, threads)
        takesTexture = description.kind == .video && description.fill == .texture
        guard description.kind == .video else {
            empty = []
            return
        }
        let certainty = Plane<Float>(width: width, height: height, repeating: 0)
        var image = Image(width: width, height: height)
        if description.fill == .noise { image.fill(where: certainty, noise: 0, threads: threads) }
        empty = image.samples + certainty.values
    }

    /// Number of planes of the network's size, for the memory's cost.
    static func planes(of description: ModelDescription) -> Int { description.fill == .texture ? 7 : 4 }

    /// Sets the texture of a style; nil: the network has none.
    mutating func fill(with texture: StyleTexture?) {
        guard let texture, texture != self.texture else { return }
        self.texture = texture
        textured = [:]
    }

    /// Sets the texture of images without an offset, if the network takes one.
    ///
    /// - Parameter texture: in network space.
    /// - Precondition: it has the network's size.
    mutating func fill(with texture: Image) {
        precondition(texture.samples.count == 3 * width * height, "the texture has another size than the network")
        guard takesTexture else { return }
        self.texture = nil
        textured = [TextureOffset(): texture.samples + empty[texture.samples.count...]]
    }

    /// A missing prior: three planes and a certainty of 0; none for a network that takes no prior.
    mutating func missing(_ offset: TextureOffset) -> [Float] {
        guard takesTexture else { return empty }
        if let known = textured[offset] { return known }
        guard let texture else { return textured[TextureOffset()] ?? empty }
        let image = texture.image(width: width, height: height, offset: offset, threads: threads)
        let planes = image.samples + empty[image.samples.count...]
        textured[offset] = planes
        return planes
    }

    /// The planes of a batch of priors, with one of them filled.
    ///
    /// - Parameters:
    ///   - index: of the image to fill, in a batch of `count`.
    ///   - offset: of its texture.
    mutating func planes(
        of prior: Image, _ certainty: Plane<Float>, index: Int, of count: Int, offset: TextureOffset
    ) -> [Float] {
        guard takesTexture else { return prior.samples }
        let missing = missing(offset)
        if filled.count != prior.samples.count { filled = [Float](repeating: 0, count: prior.samples.count) }
        let (pixels, width) = (width * height, width)
        filled.withUnsafeMutableBufferPointer { filled in
            prior.samples.withUnsafeBufferPointer { prior in
                certainty.values.withUnsafeBufferPointer { certainty in
                    missing.withUnsafeBufferPointer { texture in
                        nonisolated(unsafe) let filled = filled
                        parallel(height, threads: threads) { row in
                            let first = index * pixels + row * width
                            for channel in 0..<3 {
                                let plane = channel * count * pixels + first
                                let place = channel * pixels + row * width
                                for x in 0..<width {
                                    let certain = certainty[first + x]
                                    // Where nothing is certain, the prior may hold anything.
                                    let known = certain > 0 ? prior[plane + x] : 0
                                    filled[plane + x] = known + (1 - certain) * texture[place + x]
                                }
                            }
                        }
                    }
                }
            }
        }
        return filled
    }
}
