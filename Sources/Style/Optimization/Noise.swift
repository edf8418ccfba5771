import Glibc
import Imaging
import Support

extension Image {
    /// Gaussian noise around the mean colour, in network space.
    ///
    /// - Parameters:
    ///   - deviation: in values of 0...255.
    ///   - seed: the same gives the same noise; others give another.
    static func noise(width: Int, height: Int, deviation: Float, seed: UInt64, threads: Int = 0) -> Image {
        var image = Image(width: width, height: height)
        image.forEachLine(threads: threads) { channel, y, line in
            // A stream of its own for each line, so that it does not matter who draws it.
            var lines = SplitMix(seed: seed &+ UInt64(channel * height + y) &* 0xD1B5_4A32_D192_ED03)
            for x in line.indices {
                // Box and Muller's transform; 1 - u is never 0.
                let radius = (-2 * log(1 - lines.nextUnit())).squareRoot()
                line[x] = deviation * radius * cos(2 * .pi * lines.nextUnit())
            }
        }
        return image
    }
}
