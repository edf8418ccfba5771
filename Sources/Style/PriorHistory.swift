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
        let image: Image
        /// From the last frame to the anchor's; its certainty is the weight of the anchor.
        var motion: Motion
        /// The last prior, without fill.
        var prior: Image
        /// Number of priors made from it.
        var age = 1
    }

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
        var image = last.warped(by: motion.flow, interpolation: interpolation, threads: threads)
        if span > 1, lastCertainty == nil {
            follow(motion, last: last, warped: &image, interpolation, threads)
        } else {
            anchor = nil
        }
        return Prior(
            warped: image, by: motion, lastCertainty: lastCertainty, fill: fill, seed: seed, threads: threads)
    }

    /// Blends the warped anchor into the warped last output.
    private mutating func follow(
        _ motion: Motion, last: Image, warped image: inout Image, _ interpolation: Interpolation, _ threads: Int
    ) {
        guard var anchor, anchor.age < span, anchor.image.hasShape(of: last) else {
            self.anchor = Anchor(image: last, motion: motion, prior: image)
            return
        }
        anchor.motion.certainty.multiply(byAgreementOf: last, with: anchor.prior, threads: threads)
        anchor.motion = motion.continued(by: anchor.motion, threads: threads)
        let far = anchor.image.warped(by: anchor.motion.flow, interpolation: interpolation, threads: threads)
        image.blend(with: far, weight: anchor.motion.certainty, threads: threads)
        anchor.prior = image
        anchor.age += 1
        self.anchor = anchor
    }
}

extension Image {
    fileprivate func hasShape(of other: Image) -> Bool {
        width == other.width && height == other.height && channels == other.channels && batchSize == other.batchSize
    }

    /// Moves each pixel towards that of another image.
    ///
    /// - Parameter weight: 0: no change, 1: the other's pixel.
    fileprivate mutating func blend(with other: Image, weight: Plane<Float>, threads: Int) {
        let (width, height) = (width, height)
        other.samples.withUnsafeBufferPointer { other in
            weight.values.withUnsafeBufferPointer { weight in
                forEachLine(threads: threads) { channel, y, line in
                    let (first, firstOther) = (y * width, (channel * height + y) * width)
                    for x in 0..<width { line[x] += weight[first + x] * (other[firstOther + x] - line[x]) }
                }
            }
        }
    }
}

extension Plane where Value == Float {
    /// Root of the mean squared difference of the channels, of 255, at which the agreement is a half.
    private static var tolerance: Float { 8 }

    /// Multiplies by the agreement of two images: 1 where they are equal, about 0 where the network painted anew.
    fileprivate mutating func multiply(byAgreementOf image: Image, with other: Image, threads: Int) {
        let (width, count, channels) = (width, image.pixelCount, image.channels)
        let scale = 1 / (Self.tolerance * Self.tolerance * Float(max(channels, 1)))
        values.withUnsafeMutableBufferPointer { target in
            image.samples.withUnsafeBufferPointer { image in
                other.samples.withUnsafeBufferPointer { other in
                    nonisolated(unsafe) let target = target
                    parallelRows(height, threads: threads) { rows in
                        for pixel in rows.lowerBound * width..<rows.upperBound * width {
                            var squares: Float = 0
                            for channel in 0..<channels {
                                let difference = image[channel * count + pixel] - other[channel * count + pixel]
                                squares += difference * difference
                            }
                            target[pixel] /= 1 + scale * squares
                        }
                    }
                }
            }
        }
    }
}
