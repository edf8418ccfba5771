import Flow
import Imaging

/// A frame between two that the network paints, which waits for the second one.
///
/// What its prior does not know comes from the next painting, where that shows the same: what appears in this frame mostly
/// stays. The rest is completed by colors.
struct HeldFrame {
    /// The prior, at the networks' resolution.
    let prior: Prior
    /// In network space, of the prior's size.
    let frame: Image
    /// The frame before and its painting.
    let last: (frame: Image, painting: Image)?
    /// How it is shown.
    let compositing: CompositingOptions
    /// Stream time in seconds.
    let time: Double

    /// What comes after a frame.
    struct Successor {
        /// In network space.
        let frame: Image
        let painting: Image
        /// From the held frame to this one, at any resolution.
        let flow: FlowField
    }

    /// The painting of the frame.
    ///
    /// - Parameter next: nil, or of another size, if the next frame does not continue this one.
    func painting(before next: Successor?, threads: Int) -> Image {
        guard let next else { return PriorCompletion.complete(prior, of: frame, after: last, threads: threads) }
        return PriorCompletion.complete(
            prior(extendedBy: next, threads: threads), of: frame, after: (next.frame, next.painting), threads: threads)
    }

    /// The prior with the next painting where the prior is uncertain and both frames agree.
    private func prior(extendedBy next: Successor, threads: Int) -> Prior {
        let (width, height) = (frame.width, frame.height)
        guard [next.frame, next.painting].allSatisfy({ ($0.width, $0.height) == (width, height) }) else { return prior }
        let motion = MotionVerification.verified(
            Motion(
                flow: next.flow.resized(width: width, height: height, threads: threads),
                certainty: Plane(width: width, height: height, repeating: 1)),
            from: frame.networkLuma(threads: threads), to: next.frame.networkLuma(threads: threads), threads: threads)
        let warped = next.painting.warped(by: motion.flow, interpolation: .bicubic, threads: threads)
        var extended = prior
        extended.take(warped, where: motion.certainty, threads: threads)
        return extended
    }
}

extension Prior {
    /// Takes the pixels of another image where that is certain and the prior is not.
    fileprivate mutating func take(_ other: Image, where otherCertainty: Plane<Float>, threads: Int) {
        let count = certainty.values.count
        for index in 0..<count where otherCertainty.values[index] >= 1 {
            let amount: Float = certainty.values[index] < 1 ? 1 : 0.5
            certainty.values[index] = 1
            for channel in 0..<image.channels {
                let i = channel * count + index
                image.samples[i] += amount * (other.samples[i] - image.samples[i])
            }
        }
    }
}
