import Imaging
import ModelFiles

/// The place in a style's texture, in pixels of the network's resolution, that an image's first pixel has; each 0 or more.
public struct TextureOffset: Sendable, Hashable {
    public var x: Int
    public var y: Int

    public init(x: Int = 0, y: Int = 0) { (self.x, self.y) = (x, y) }
}

/// A texture in the style of a painting. The network sees it in place of the prior wherever there is none, as the paper
/// proposes noise there (8.3): the long lines and large shapes of a painting cannot be made from a pixel's surroundings.
///
/// It has half the network's resolution.
public struct StyleTexture: Sendable, Equatable {
    /// Size in pixels: half of what it covers at the network's resolution without repetition.
    public let width: Int
    public let height: Int
    /// Red, green and blue of each pixel, row by row.
    package let pixels: [UInt8]
    /// The longest side of a texture in a file.
    static let maximumSide = 4096

    /// - Parameter pixels: red, green and blue of each pixel, row by row.
    /// - Precondition: there are `3 * width * height` bytes, and some.
    package init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(width > 0 && height > 0 && pixels.count == 3 * width * height, "a texture has pixels")
        (self.width, self.height, self.pixels) = (width, height, pixels)
    }

    /// - Parameter image: in network space, at half the network's resolution.
    package init(_ image: Image) {
        let picture = image.pictureSpace()
        let (samples, count) = (picture.samples, picture.pixelCount)
        self.init(
            width: image.width, height: image.height,
            pixels: (0..<3 * count).map { index in
                UInt8(max(0, min(samples[index % 3 * count + index / 3], 255)).rounded())
            })
    }

    /// - Parameter image: in network space, at the network's resolution.
    package init(halving image: Image) {
        self.init(image.resized(width: max(1, image.width / 2), height: max(1, image.height / 2)))
    }

    /// The texture at the network's resolution, in network space. It is repeated without seams, and rows of repetitions are
    /// shifted against each other.
    ///
    /// - Parameter offset: the place of the first pixel.
    package func image(
        width: Int, height: Int, offset: TextureOffset = TextureOffset(), threads: Int = 0
    ) -> Image {
        let means = [NetworkSpace.mean.blue, NetworkSpace.mean.green, NetworkSpace.mean.red]
        let (across, down) = (Repetition(of: 2 * self.width), Repetition(of: 2 * self.height))
        var image = Image(width: width, height: height)
        pixels.withUnsafeBufferPointer { pixels in
            image.forEachLine(threads: threads) { channel, y, line in
                let row = down.place(offset.y + y)
                for (index, part) in [(row.first, row.share), (row.second, 1 - row.share)] where part > 0 {
                    let (near, far) = Self.neighbours(index, of: self.height)
                    let (upper, lower) = (3 * near * self.width + 2 - channel, 3 * far * self.width + 2 - channel)
                    // The row of repetitions that the part belongs to.
                    let number = index == row.first ? row.number : row.number - 1
                    let start = offset.x + number * across.length * 5 / 13
                    func value(_ x: Int) -> Float {
                        let (near, far) = Self.neighbours(x, of: self.width)
                        let above = 3 * Float(pixels[upper + 3 * near]) + Float(pixels[upper + 3 * far])
                        let below = 3 * Float(pixels[lower + 3 * near]) + Float(pixels[lower + 3 * far])
                        return (3 * above + below) / 16 - means[channel]
                    }
                    for x in 0..<width {
                        let column = across.place(start + x)
                        var sum = value(column.first)
                        if column.share < 1 { sum += (1 - column.share) * (value(column.second) - sum) }
                        line[x] += part * sum
                    }
                }
            }
        }
        return image
    }

    /// The two pixels between which a place of twice the resolution lies; the near one has three quarters of the weight.
    private static func neighbours(_ position: Int, of count: Int) -> (near: Int, far: Int) {
        let near = position / 2
        return (near, min(max(position % 2 == 0 ? near - 1 : near + 1, 0), count - 1))
    }

    /// The repetition of a line, whose end is blended with the beginning of the next one.
    private struct Repetition {
        /// Distance from one to the next.
        let length: Int
        private let overlap: Int

        init(of count: Int) {
            overlap = min(32, count / 4)
            length = count - overlap
        }

        /// What is at a position: number of the repetition, place in it with its share, and place in the one before.
        func place(_ position: Int) -> (number: Int, first: Int, share: Float, second: Int) {
            let (number, place) = position.quotientAndRemainder(dividingBy: length)
            guard number > 0, place < overlap else { return (number, place, 1, place) }
            return (number, place, (Float(place) + 0.5) / Float(overlap), length + place)
        }
    }

    /// The weighted sum of textures.
    ///
    /// - Parameter shares: one for each texture.
    /// - Returns: nil if there are no textures.
    /// - Precondition: all have one size.
    static func mixed(_ textures: [StyleTexture], _ shares: [Float]) -> StyleTexture? {
        guard let first = textures.first else { return nil }
        let used = zip(textures, shares).filter { $1 != 0 }
        if used.count == 1, used[0].1 == 1 { return used[0].0 }
        var sums = [Float](repeating: 0, count: first.pixels.count)
        for (texture, share) in used {
            for index in sums.indices { sums[index] += share * Float(texture.pixels[index]) }
        }
        return StyleTexture(
            width: first.width, height: first.height, pixels: sums.map { UInt8(max(0, min($0, 255)).rounded()) })
    }
}

// MARK: The tensor of a model file

extension StyleTexture {
    /// The tensor's name. Its bytes have the shape [height, width, 3], or [styles, height, width, 3] in a model of several
    /// styles.
    static let tensor = "texture"

    /// Takes the textures of all styles out of a file's tensors; empty if the model's fill is another.
    ///
    /// - Throws: an error if the tensor is missing or has another shape.
    static func taken(
        from file: inout [String: SafeTensors.Tensor], of description: ModelDescription
    ) throws(ModelError) -> [StyleTexture] {
        guard description.fill == .texture else { return [] }
        guard let tensor = file.removeValue(forKey: Self.tensor) else {
            throw ModelError("tensor \"\(Self.tensor)\" is missing; the metadata \"fill\" asks for it")
        }
        let styles = description.styles.isEmpty ? [] : [description.styles.count]
        let size = tensor.shape.dropFirst(styles.count).prefix(2)
        guard tensor.storage == .uint8, tensor.shape == styles + size + [3],
            size.allSatisfy({ 1...maximumSide ~= $0 }), let height = size.first, let width = size.last
        else {
            throw ModelError(
                "tensor \"\(Self.tensor)\" has shape \(tensor.shape); \(styles + ["height", "width", 3] as [Any]) of U8 is "
                    + "asked for, of at most \(maximumSide) pixels a side")
        }
        return list(tensor, count: styles.first ?? 1, width: width, height: height)
    }

    /// The textures of a training's checkpoint; empty: it has none.
    package static func list(in file: SafeTensors) throws(ModelError) -> [StyleTexture] {
        guard let tensor = file.tensors[tensor] else { return [] }
        guard tensor.storage == .uint8, tensor.shape.count == 4, tensor.shape[3] == 3,
            tensor.shape.allSatisfy({ 1...maximumSide ~= $0 })
        else { throw ModelError("tensor \"\(Self.tensor)\" has shape \(tensor.shape); the file is damaged") }
        return list(tensor, count: tensor.shape[0], width: tensor.shape[2], height: tensor.shape[1])
    }

    private static func list(_ tensor: SafeTensors.Tensor, count: Int, width: Int, height: Int) -> [StyleTexture] {
        let length = 3 * width * height
        return (0..<count).map { style in
            StyleTexture(
                width: width, height: height,
                pixels: tensor.values[style * length..<(style + 1) * length].map { UInt8(max(0, min($0, 255))) })
        }
    }

    /// Their tensors in a training's checkpoint.
    package static func tensors(of textures: [StyleTexture]) -> [(String, SafeTensors.Tensor)] {
        textures.isEmpty ? [] : [tensor(of: textures, severalStyles: true)]
    }

    /// The tensor of the textures.
    ///
    /// - Parameter severalStyles: whether the model has a list of styles.
    /// - Precondition: there are textures, and all have one size.
    static func tensor(of textures: [StyleTexture], severalStyles: Bool) -> (name: String, tensor: SafeTensors.Tensor) {
        let shape = [textures[0].height, textures[0].width, 3]
        return (
            Self.tensor,
            SafeTensors.Tensor(
                shape: severalStyles ? [textures.count] + shape : shape,
                values: textures.flatMap { $0.pixels.map(Float.init) }, storage: .uint8)
        )
    }
}
