import Imaging
import ModelFiles
import NeuralNet
import TestSupport
import Testing

/// Models whose styles have textures.
@Suite struct StyleTextureTests {
    private static var description: ModelDescription {
        get throws {
            ModelDescription(
                kind: .video, architecture: try Architecture(parsing: "c3s1-5,R5,c3s1-4"), padding: .replicate,
                isGated: true, fill: .texture)
        }
    }

    private func texture(seed: UInt64, width: Int = 9, height: Int = 7) -> StyleTexture {
        StyleTexture(
            width: width, height: height,
            pixels: noise(3 * width * height, seed: seed).map { UInt8(max(0, min(128 + 60 * $0, 255))) })
    }

    private func parameters() throws -> NetworkParameters {
        try NetworkParameters(random: Self.description, seed: 3)
    }

    /// A file of two styles, with equal norms.
    private func twoStyles() throws -> [UInt8] {
        var description = try Self.description
        description.styles = ["a", "b"]
        let one = try parameters()
        let norms = NormRanges(one).values(in: one.values)
        return try NetworkParameters(description: description, values: one.values)
            .encoded(norms: [norms, norms], textures: [texture(seed: 1), texture(seed: 2)])
    }

    private func image(seed: UInt64, width: Int = 19, height: Int = 13) -> Image {
        Image(
            width: width, height: height, samples: noise(3 * width * height, seed: seed).map { Float($0) * 60 })
    }

    private func certainty(width: Int = 19, height: Int = 13) -> Plane<Float> {
        Plane(
            width: width, height: height,
            values: (0..<width * height).map { [0, 0.25, 1][($0 / 3) % 3] })
    }

    // MARK: Files

    @Test func texturesAreKeptInFiles() throws {
        let one = try parameters().model(texture: texture(seed: 1))
        #expect(one.texture == texture(seed: 1) && one.description.fill == .texture)
        let two = try Model(bytes: twoStyles())
        #expect(two.texture == texture(seed: 1), "the first style is the default")
        #expect(try two.selecting("b").texture == texture(seed: 2))
        let mixed = try #require(two.mixing([0.25, 0.75]).texture)
        for index in mixed.pixels.indices {
            let wanted = 0.25 * Float(texture(seed: 1).pixels[index]) + 0.75 * Float(texture(seed: 2).pixels[index])
            #expect(abs(Float(mixed.pixels[index]) - wanted) <= 0.5)
        }
    }

    @Test(arguments: ["missing", "floats", "shape", "channels", "image", "unknown"])
    func invalidFiles(problem: String) throws {
        let file = try SafeTensors(bytes: twoStyles())
        var tensors = file.tensors
        var metadata = file.metadata
        metadata["checksum"] = nil
        let bytes = try #require(tensors["texture"])
        switch problem {
        case "missing": tensors["texture"] = nil
        case "floats": tensors["texture"] = SafeTensors.Tensor(shape: bytes.shape, values: bytes.values)
        case "shape":
            tensors["texture"] = SafeTensors.Tensor(
                shape: [1, 14, 9, 3], values: bytes.values, storage: .uint8)
        case "channels":
            tensors["texture"] = SafeTensors.Tensor(shape: [2, 7, 27, 1], values: bytes.values, storage: .uint8)
        case "image": metadata["pentimento.kind"] = "image"
        default: metadata["fill"] = "velvet"
        }
        let named = tensors.sorted { $0.value.storage == .float32 && $1.value.storage == .uint8 || $0.key < $1.key }
        let encoded = SafeTensors.encode(named.map { (name: $0.key, tensor: $0.value) }, metadata: metadata)
        #expect(throws: ModelError.self) { try Model(bytes: encoded) }
    }

    // MARK: What the network sees

    /// Twice as large, linearly: between pixels, three quarters of the near one.
    @Test func texturesAreDoubled() {
        let texture = StyleTexture(width: 2, height: 1, pixels: [0, 0, 200, 80, 0, 40])
        let image = texture.image(width: 3, height: 2).pictureSpace()
        let red = image.samples[..<6]
        for (value, wanted) in zip(red, [0, 20, 60, 0, 20, 60] as [Float]) { #expect(abs(value - wanted) < 1e-3) }
        let blue = image.samples[12...]
        for (value, wanted) in zip(blue, [200, 160, 80] as [Float]) { #expect(abs(value - wanted) < 1e-3) }
    }

    @Test func halvingAndDoublingKeepsSmoothImages() {
        let smooth = Image(width: 40, height: 30) { samples in
            for index in 0..<3600 { samples[index] = Float(index % 40) * 1.5 + Float(index / 40 % 30) - 60 }
        }
        let again = StyleTexture(halving: smooth).image(width: 40, height: 30)
        // Beyond this it is repeated.
        for y in 2..<22 {
            for x in 2..<29 {
                #expect(abs(again.samples[y * 40 + x] - smooth.samples[y * 40 + x]) < 1)
            }
        }
    }

    /// A part of a larger image is the image with an offset, and repetitions have no seams.
    @Test func texturesRepeatWithoutSeams() {
        let smooth = Image(width: 96, height: 80) { samples in
            for index in 0..<96 * 80 * 3 { samples[index] = Float(index % 96) - Float(index / 96 % 80) }
        }
        let texture = StyleTexture(halving: smooth)
        let image = texture.image(width: 300, height: 260)
        #expect(
            texture.image(width: 50, height: 40, offset: TextureOffset(x: 210, y: 170)).samples[..<50].elementsEqual(
                image.samples[(170 * 300 + 210)..<(170 * 300 + 260)]))
        // The ramp of 96 falls back within an overlap of 24 pixels.
        for y in 1..<260 {
            for x in 1..<300 {
                let here = image.samples[y * 300 + x]
                #expect(
                    abs(here - image.samples[y * 300 + x - 1]) < 12 && abs(here - image.samples[y * 300 - 300 + x]) < 12
                )
            }
        }
    }

    @Test func aMissingPriorIsTheTexture() throws {
        let model = try parameters().model(texture: texture(seed: 1))
        let network = try Network(model: model, width: 19, height: 13)
        let nothing = Plane<Float>(width: 19, height: 13, repeating: 0)
        let frame = image(seed: 4)
        let alone = try network.run(frame: frame)
        #expect(try network.run(frame: frame, prior: image(seed: 9), certainty: nothing) == alone)
        let other = try Network(model: parameters().model(texture: texture(seed: 2)), width: 19, height: 13)
        #expect(try other.run(frame: frame) != alone)
    }

    /// Filling the prior beforehand, for a model of noise, gives the same picture.
    @Test func uncertainPixelsHoldTheTexture() throws {
        let texture = texture(seed: 1)
        let (frame, certainty) = (image(seed: 4), certainty())
        var prior = image(seed: 5)
        for index in prior.samples.indices { prior.samples[index] *= certainty.values[index % (19 * 13)] }
        let output = try Network(model: parameters().model(texture: texture), width: 19, height: 13)
            .run(frame: frame, prior: prior, certainty: certainty, coherence: 0.5)

        var plain = try Self.description
        plain.fill = .noise
        let same = try Network(
            model: NetworkParameters(description: plain, values: parameters().values).model(), width: 19, height: 13)
        let fill = texture.image(width: 19, height: 13)
        var filled = prior
        for index in filled.samples.indices {
            filled.samples[index] += (1 - certainty.values[index % (19 * 13)]) * fill.samples[index]
        }
        #expect(try same.run(frame: frame, prior: filled, certainty: certainty, coherence: 0.5) == output)
    }

    @Test func everyImageOfABatchIsFilled() throws {
        let network = try Network(model: parameters().model(texture: texture(seed: 1)), width: 19, height: 13)
        let priors = [image(seed: 5), image(seed: 6)]
        let batch = Image(width: 19, height: 26) { samples in
            for channel in 0..<3 {
                for (index, prior) in priors.enumerated() {
                    for pixel in 0..<247 {
                        samples[channel * 494 + index * 247 + pixel] = prior.samples[channel * 247 + pixel]
                    }
                }
            }
        }
        let one = certainty()
        let certainties = Plane<Float>(width: 19, height: 26, values: one.values + one.values.reversed())
        var output = Image(width: 19, height: 26)
        for index in 0..<2 {
            try network.run(
                index: index, image(seed: 4), prior: batch, certainty: certainties, into: &output)
        }
        for (index, values) in [one.values, one.values.reversed()].enumerated() {
            let alone = try network.run(
                frame: image(seed: 4), prior: priors[index],
                certainty: Plane<Float>(width: 19, height: 13, values: Array(values)))
            for channel in 0..<3 {
                let rows = output.samples[(channel * 494 + index * 247)..<(channel * 494 + index * 247 + 247)]
                #expect(rows.elementsEqual(alone.samples[(channel * 247)..<(channel * 247 + 247)]))
            }
        }
    }

    /// Each image of a batch may show another part of the texture.
    @Test func anOffsetMovesTheTexture() throws {
        let texture = texture(seed: 1)
        let network = try Network(model: parameters().model(texture: texture), width: 19, height: 13)
        let (frame, offset) = (image(seed: 4), TextureOffset(x: 5, y: 3))
        var output = Image(width: 19, height: 13)
        try network.run(index: 0, frame, textureOffset: offset, into: &output)
        let part = texture.image(width: 19, height: 13, offset: offset)
        let nothing = Plane<Float>(width: 19, height: 13, repeating: 0)
        var plain = try Self.description
        plain.fill = .noise
        let same = try Network(
            model: NetworkParameters(description: plain, values: parameters().values).model(), width: 19, height: 13)
        #expect(try same.run(frame: frame, prior: part, certainty: nothing) == output)
        #expect(try network.run(frame: frame) != output)
    }

    @Test func aPlannedNetworkChangesItsTexture() throws {
        let model = try Model(bytes: twoStyles())
        let network = try Network(model: model, width: 19, height: 13)
        let frame = image(seed: 4)
        let first = try network.run(frame: frame)
        for shares: [Float] in [[0, 1], [0.5, 0.5], [1, 0]] {
            network.setNorms(of: model.mixing(shares))
            let fresh = try Network(model: model.mixing(shares), width: 19, height: 13)
            #expect(try network.run(frame: frame) == fresh.run(frame: frame))
        }
        #expect(try network.run(frame: frame) == first)
    }
}
