import Imaging
import TestSupport
import Testing

private func fixture(_ name: String) -> String { TestData.fixture(name, of: "ImagingTests") }

/// References from Pillow, SciPy and NumPy: see Fixtures/make_imaging.py.
@Suite struct FilterTests {
    let image: Image

    init() throws { image = try Image(contentsOfPNM: fixture("image.ppm")) }

    @Test(
        arguments: [("linear", Resampling.linear), ("cubic", .cubic)], [(61, 41), (14, 9), (50, 7), (1, 1)])
    func resizesAsPillowDoes(kind: (name: String, resampling: Resampling), size: (width: Int, height: Int)) throws {
        let expected = try TestData.image(
            "\(kind.name)_\(size.width)x\(size.height).f32", of: "ImagingTests", width: size.width, height: size.height)
        for threads in [1, 3] {
            for result in withEachVariant({
                image.resized(width: size.width, height: size.height, by: kind.resampling, threads: threads)
            }) { #expect(largestDifference(result.samples, expected.samples) < 2e-3) }
        }
    }

    @Test func resizingKeepsUniformImages() {
        for (width, height) in [(1, 1), (3, 5), (17, 1)] {
            let even = Image(width: width, height: height, channels: 2, repeating: 7)
            for (newWidth, newHeight) in [(1, 1), (8, 3), (40, 40)] {
                let result = even.resized(width: newWidth, height: newHeight)
                #expect(result.width == newWidth && result.height == newHeight && result.channels == 2)
                #expect(result.samples.allSatisfy { abs($0 - 7) < 1e-5 })
            }
        }
        #expect(image.resized(width: image.width, height: image.height) == image)
    }

    @Test(arguments: [3, 5]) func medianMatchesSciPy(size: Int) throws {
        let expected = try TestData.floats("median_\(size).f32", of: "ImagingTests")
        for threads in [1, 3] {
            for result in withEachVariant({ image.medianFiltered(size: size, threads: threads) }) {
                #expect(result.samples == expected)
            }
        }
        #expect(image.medianFiltered(size: 1) == image)
    }

    @Test func medianOfSmallImagesIsTheSortedMiddle() {
        var generator = SeededGenerator(seed: 3)
        for (width, height) in [(1, 1), (2, 1), (1, 3), (4, 4), (37, 2), (70, 3)] {
            let samples = (0..<width * height).map { _ in Float.random(in: -9...9, using: &generator) }
            let image = Image(width: width, height: height, channels: 1, samples: samples)
            for size in [3, 5] {
                let radius = size / 2
                let expected = (0..<width * height).map { i in
                    let window = (0..<size * size).map { k in
                        let x = min(max(i % width + k % size - radius, 0), width - 1)
                        return samples[min(max(i / width + k / size - radius, 0), height - 1) * width + x]
                    }
                    return window.sorted()[size * size / 2]
                }
                for result in withEachVariant({ image.medianFiltered(size: size) }) {
                    #expect(result.samples == expected)
                }
            }
        }
    }

    @Test(arguments: [3, 7, 15]) func minimumMatchesSciPy(size: Int) throws {
        let mask = try Plane<UInt8>(contentsOfPGM: fixture("mask.pgm"))
        let expected = try Plane<UInt8>(contentsOfPGM: fixture("minimum_\(size).pgm"))
        let certainty = Plane(width: mask.width, height: mask.height, values: mask.values.map { Float($0) / 255 })
        for threads in [1, 3] {
            for result in withEachVariant({ certainty.minimumFiltered(size: size, threads: threads) }) {
                #expect(result.values == expected.values.map { Float($0) / 255 })
            }
        }
        #expect(certainty.minimumFiltered(size: size - 1) == certainty.minimumFiltered(size: size))
        #expect(certainty.minimumFiltered(size: 1) == certainty && certainty.minimumFiltered(size: -3) == certainty)
    }

    @Test func minimumOfSmallPlanesIsTheLeastInTheWindow() {
        var generator = SeededGenerator(seed: 4)
        for (width, height) in [(1, 1), (3, 5), (17, 1), (1, 20), (33, 18)] {
            let values = (0..<width * height).map { _ in Float.random(in: 0...1, using: &generator) }
            let plane = Plane(width: width, height: height, values: values)
            for size in [3, 5, 7, 9, 101] {
                let radius = size / 2
                let expected = (0..<width * height).map { i in
                    var least = Float.infinity
                    for y in max(i / width - radius, 0)...min(i / width + radius, height - 1) {
                        for x in max(i % width - radius, 0)...min(i % width + radius, width - 1) {
                            least = min(least, values[y * width + x])
                        }
                    }
                    return least
                }
                for result in withEachVariant({ plane.minimumFiltered(size: size) }) {
                    #expect(result.values == expected)
                }
            }
        }
    }

    @Test func shrinkingACertaintyKeepsUncertainPixels() {
        var certainty = Plane<Float>(width: 12, height: 9, repeating: 1)
        certainty[7, 4] = 0
        let small = certainty.minimumResized(width: 5, height: 4)
        #expect(small.values.count { $0 == 0 } >= 1 && small.values.count { $0 == 0 } <= 4)
        #expect(small[2, 1] == 0 || small[3, 1] == 0)
        let large = certainty.minimumResized(width: 24, height: 18)
        for y in 0..<18 { for x in 0..<24 { #expect(large[x, y] == certainty[x / 2, y / 2]) } }
    }

    @Test func chromaIsThatOfTheOtherImage() throws {
        let expected = try TestData.floats("recolored.f32", of: "ImagingTests")
        var flipped = image
        for channel in 0..<3 {
            for y in 0..<image.height {
                for x in 0..<image.width {
                    flipped.samples[(channel * image.height + y) * image.width + x] =
                        image.samples[(channel * image.height + image.height - 1 - y) * image.width + x]
                }
            }
        }
        let recolored = flipped.withColor(of: image, order: .rgb)
        #expect(largestDifference(recolored.samples, expected) < 1e-3)
        let network = flipped.networkSpace().withColor(of: image.networkSpace(), order: .bgr)
        #expect(largestDifference(network.pictureSpace().samples, expected) < 1e-3)
    }

    @Test func blendingInterpolates() {
        let black = Image(width: 5, height: 3)
        let grey = Image(width: 5, height: 3, repeating: 100)
        #expect(black.mixed(with: grey, amount: 0) == black)
        #expect(black.mixed(with: grey, amount: 1) == grey)
        #expect(black.mixed(with: grey, amount: 0.25) == Image(width: 5, height: 3, repeating: 25))
    }
}
