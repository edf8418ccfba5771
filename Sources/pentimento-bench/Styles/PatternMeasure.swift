import Evaluation
import Imaging
import Support

/// Repeated patterns in plain areas: the largest peak of the autocorrelation of the output's high-passed luma, 5 to 40
/// pixels from the centre, in a window of 128 x 128 pixels (`FineStructure.repetition`). 0: nothing repeats; 1: a perfect
/// repetition.
///
/// The windows are the centre of a clear sky with a camera's faint noise (without any, the network would see nothing that
/// differs along a row), and the plainest window of each picture. The median over the pictures is
/// also given over the strength in the plainest window of the painting at the style's size. `contrast` is the standard
/// deviation of the high-passed luma, of 255: below about 2 a pattern is hardly seen.
struct PatternMeasure: StyleMeasure {
    private static let side = 128

    private let sky: Image
    private let pictures: [(frame: Image, window: PixelWindow)]

    init(_ input: ReportInput) throws {
        guard min(input.width, input.height) >= Self.side else {
            throw BenchmarkError("the pattern is looked for in \(Self.side) x \(Self.side) pixels: take larger frames")
        }
        sky = Self.sky(width: input.width, height: input.height)
        pictures = try input.pictures().map { picture in
            let window = FineStructure(picture.luma()).plainestWindow(size: Self.side)
            return (picture.networkSpace(), window ?? PixelWindow(x: 0, y: 0, size: Self.side))
        }
    }

    func readings(of style: MeasuredStyle) throws -> [Reading] {
        let network = try style.network(width: sky.width, height: sky.height)
        func pattern(_ frame: Image, _ window: PixelWindow) throws -> RepeatedPattern {
            FineStructure(try network.run(frame: frame).shown.luma()).repetition(in: window)
        }
        let centre = PixelWindow(
            x: (sky.width - Self.side) / 2, y: (sky.height - Self.side) / 2, size: Self.side)
        let sky = try pattern(sky.networkSpace(), centre)
        let plain = try pictures.map { try pattern($0.frame, $0.window) }
        let painting = FineStructure(try style.settings.prepared(style.painting).shown.luma())
        let own = painting.plainestWindow(size: Self.side).map(painting.repetition(in:))
        let strength = plain.map(\.strength).median
        return [
            Reading("sky", sky.strength), Reading("at pixels", sky.distance), Reading("contrast", sky.contrast),
            Reading("pictures", strength), Reading("pictures at pixels", plain.map(\.distance).median),
            Reading("pictures contrast", plain.map(\.contrast).median), Reading("painting", own?.strength),
            Reading("pictures over painting", own.flatMap { own in strength.map { $0 / own.strength } }),
        ]
    }

    /// A clear sky in picture space: blue above, whitish at the horizon, with noise of at most 2 levels.
    private static func sky(width: Int, height: Int) -> Image {
        let (above, horizon): ([Float], [Float]) = ([70, 120, 190], [200, 215, 230])
        var image = Image(width: width, height: height)
        var noise = SplitMix(seed: 0)
        for index in image.samples.indices {
            let (channel, y) = (index / (width * height), index / width % height)
            let share = Float(y) / Float(max(height - 1, 1))
            let level = above[channel] + share * (horizon[channel] - above[channel])
            image.samples[index] = (level + 4 * noise.nextUnit() - 2).rounded()
        }
        return image
    }
}
