import Imaging
import NeuralNet
import Sphere
import Style
import TestSupport
import Testing

extension FaceSequence {
    /// Runs with a stand-in network that gets a face and its prior.
    func run(
        frame: Image, prior: Prior?, painting: (_ image: Image, _ prior: Prior?, _ others: Int) -> Image
    ) throws -> Image {
        try run(width: frame.width, height: frame.height, prior: prior) { face, prior, others, output in
            let rows = face.index * frame.width..<(face.index + 1) * frame.width
            let known = prior.map {
                Prior(image: $0.image.block(rows: rows), certainty: $0.certainty.block(rows: rows))
            }
            let painted = painting(frame.block(rows: rows), known, others.count)
            for channel in 0..<3 {
                let first = (channel * frame.height + rows.lowerBound) * frame.width
                output.samples.replaceSubrange(
                    first..<first + painted.pixelCount,
                    with: painted.samples[channel * painted.pixelCount..<(channel + 1) * painted.pixelCount])
            }
            return nil
        }
    }

    /// Runs with a real network.
    func run(frame: Image, prior: Prior?, network: Network, noting: (_ others: Int) -> Void = { _ in }) throws -> Image
    {
        try run(width: frame.width, height: frame.height, prior: prior) {
            (face, prior, others, output) throws(Cancelled) in
            noting(others.count)
            let rows = face.index * frame.width..<(face.index + 1) * frame.width
            try network.run(
                index: face.index, frame.block(rows: rows), prior: prior?.image, certainty: prior?.certainty,
                beside: others, textureOffset: face.textureOffset, into: &output)
            return network.statistics
        }
    }
}

@Suite struct FaceSequenceTests {
    private let geometry: CubeGeometry
    private let column: Image

    init() throws {
        geometry = try CubeGeometry(faceSize: 32, overlap: 6)
        column = SmoothSphere().column(geometry)
    }

    private func face(_ face: CubeFace, of column: Image) -> [Float] {
        let rows = geometry.rows(of: face)
        return (0..<3).flatMap { channel in
            column.samples[(channel * 264 + rows.lowerBound) * 44..<(channel * 264 + rows.upperBound) * 44]
        }
    }

    @Test func everyFaceIsStylizedOnceInOrder() throws {
        let sequence = FaceSequence(geometry: geometry, settings: .independent)
        var seen: [[Float]] = []
        let result = try sequence.run(frame: column, prior: nil) { image, _, _ in
            seen.append(image.samples)
            return image
        }
        #expect(result == column)
        #expect(seen == FaceSequence.order.map { face($0, of: column) })
        #expect(Set(FaceSequence.order) == Set(CubeFace.allCases) && FaceSequence.order.first == .front)
    }

    @Test func priorsShowTheOutputOfNeighbours() throws {
        let sequence = FaceSequence(geometry: geometry)
        sequence.settings = .independent
        sequence.settings.bordersArePrior = true
        sequence.settings.softness = 0
        var priors: [Prior?] = []
        var finished: Set<CubeFace> = []
        let result = try sequence.run(frame: column, prior: nil) { image, prior, _ in
            priors.append(prior)
            // The content differs from the frame's.
            return Image(width: 44, height: 44, samples: image.samples.map { 255 - $0 })
        }
        let borders = FaceBorders(geometry: geometry)
        for (face, prior) in zip(FaceSequence.order, priors) {
            let border = borders.prior(of: face, column: result, finished: finished, softness: 0)
            #expect((prior == nil) == (border == nil))
            if let prior, let border {
                #expect(prior.certainty == border.certainty)
                #expect(largestDifference(prior.image.samples, border.image.samples) < 1e-3)
            }
            finished.insert(face)
        }
        #expect(priors.compactMap { $0 }.count == 5)

        sequence.settings = .independent
        _ = try sequence.run(frame: column, prior: nil) { image, prior, others in
            #expect(prior == nil && others == 0)
            return image
        }
    }

    /// Paper 6.3: the border covers the warped previous face.
    @Test func bordersCoverTheWarpedLastFrame() throws {
        let last = Prior(
            image: Image(width: 44, height: 264, repeating: 40),
            certainty: Plane(width: 44, height: 264, repeating: 0.5))
        let sequence = FaceSequence(geometry: geometry)
        sequence.settings.bordersArePrior = true
        var number = 0
        _ = try sequence.run(frame: column, prior: last) { image, prior, _ in
            guard let prior else {
                Issue.record("a face without a prior")
                return image
            }
            if number == 0 {
                #expect(prior.image.samples.allSatisfy { $0 == 40 } && prior.certainty.values.allSatisfy { $0 == 0.5 })
            } else {
                #expect(prior.certainty.values.allSatisfy { $0 >= 0.5 && $0 <= 1 })
                #expect(prior.certainty.values.contains(1) && prior.certainty.values.contains(0.5))
                for i in 0..<44 * 44 where prior.certainty.values[i] == 0.5 { #expect(prior.image.samples[i] == 40) }
                for i in 0..<44 * 44 where prior.certainty.values[i] == 1 {
                    #expect(abs(prior.image.samples[i] - 200) < 1e-3)
                }
            }
            number += 1
            return Image(width: 44, height: 44, repeating: 200)
        }
    }

    /// Where two faces overlap, they agree at the end of the later face; farther inside the later face shows its own
    /// output.
    @Test func finishedBordersAreKept() throws {
        let sequence = FaceSequence(geometry: geometry)
        sequence.settings.sharesStatistics = false
        var number: Float = 0
        let result = try sequence.run(frame: column, prior: nil) { _, _, _ in
            number += 1
            return Image(width: 44, height: 44, repeating: number)
        }
        func value(_ face: CubeFace, x: Int) -> Float { result.samples[(face.rawValue * 44 + 22) * 44 + x] }
        // Front is first, right is second; their cube edge is 6 pixels from the extended edges.
        for x in 0..<44 { #expect(abs(value(.front, x: x) - 1) < 1e-4) }
        for x in 0...5 { #expect(abs(value(.right, x: x) - 1) < 1e-4) }
        let inner = (6...12).map { value(.right, x: $0) }
        #expect(zip(inner, inner.dropFirst()).allSatisfy { $0 <= $1 } && inner[3] > 1.1 && inner[3] < 2)
        for x in 14..<30 { #expect(abs(value(.right, x: x) - 2) < 1e-4) }
    }

    /// Six faces with shared instance-norm statistics give the same as a single image that contains all of them.
    @Test func facesAreNormalizedTogether() throws {
        let model = try Model(contentsOf: shipped.path(of: "scream"))
        let network = try Network(model: model, width: 44, height: 44)
        // The brightness of each face is its number.
        var frame = Image(width: 44, height: 264)
        for row in 0..<3 * 264 {
            for x in 0..<44 {
                frame.samples[row * 44 + x] = Float(row % 264 / 44) * 20 - 60 + 10 * Float((row % 7 + x % 5) % 3)
            }
        }
        func brightness(_ settings: FaceSequence.Settings) throws -> [Float] {
            let sequence = FaceSequence(geometry: geometry, settings: settings)
            let painted = try sequence.run(frame: frame, prior: nil, network: network)
            return CubeFace.allCases.map { face in
                let samples = self.face(face, of: painted)
                return samples.reduce(0, +) / Float(samples.count)
            }
        }
        var together = FaceSequence.Settings.independent
        together.sharesStatistics = true
        func range(_ values: [Float]) -> Float { (values.max() ?? 0) - (values.min() ?? 0) }
        // Without shared statistics all faces have the same brightness; with them the order is kept.
        let (alone, shared) = (try brightness(.independent), try brightness(together))
        #expect(range(shared) > 3 * range(alone))
        #expect(shared[5] > shared[0])
    }

    /// The first frame has warm-up passes, later ones do not, and a restart uses no old statistics.
    @Test func onlyFirstFramesHaveWarmUpPasses() throws {
        let network = try Network(
            model: Model(contentsOf: shipped.path(of: "scream")), width: 44, height: 44)
        let sequence = FaceSequence(geometry: geometry)
        var others: [Int] = []
        func run(prior: Prior?) throws -> Image {
            others = []
            return try sequence.run(frame: column, prior: prior, network: network) { others.append($0) }
        }
        let first = try run(prior: nil)
        #expect(others == [0, 1, 2, 3, 4, 5] + Array(repeating: 5, count: 12))
        let prior = Prior(image: first, certainty: Plane(width: 44, height: 264, repeating: 1))
        _ = try run(prior: prior)
        #expect(others == Array(repeating: 5, count: 6))
        let isSame = try run(prior: nil) == first
        #expect(isSame)
    }

    /// A reused output buffer is no longer held by anyone.
    @Test func earlierOutputsAreNotOverwritten() throws {
        let sequence = FaceSequence(geometry: geometry)
        let results = try (0..<5).map { number in
            try sequence.run(frame: column, prior: nil) { _, _, _ in
                Image(width: 44, height: 44, repeating: Float(number))
            }
        }
        for (number, result) in results.enumerated() {
            let isWhole = result.samples.allSatisfy { abs($0 - Float(number)) < 1e-4 }
            #expect(isWhole)
        }
    }

    @Test func noiseFillsUncertainPixels() throws {
        let sequence = FaceSequence(geometry: geometry, settings: .independent)
        sequence.settings.fill = .noise
        func priors() throws -> [Prior?] {
            var priors: [Prior?] = []
            _ = try sequence.run(frame: column, prior: nil) { image, prior, _ in
                priors.append(prior)
                return image
            }
            return priors
        }
        let first = try priors()
        for prior in first {
            let prior = try #require(prior)
            let unknown = prior.certainty.values.indices.filter { prior.certainty.values[$0] == 0 }
            let mean = unknown.reduce(Float(0)) { $0 + prior.image.samples[$1] } / Float(unknown.count)
            // Uniform from 0 to 255, minus the mean of blue.
            #expect(abs(mean - (127.5 - 103.939)) < 12)
            #expect(Set(unknown.map { prior.image.samples[$0] }).count > unknown.count * 9 / 10)
        }
        #expect(first[0]?.image == first[1]?.image)
        #expect(try priors()[0]?.image == first[0]?.image)
        sequence.seed = 1
        #expect(try priors()[0]?.image != first[0]?.image)
    }

    private let shipped = ModelLibrary(folders: [TestData.repository + "/Plugins/GstPentimento/Models"])

    /// All faces with a real network, at two resolutions.
    @Test(arguments: [1, 0.6]) func columnsAreStylizedInPlace(_ scale: Double) throws {
        let request = StyleRequest(model: "scream", scale: scale)
        let stylizer = try SphereStylizer(request, library: shipped)
        try stylizer.prepare(geometry)
        let side = Int((44 * scale).rounded())
        #expect(stylizer.networkSize == (side, 6 * side))
        func stylized(_ settings: FaceSequence.Settings) throws -> (Image, [UInt8]) {
            let frame = ByteFrame(width: 44, height: 264, layout: .rgba)
            frame.pixels.store(picture: column)
            let result = try stylizer.stylize(
                StyleFrame(pixels: FramePixels(frame.pixels), time: 0), geometry: geometry, settings: settings,
                request: request)
            #expect(result.output.width == side && result.output.height == 6 * side)
            #expect(frame.plane(byte: 3).allSatisfy { $0 == 7 })
            return (result.output, frame.bytes)
        }
        let consistent = try stylized(FaceSequence.Settings())
        let independent = try stylized(.independent)
        #expect(consistent.1 != independent.1)
        // Each face is the network's output for it.
        if scale == 1 {
            let network = try Network(model: Model(contentsOf: shipped.path(of: "scream")), width: 44, height: 44)
            let frame = ByteFrame(width: 44, height: 264, layout: .rgba)
            frame.pixels.store(picture: column)
            let seen = frame.pixels.networkImage()
            let expected = try network.run(frame: Image(width: 44, height: 44, samples: face(.front, of: seen)))
            #expect(face(.front, of: independent.0) == expected.samples)
        }
    }

    /// A texture goes on across the edges of the front face, and along the horizon.
    @Test func theTextureGoesOnFromFaceToFace() throws {
        let sequence = FaceSequence(geometry: geometry)
        var offsets: [CubeFace: TextureOffset] = [:]
        _ = try sequence.run(width: 44, height: 264, prior: nil) { face, _, _, _ in
            offsets[CubeFace.allCases[face.index]] = face.textureOffset
            return nil
        }
        // Neighbours across an edge lie one face apart, in the direction of the edge.
        for (face, edge) in [
            (CubeFace.front, CubeFace.Edge.right), (.right, .right), (.back, .right), (.front, .top), (.front, .bottom),
        ] {
            let (here, there) = (try #require(offsets[face]), try #require(offsets[face.neighbor(across: edge)]))
            #expect(there.x - here.x == (edge == .right ? 32 : 0), "\(face)")
            #expect(there.y - here.y == (edge == .top ? -32 : edge == .bottom ? 32 : 0), "\(face)")
        }
        #expect(Set(offsets.values).count == 6)
    }
}
