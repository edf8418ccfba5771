import Flow
import Imaging

/// The last picture of the old style, going along with what it shows while it gives way to the new style's.
struct StyleFade: Sendable {
    /// In network space, where its things are now.
    private var picture: Image
    /// Where the old picture still shows something: what has come into view since belongs to the new style.
    private var weight: Plane<Float>
    /// Stream time of the last frame in the old style, and how long it takes to go, both in seconds.
    private let start: Double
    private let duration: Double

    /// - Parameter duration: above 0.
    init(picture: Image, start: Double, duration: Double) {
        self.picture = picture
        self.start = start
        self.duration = duration
        weight = Plane(width: picture.width, height: picture.height, repeating: 1)
    }

    /// How much of the old picture is left at `time`, 0...1.
    func remaining(at time: Double) -> Float {
        Float(min(1, max(0, 1 - abs(time - start) / duration)))
    }

    /// Moves the old picture on by one frame.
    mutating func follow(_ motion: FrameMotion, threads: Int) {
        let motion = motion.resized(width: picture.width, height: picture.height, threads: threads)
        picture = picture.warped(by: motion.flow, interpolation: .bicubic, threads: threads)
        let carried = Image(width: weight.width, height: weight.height, channels: 1, samples: weight.values)
            .warped(by: motion.flow, interpolation: .bilinear, threads: threads)
        for index in weight.values.indices {
            weight.values[index] = carried.samples[index] * motion.certainty.values[index]
        }
    }

    /// The new style's `output` with what is left of the old picture over it.
    func mixed(into output: Image, at time: Double, threads: Int) -> Image {
        let amount = remaining(at: time)
        let old = picture.resized(width: output.width, height: output.height, threads: threads)
        let weight = weight.minimumResized(width: output.width, height: output.height, threads: threads)
        let width = output.width
        let height = output.height
        var result = output
        result.forEachLine(threads: threads) { channel, y, line in
            for x in 0..<width {
                let share = amount * weight.values[y * width + x]
                line[x] += share * (old.samples[(channel * height + y) * width + x] - line[x])
            }
        }
        return result
    }
}
