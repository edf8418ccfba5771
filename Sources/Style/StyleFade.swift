import Flow
import Imaging

/// The last frame of the old style, warped along with the motion and cross-faded to the new style.
struct StyleFade: Sendable {
    /// In network space, warped to the current frame.
    private var image: Image
    /// Stream time of the last frame in the old style, and duration of the cross-fade, both in seconds.
    private let start: Double
    private let duration: Double

    /// - Parameter duration: above 0.
    init(image: Image, start: Double, duration: Double) {
        self.image = image
        self.start = start
        self.duration = duration
    }

    /// Opacity of the old style at `time`, 0...1.
    func remaining(at time: Double) -> Float {
        Float(min(1, max(0, 1 - abs(time - start) / duration)))
    }

    /// Warps the old frame by one frame. Disoccluded areas are warped too: a smear that fades is less visible than
    /// holes that show the new style at once.
    ///
    /// - Parameter flow: from the new frame to the previous one, at any resolution.
    mutating func follow(_ flow: FlowField, threads: Int) {
        let flow = flow.resized(width: image.width, height: image.height, threads: threads)
        image = image.warped(by: flow, interpolation: .bicubic, threads: threads)
    }

    /// `output` of the new style, blended with what remains of the old one.
    func mixed(into output: Image, at time: Double, threads: Int) -> Image {
        let old = image.resized(width: output.width, height: output.height, threads: threads)
        return output.mixed(with: old, amount: remaining(at: time), threads: threads)
    }
}
