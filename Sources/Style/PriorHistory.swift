import Flow
import Imaging

/// Makes the priors of consecutive frames.
///
/// A prior that is warped from the last output is interpolated again in each frame, and the network changes a little of
/// it each time: after some dozens of frames a painting is blurred or grown over by patterns. So priors are warped from
/// an *anchor*, an output up to ``span`` frames back, along the sum of the flows since then. Pixels that the network
/// painted anew since, or that have no certain path to the anchor, are warped from the last output (paper 5.1).
public struct PriorHistory: Sendable {
    /// Default of ``span``.
    public static let defaultSpan = 16

    /// Number of frames for which an output is the anchor; 1: every prior is warped from the last output, as in the
    /// paper.
    public var span: Int
    private var anchor: Anchor?

    private struct Anchor {
        var warp: AnchoredWarp
        /// The last prior's image.
        var prior = Image(width: 0, height: 0)
        /// Number of priors made from it.
        var age = 1
    }

    /// Root of the mean squared difference of output and prior, of 255, at which the output counts as half anew.
    private static let tolerance: Float = 8

    /// Creates an empty history.
    public init(span: Int = defaultSpan) { self.span = span }

    /// Forgets all outputs, for a frame that does not continue the last one.
    public mutating func removeAll() { anchor = nil }

    /// The prior of the next frame.
    ///
    /// - Parameters:
    ///   - last: output for the last frame, in network space, at the network's resolution.
    ///   - lastCertainty: where `last` is an output; see `Prior.init(warping:)`.
    ///   - flow: from the next frame to the last one, at any resolution.
    ///   - certainty: of `flow`, 0...1, at any resolution.
    public mutating func prior(
        after last: Image, lastCertainty: Plane<Float>? = nil, by flow: FlowField, certainty: Plane<Float>,
        interpolation: Interpolation = .bicubic, fill: PriorFill = .mean, seed: UInt64 = 0, threads: Int = 0
    ) -> Prior {
        let motion = Motion(
            flow: flow.withBatchSize(last.batchSize), certainty: certainty.withBatchSize(last.batchSize)
        )
        .resizedForWarp(width: last.width, height: last.height, threads: threads)
        let image: Image
        if span > 1, lastCertainty == nil || anchor != nil {
            image = anchored(after: last, isPainted: lastCertainty == nil, by: motion, interpolation, threads)
        } else {
            anchor = nil
            image = last.warped(by: motion.flow, interpolation: interpolation, threads: threads)
        }
        let prior = Prior(
            warped: image, by: motion, lastCertainty: lastCertainty, fill: fill, seed: seed, threads: threads)
        // With fill, where the anchor has no weight, so that both share one image.
        anchor?.prior = prior.image
        return prior
    }

    /// The warped anchor, or the warped last output where that was painted anew.
    private mutating func anchored(
        after last: Image, isPainted: Bool, by motion: Motion, _ interpolation: Interpolation, _ threads: Int
    ) -> Image {
        // A frame that was not painted is no anchor.
        guard var anchor, anchor.age < span || !isPainted, anchor.warp.fits(last) else {
            let image = last.warped(by: motion.flow, interpolation: interpolation, threads: threads)
            let warp = AnchoredWarp(anchor: last, motion: motion, interpolation: interpolation, threads: threads)
            self.anchor = Anchor(warp: warp)
            return image
        }
        self.anchor = nil  // The only reference: what follows changes it in place.
        if isPainted {
            anchor.warp.weigh(last, against: anchor.prior, tolerance: Self.tolerance, threads: threads)
        }
        let image = anchor.warp.next(after: last, by: motion, threads: threads)
        anchor.age += 1
        self.anchor = anchor
        return image
    }
}
