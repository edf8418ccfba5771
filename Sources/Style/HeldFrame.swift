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
    /// What stays of the last painting.
    let kept: KeptPainting?
    /// Of the network, should it have to paint the frame.
    let coherence: Float
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
        let painting =
            if let next {
                PriorCompletion.complete(
                    prior(extendedBy: next, threads: threads), of: frame, after: (next.frame, next.painting),
                    threads: threads)
            } else {
                PriorCompletion.complete(prior, of: frame, after: last, threads: threads)
            }
        return kept?.applied(to: painting, threads: threads) ?? painting
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
        return prior.extended(by: warped, where: motion.certainty, threads: threads)
    }
}

extension Prior {
    /// The prior with another image where that is certain: in its place where the prior is not, else the mean of both,
    /// since either has its own errors of the flow.
    fileprivate func extended(by other: Image, where otherCertainty: Plane<Float>, threads: Int) -> Prior {
        let (width, height) = (image.width, image.height)
        let amount = zip(certainty.values, otherCertainty.values).map { own, other -> Float in
            other < 1 ? 0 : own < 1 ? 1 : 0.5
        }
        let mixed = image.withSameShape { target in
            image.samples.withUnsafeBufferPointer { own in
                other.samples.withUnsafeBufferPointer { other in
                    amount.withUnsafeBufferPointer { amount in
                        parallelRows(image.channels * height, threads: threads) { rows in
                            for row in rows {
                                for x in 0..<width {
                                    let index = row * width + x
                                    target[index] =
                                        own[index] + (other[index] - own[index]) * amount[row % height * width + x]
                                }
                            }
                        }
                    }
                }
            }
        }
        var certainty = certainty
        for (pixel, amount) in amount.enumerated() where amount > 0 { certainty.values[pixel] = 1 }
        return Prior(image: mixed, certainty: certainty)
    }
}
