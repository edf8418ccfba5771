import Glibc
import Imaging
import Support

extension Image {
    /// Gaussian noise around the mean colour, in network space.
    ///
    /// - Parameters:
    ///   - deviation: standard deviation, in values of 0...255.
    ///   - seed: the same seed gives the same noise.
    package static func noise(width: Int, height: Int, deviation: Float, seed: UInt64, threads: Int = 0) -> Image {
        var image = Image(width: width, height: height)
        image.forEachLine(threads: threads) { channel, y, line in
            // One random stream per line, so that the result does not depend on the threads.
            var lines = SplitMix(seed: seed &+ UInt64(channel * height + y) &* 0xD1B5_4A32_D192_ED03)
            for x in line.indices {
                // Box-Muller transform; 1 - u is never 0.
                let radius = (-2 * log(1 - lines.nextUnit())).squareRoot()
                line[x] = deviation * radius * cos(2 * .pi * lines.nextUnit())
            }
        }
        return image
    }
}
