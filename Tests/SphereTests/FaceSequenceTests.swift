import Imaging
import NeuralNet
import Sphere
import Style
import TestSupport
import Testing

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
        let sequence = FaceSequence(geometry: geometry)
        var seen: [[Float]] = []
        let result = sequence.run(frame: column, prior: nil) { picture, _ in
            seen.append(picture.samples)
            return picture
        }
        #expect(result == column)
        #expect(seen == FaceSequence.order.map { face($0, of: column) })
        #expect(Set(FaceSequence.order) == Set(CubeFace.allCases) && FaceSequence.order.first == .front)
    }

    @Test func priorsShowWhatNeighboursBecame() throws {
        let sequence = FaceSequence(geometry: geometry)
        sequence.settings.softness = 0
        var priors: [Prior?] = []
        var finished: Set<CubeFace> = []
        let result = sequence.run(frame: column, prior: nil) { picture, prior in
            priors.append(prior)
            // Another sphere than the frame's.
            return Image(width: 44, height: 44, samples: picture.samples.map { 255 - $0 })
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

        sequence.settings.usesBorders = false
        _ = sequence.run(frame: column, prior: nil) { picture, prior in
            #expect(prior == nil)
            return picture
        }
    }

    /// Paper 6.3: the border over the warped previous face.
    @Test func bordersLieOverTheLastFrame() throws {
        let last = Prior(
            image: Image(width: 44, height: 264, repeating: 40),
            certainty: Plane(width: 44, height: 264, repeating: 0.5))
        let sequence = FaceSequence(geometry: geometry)
        var number = 0
        _ = sequence.run(frame: column, prior: last) { picture, prior in
            guard let prior else {
                Issue.record("a face without a prior")
                return picture
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

    @Test func noiseFillsWhatNothingIsKnownOf() throws {
        let sequence = FaceSequence(geometry: geometry)
        sequence.settings.fill = .noise
        func priors() -> [Prior?] {
            var priors: [Prior?] = []
            _ = sequence.run(frame: column, prior: nil) { picture, prior in
                priors.append(prior)
                return picture
            }
            return priors
        }
        let first = priors()
        for prior in first {
            let prior = try #require(prior)
            let unknown = prior.certainty.values.indices.filter { prior.certainty.values[$0] == 0 }
            let mean = unknown.reduce(Float(0)) { $0 + prior.image.samples[$1] } / Float(unknown.count)
            // Even from 0 to 255, minus the mean of blue.
            #expect(abs(mean - (127.5 - 103.939)) < 12)
            #expect(Set(unknown.map { prior.image.samples[$0] }).count > unknown.count * 9 / 10)
        }
        #expect(first[0]?.image != first[1]?.image)
        #expect(priors()[0]?.image == first[0]?.image)
        sequence.seed = 1
        #expect(priors()[0]?.image != first[0]?.image)
    }

    private let shipped = ModelLibrary(folders: [TestData.repository + "/Plugins/GstPentimento/Models"])

    /// The loop with a real network, at two resolutions.
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
                StyleFrame(pixels: frame.pixels, time: 0), geometry: geometry, settings: settings, request: request)
            #expect(result.output.width == side && result.output.height == 6 * side)
            #expect(frame.plane(byte: 3).allSatisfy { $0 == 7 })
            return (result.output, frame.bytes)
        }
        let consistent = try stylized(FaceSequence.Settings())
        var settings = FaceSequence.Settings()
        settings.usesBorders = false
        let independent = try stylized(settings)
        #expect(consistent.1 != independent.1)
        // The first face heeds nobody.
        func front(_ image: Image) -> ArraySlice<Float> { image.samples[4 * side * side..<5 * side * side] }
        #expect(front(consistent.0) == front(independent.0))
        // Each face is what the network makes of it.
        if scale == 1 {
            let network = try Network(model: Model(contentsOf: shipped.path(of: "scream")), width: 44, height: 44)
            let frame = ByteFrame(width: 44, height: 264, layout: .rgba)
            frame.pixels.store(picture: column)
            let seen = frame.pixels.networkImage()
            let expected = network.run(frame: Image(width: 44, height: 44, samples: face(.front, of: seen)))
            #expect(face(.front, of: independent.0) == expected.samples)
        }
    }
}
