import Flow
import Imaging

/// The last picture of the old style, going along with what it shows while it gives way to the new style's.
struct StyleFade: Sendable {
    /// In network space, where its things are now.
    private var picture: Image
    /// Stream time of the last frame in the old style, and how long it takes to go, both in seconds.
    private let start: Double
    private let duration: Double

    /// - Parameter duration: above 0.
    init(picture: Image, start: Double, duration: Double) {
        self.picture = picture
        self.start = start
        self.duration = duration
    }

    /// How much of the old picture is left at `time`, 0...1.
    func remaining(at time: Double) -> Float {
        Float(min(1, max(0, 1 - abs(time - start) / duration)))
    }

    /// Moves the old picture on by one frame, what has come into view along with what is near it: holes that showed the new
    /// style at once would be seen, while a smear that fades is not.
    ///
    /// - Parameters:
    ///   - flow: from the new frame to the one before, at any resolution.
    ///   - parts: how many pictures of their own lie one below the other in the frames.
    mutating func follow(_ flow: FlowField, parts: Int = 1, threads: Int) {
        let flow = flow.resized(width: picture.width, height: picture.height, parts: parts, threads: threads)
        picture = picture.warped(by: flow, interpolation: .bicubic, parts: parts, threads: threads)
    }

    /// The new style's `output` with what is left of the old picture over it.
    func mixed(into output: Image, at time: Double, parts: Int = 1, threads: Int) -> Image {
        let old = picture.resized(width: output.width, height: output.height, parts: parts, threads: threads)
        return output.mixed(with: old, amount: remaining(at: time), threads: threads)
    }
}
