import Flow
import Imaging
import TestSupport
import Training

/// Photographs and sequences with known properties.
enum SequenceSamples {
    /// Smooth, in colour.
    static func photograph(width: Int = 240, height: Int = 200, seed: UInt64 = 1) -> Photograph {
        let planes = (0..<3).map { MovingTexture(seed: seed * 3 + $0).frame(width: width, height: height) }
        return Photograph(
            Image(width: width, height: height, samples: planes.flatMap { $0.values.map { Float($0) * 0.6 + 50 } }))
    }

    /// Of one colour each, all very different.
    static func flatPhotographs(_ count: Int) -> [Photograph] {
        (0..<count).map { index in
            let colors = [index % 5, index / 5 % 5, index / 25 % 5].map { Float(20 + 50 * $0) }
            return Photograph(
                Image(width: 80, height: 80, samples: colors.flatMap { Array(repeating: $0, count: 6400) }))
        }
    }

    static func mix(_ text: String) throws -> SequenceMix { try SequenceMix(parsing: text) }
}

extension TrainingSequence {
    /// The difference between frame `index` + 1 and the warped frame `index`, on certain pixels: root mean square and
    /// maximum, of 255; and the share of certain pixels.
    func difference(after index: Int) -> (typical: Float, largest: Float, certain: Float) {
        let motion = motions[index]
        let warped = frames[index].warped(by: motion.flow, interpolation: .bicubic)
        let frame = frames[index + 1]
        var (sum, largest, count): (Float, Float, Float) = (0, 0, 0)
        for pixel in 0..<frame.pixelCount where motion.certainty.values[pixel] == 1 {
            count += 1
            for sample in stride(from: pixel, to: frame.samples.count, by: frame.pixelCount) {
                let difference = abs(warped.samples[sample] - frame.samples[sample])
                sum += difference * difference
                largest = max(largest, difference)
            }
        }
        return ((sum / max(3 * count, 1)).squareRoot(), largest, count / Float(frame.pixelCount))
    }
}
