import Imaging
import NeuralNet
import Style
import TestSupport
import Testing

@Suite struct StylizerTests {
    let shipped = ModelLibrary(folders: [TestData.repository + "/Plugins/GstPentimento/Models"])
    let scream = StyleRequest(model: "scream")

    @Test(arguments: [(1, 1), (3, 5), (17, 1), (37, 50)])
    func anySizeIsPainted(width: Int, height: Int) throws {
        let frame = TestFrame(width: width, height: height)
        let before = frame.bytes
        let stylizer = try Stylizer(scream, library: shipped)
        let result = try frame.stylize(with: stylizer, scream)
        #expect(result.output.width == width && result.output.height == height)
        #expect(frame.bytes != before)
    }

    @Test(arguments: [(64, 48), (37, 50)])
    func whatIsShownIsTheNetworksOutput(width: Int, height: Int) throws {
        let frame = TestFrame(width: width, height: height)
        let network = try Network(
            model: Model(contentsOf: shipped.path(of: "scream")), width: width, height: height)
        let expected = try network.run(frame: frame.pixels.networkImage())
        let result = try frame.stylize(with: Stylizer(scream, library: shipped), scream)
        #expect(result.output == expected)
        let shown = TestFrame(width: width, height: height)
        shown.pixels.store(expected)
        #expect(frame.bytes == shown.bytes)
    }

    @Test func strengthBlendsAndAlphaStays() throws {
        let stylizer = try Stylizer(scream, library: shipped)
        func painted(_ compositing: CompositingOptions) throws -> [UInt8] {
            let frame = TestFrame(width: 40, height: 32, layout: .rgba)
            try frame.stylize(with: stylizer, scream, compositing: compositing)
            return frame.bytes
        }
        let original = TestFrame(width: 40, height: 32, layout: .rgba).bytes
        let none = try painted(CompositingOptions(strength: 0))
        let half = try painted(CompositingOptions(strength: 0.5))
        let full = try painted(CompositingOptions())
        #expect(none == original)
        for index in original.indices {
            if index % 4 == 3 {
                #expect(full[index] == original[index])
            } else if 1...254 ~= full[index] {
                // The blend is made before values are limited to 0...255.
                #expect(abs((Float(original[index]) + Float(full[index])) / 2 - Float(half[index])) <= 1)
            }
        }
    }

    @Test func preservedColorHasTheStylesLumaAndTheFramesChroma() throws {
        let stylizer = try Stylizer(scream, library: shipped)
        let plain = TestFrame(width: 40, height: 32)
        let original = plain.image
        let colored = TestFrame(width: 40, height: 32)
        try plain.stylize(with: stylizer, scream)
        try colored.stylize(with: stylizer, scream, compositing: CompositingOptions(preservesColor: true))
        let luma = plain.luma
        let image = colored.image
        let coloredLuma = colored.luma
        for pixel in 0..<image.pixelCount {
            let samples = (0..<3).map { image.samples[$0 * image.pixelCount + pixel] }
            // Colours out of range are clamped.
            if samples.contains(where: { $0 <= 0 || $0 >= 255 }) { continue }
            #expect(abs(Int(coloredLuma.values[pixel]) - Int(luma.values[pixel])) <= 2)
            let difference = samples[0] - samples[2]
            let wanted = original.samples[pixel] - original.samples[2 * image.pixelCount + pixel]
            #expect(abs(difference - wanted) <= 3)
        }
    }

    @Test func aLowerScaleRunsTheNetworkSmaller() throws {
        var request = scream
        request.scale = 0.5
        let stylizer = try Stylizer(request, library: shipped)
        let frame = TestFrame(width: 41, height: 30)
        let result = try frame.stylize(with: stylizer, request)
        #expect(result.output.width == 21 && result.output.height == 15)
        // The result is the enlarged output: it has the same mean.
        let image = frame.networkImage
        let clamped = result.output.samples.map { min(max($0, -130), 155) }
        #expect(abs(mean(image.samples) - mean(clamped)) < 4)
    }

    /// Width and height of the network for a frame, with a brush.
    @Test(arguments: [
        (1280, 720, 1.0, 640, 360), (1280, 720, 0.5, 1280, 720), (1280, 720, 2, 320, 180), (1920, 1080, 1, 640, 360),
        (720, 1280, 1, 360, 640), (640, 360, 1, 640, 360), (320, 180, 1, 320, 180), (320, 180, 0.5, 640, 360),
        (320, 180, 2, 320, 180), (96, 64, 0, 96, 64),
    ])
    func aBrushChoosesTheResolution(width: Int, height: Int, brush: Double, wide: Int, high: Int) throws {
        let request = StyleRequest(model: "scream", brush: brush)
        let stylizer = try Stylizer(request, library: shipped)
        try stylizer.prepare(width: width, height: height)
        #expect(stylizer.networkSize == (wide, high))
    }

    @Test func aPriorIsUsedUnlessThereIsADiscontinuity() throws {
        let stylizer = try Stylizer(scream, library: shipped)
        let prior = Prior(
            image: Image(width: 40, height: 32, repeating: 90), certainty: Plane(width: 40, height: 32, repeating: 1))
        func output(_ prior: Prior?, isDiscontinuous: Bool = false) throws -> Image {
            try TestFrame(width: 40, height: 32)
                .stylize(with: stylizer, scream, prior: prior, isDiscontinuous: isDiscontinuous).output
        }
        let alone = try output(nil)
        #expect(try output(prior) != alone)
        #expect(try output(prior, isDiscontinuous: true) == alone)
    }

    @Test func aNewSizePlansAnew() throws {
        let stylizer = try Stylizer(scream, library: shipped)
        for (width, height) in [(16, 16), (33, 9), (16, 16)] {
            let result = try TestFrame(width: width, height: height).stylize(with: stylizer, scream)
            #expect(result.output.width == width && result.output.height == height)
        }
    }

    @Test func theStartFailsWithoutAModel() {
        #expect(throws: ModelLookupError.self) {
            try Stylizer(StyleRequest(model: "screem"), library: shipped)
        }
        #expect(throws: ModelLookupError.self) {
            try Stylizer(StyleRequest(model: "scream", imageModel: "screem"), library: shipped)
        }
    }
}

func mean(_ values: [Float]) -> Float {
    values.reduce(0, +) / Float(max(1, values.count))
}
